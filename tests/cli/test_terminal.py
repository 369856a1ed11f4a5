"""On a terminal: colours and redrawing, and neither where unwanted."""
import os
import pty
import re
import subprocess
import tempfile

import pytest

from conftest import HAWSER, LIMIT


def on_terminal(*arguments, env=None):
    """Run on a pseudo terminal; everything that was written to it."""
    clean = {key: value for key, value in os.environ.items()
             if key != "NO_COLOR"}
    ours, theirs = pty.openpty()
    with subprocess.Popen([HAWSER, *map(str, arguments)], stdin=theirs,
                          stdout=theirs, stderr=theirs,
                          env=dict(clean, **(env or {}))) as child:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the last holder of the terminal left
                break
            if not part:
                break
            seen += part
        code = child.wait(LIMIT)
    os.close(ours)
    return code, seen.decode()


def test_marks_are_coloured_and_peers_are_not(say):
    code, seen = on_terminal("tail", "--count", 1, say("\x1b[31mred").url)
    assert code == 0
    assert "\x1b[32m-- up: " in seen
    assert r"\x1b[31mred" in seen and "\x1b[31mred" not in seen


@pytest.mark.parametrize("env, coloured", [
    ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_no_color_is_heeded(say, env, coloured):
    code, seen = on_terminal("tail", "--count", 1, say("x").url, env=env)
    assert code == 0 and ("\x1b[" in seen) == coloured


def test_pipes_are_never_coloured(say, run):
    done = run("tail", "--count", 1, say("x").url)
    assert "\x1b" not in done.out + done.err


def test_demo_draws_over_itself_within_the_screen():
    code, seen = on_terminal("demo", "--for", "1500ms",
                             "--kill-every", "500ms")
    assert code == 0
    assert "\x1b[9A" in seen or "\x1b[8A" in seen
    rows = seen.replace("\r", "").split("\n")
    bare = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", row) for row in rows]
    assert max(map(len, bare)) < 80


def test_terminal_without_colours_still_draws():
    code, seen = on_terminal("demo", "--for", "800ms",
                             env={"NO_COLOR": "1"})
    assert code == 0 and "\x1b[2K" in seen and "\x1b[32m" not in seen


def test_input_typed_at_a_terminal_is_sent(peer):
    heard = []

    async def handler(connection):
        async for message in connection:
            heard.append(message)
            await connection.close(1000)
    ours, theirs = pty.openpty()
    server = peer(handler)
    with tempfile.TemporaryFile() as told, subprocess.Popen(
            [HAWSER, "send", server.url], stdin=theirs, stdout=told,
            stderr=told) as child:
        os.write(ours, b"typed\n\x04")
        assert child.wait(LIMIT) in (0, 1)
    os.close(ours)
    os.close(theirs)
    server.stop()
    assert heard == ["typed"]
