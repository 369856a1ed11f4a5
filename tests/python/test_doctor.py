"""doctor: what is installed, and what of it is known to be bad."""
import json
import os
import subprocess
import sys

import pytest

import hawser
from hawser import doctor

PATH = hawser.__path__[0].rsplit("/", 1)[0]


@pytest.fixture
def ask(tmp_path):
    """Run the doctor where only these libraries are installed."""
    def run(*arguments, **libraries):
        for name, version in libraries.items():
            folder = tmp_path / f"{name}-{version}.dist-info"
            folder.mkdir()
            (folder / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return subprocess.run(
            [sys.executable, "-S", "-m", "hawser.doctor", *arguments],
            capture_output=True, text=True, timeout=60, check=False,
            cwd="/", env={**os.environ,
                          "PYTHONPATH": f"{tmp_path}{os.pathsep}{PATH}"})
    return run


@pytest.mark.parametrize("version, words", [
    ("0.4.8", "30 ms"), ("0.4.9.16", "30 ms"), ("0.4.9.17", "30 ms"),
    ("0.4.9.18", "0.6 ms"), ("0.4.9.27", "0.6 ms"), ("0.4.7", "0.3 ms"),
])
def test_rel_is_known_version_by_version(version, words):
    (grade, text), = doctor.judge("rel", version)
    assert words in text
    assert grade == (doctor.BAD if words == "30 ms" else doctor.POOR)


def test_nothing_is_said_of_what_is_not_known():
    assert doctor.judge("websockets", "12.0") == []
    assert doctor.judge("websocket-client", "1.7.0") == []
    assert doctor.judge("websocket-client", "1.9.1") == []


def test_bad_ones_are_named_and_fail(ask):
    done = ask(rel="0.4.9.17", websocket_client="1.9.0", websockets="12.0")
    assert done.returncode == 1
    assert "rel 0.4.9.17" in done.stdout and "30 ms" in done.stdout
    assert "websocket-client 1.9.0" in done.stdout
    assert "websockets 12.0" in done.stdout
    assert "python -m hawser PROGRAM" in done.stdout
    assert f"hawser {hawser.version()}" in done.stdout


def test_poor_ones_are_named_and_pass(ask):
    done = ask(rel="0.4.9.27")
    assert done.returncode == 0
    assert "poor: sleeps 0.6 ms" in done.stdout


def test_the_other_websocket_is_found_out(ask):
    done = ask(websocket="0.2.1")
    assert done.returncode == 1
    assert "takes the place of" in done.stdout


def test_json_has_it_all(ask):
    done = ask("--json", rel="0.4.9.17")
    sheet = json.loads(done.stdout)
    rel = [one for one in sheet["libraries"] if one["name"] == "rel"][0]
    assert rel["version"] == "0.4.9.17"
    assert rel["known"][0]["grade"] == "bad"
    assert set(sheet["modules"]) == {"websocket", "rel"}
    assert done.returncode == 1


def test_bad_options_are_refused(ask):
    done = ask("--loud")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no option '--loud'" in done.stderr
