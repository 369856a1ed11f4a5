"""The Python package as others get it: an sdist, a wheel made from that, and
the wheel in a virtual environment."""
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
LIMIT = 280  # seconds; the library is compiled anew

# Asked for without importing: setuptools must come before distutils.
for name in ("pip", "setuptools", "wheel"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed", allow_module_level=True)

TRY = """
import hawser, hawser.websocket, hawser.rel
assert "site-packages" in hawser.__file__, hawser.__file__
hawser.EventLoop().turn(0)
print(hawser.__version__)
"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True,
                          timeout=LIMIT, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy, for setuptools writes beside what it reads."""
    copy = tmp_path_factory.mktemp("tree") / "hawser"
    listed = run("git", "-C", str(ROOT), "ls-files", "-co",
                 "--exclude-standard").splitlines() \
        if (ROOT / ".git").exists() else None
    if listed is None:
        shutil.copytree(ROOT, copy,
                        ignore=shutil.ignore_patterns("build", ".git"))
        return copy
    for name in listed:
        if not (ROOT / name).is_file():
            continue
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def sdist(tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    run(sys.executable, "setup.py", "-q", "sdist", "-d", folder, cwd=tree)
    return next(folder.iterdir())


def test_wheel_of_the_sdist_works_where_it_is_installed(sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked")
    source = next((tmp_path / "unpacked").iterdir())
    run(sys.executable, "-m", "pip", "wheel", "--no-build-isolation",
        "--no-deps", "--no-index", "-q", "-w", tmp_path, source)
    wheel = next(tmp_path.glob("hawser-*.whl"))
    site = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", site)
    run(sys.executable, "-m", "pip", "--python", site / "bin" / "python",
        "install", "--no-deps", "--no-index", "-q", wheel)
    assert run(site / "bin" / "python", "-c", TRY).strip()
    assert "ws_url" in run(site / "bin" / "wsdump", "--help")
