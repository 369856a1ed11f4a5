"""Programs that were written for websocket-client and rel, not changed by a
letter, with hawser in their place."""
import os
import subprocess
import sys
import textwrap

import pytest

import hawser

PATH = hawser.__path__[0].rsplit("/", 1)[0]

ECHO = """
import sys
import rel
import websocket
from websocket._app import WebSocketApp
from websocket import ABNF, WebSocketException

def on_open(app):
    app.send("ping")

def on_message(app, message):
    print(message, sys.argv[1:], __name__, websocket.WebSocketApp.__module__)
    app.close()
    rel.abort()

app = WebSocketApp(sys.argv[1], on_open=on_open, on_message=on_message)
app.run_forever(dispatcher=rel, reconnect=5)
rel.signal(2, rel.abort)
rel.dispatch()
"""


def python(*arguments, cwd=None, stdin=None):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True,
        timeout=60, check=False, cwd=cwd, input=stdin,
        env={**os.environ, "PYTHONPATH": PATH})


@pytest.fixture
def script(tmp_path):
    def write(text, name="program.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path
    return write


def said(url, *more):
    return f"ping {[url, *more]} __main__ hawser.websocket._app\n"


def test_a_script(serve, script):
    url = serve("echo").url
    done = python("-m", "hawser", script(ECHO), url, "--more")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == said(url, "--more")


def test_a_module_of_the_present_folder(serve, script):
    url = serve("echo").url
    path = script(ECHO, "its_module.py")
    done = python("-m", "hawser", "-m", "its_module", url, cwd=path.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == said(url)


def test_code_and_standard_input(serve):
    url = serve("echo").url
    done = python("-m", "hawser", "-c", ECHO, url)
    assert (done.returncode, done.stdout) == (0, said(url)), done.stderr
    done = python("-m", "hawser", "-", url, stdin=ECHO)
    assert (done.returncode, done.stdout) == (0, said(url)), done.stderr


def test_a_script_finds_its_neighbours(script):
    script("NAME = 'beside'\n", "neighbour.py")
    done = python("-m", "hawser", script("""
        import neighbour
        print(neighbour.NAME)
        """), cwd="/")
    assert (done.returncode, done.stdout) == (0, "beside\n"), done.stderr


def test_exit_codes_and_tracebacks_are_the_programs(script):
    assert python("-m", "hawser", script("raise SystemExit(7)")
                  ).returncode == 7
    done = python("-m", "hawser", script("1 / 0"))
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert 'program.py", line 1' in done.stderr


@pytest.mark.parametrize("arguments, why", [
    ([], "no program is given"),
    (["-m"], "option '-m' needs an argument"),
    (["-x"], "no option '-x'"),
    (["/nowhere.py"], "cannot open '/nowhere.py': No such file"),
])
def test_bad_options_say_what_is_wrong(arguments, why):
    done = python("-m", "hawser", *arguments)
    assert done.returncode == 2
    assert why in done.stderr and "usage: python -m hawser" in done.stderr


def test_every_submodule_is_the_same_module():
    done = python("-c", """
import hawser
hawser.install()
hawser.install()
import websocket._http, websocket._abnf as abnf, rel.rel
import hawser.websocket as ours
assert websocket is ours and websocket._http is ours._http
assert abnf.ABNF is websocket.ABNF
assert rel is hawser.rel and rel.rel is hawser.rel.rel
try:
    import websocket._nothing
except ImportError:
    print("good")
""")
    assert (done.stdout, done.stderr) == ("good\n", "")


def test_who_comes_too_late_is_told(script):
    script("__version__ = '0.1'\n", "websocket.py")
    done = python("-c", """
import websocket, hawser
try:
    hawser.install()
except ImportError as error:
    print(error.name, error)
print("rel" in __import__("sys").modules, websocket.__version__)
""", cwd=script("").parent)
    assert done.stderr == ""
    told, state = done.stdout.splitlines()
    assert told.startswith("websocket 'websocket' 0.1 (")
    assert "imported before hawser.install()" in told
    assert state == "False 0.1"
