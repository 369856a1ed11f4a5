"""top: what is on the screen, key by key, on terminals of several sizes."""
import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import urllib.request

import pytest
from conftest import HAWSER, LIMIT, Lines

pyte = pytest.importorskip("pyte")


class Terminal:
    """`hawser top` on a pseudo terminal, and what it shows there."""

    def __init__(self, *arguments, columns=80, lines=24, term="xterm",
                 locale="C.UTF-8"):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.ours, self.theirs = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [HAWSER, "top", *map(str, arguments)], stdin=self.theirs,
            stdout=self.theirs, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "TERM": term, "LC_ALL": locale})

    def resize(self, columns, lines):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ,
                    struct.pack("HHHH", lines, columns, 0, 0))

    def grow(self, columns, lines):
        """As a terminal does while it runs."""
        self.resize(columns, lines)
        self.screen.resize(lines, columns)
        self.process.send_signal(signal.SIGWINCH)

    @property
    def text(self):
        return "\n".join(self.screen.display)

    def until(self, *words, absent=()):
        """The screen has these words, and not those."""
        deadline = time.monotonic() + LIMIT
        while not (all(word in self.text for word in words)
                   and not any(word in self.text for word in absent)):
            left = deadline - time.monotonic()
            assert left > 0, f"no {words} without {absent} on\n{self.text}"
            if select.select([self.ours], [], [], left)[0]:
                self.stream.feed(os.read(self.ours, 65536))
        return self

    def press(self, keys):
        os.write(self.ours, keys.encode())
        return self

    def end(self):
        """The exit code, once it has ended."""
        deadline = time.monotonic() + LIMIT
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            if select.select([self.ours], [], [], 0.05)[0]:
                self.stream.feed(os.read(self.ours, 65536))
        return self.process.returncode

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def top():
    terminals = []

    def start(*arguments, **options):
        terminals.append(Terminal(*arguments, **options))
        one = terminals[-1]
        if select.select([one.process.stderr, one.ours], [], [], LIMIT)[0] \
                == [one.process.stderr]:
            why = one.process.stderr.readline()
            if "a build with ncurses" in why and one.process.wait() == 3:
                pytest.skip(why)
        return one
    yield start
    for one in terminals:
        one.close()


def test_connections_are_shown_and_left_in_order(serve, top):
    feed = serve("feed", "--rate", 200)
    screen = top("--lag", "/T:ns", feed.url, feed.url)
    screen.until("2 of 2 up", "verdict ok", "LAG P99", ">  1 up", "  2 up",
                 "last fault: none")
    assert "lag, lately" in screen.text
    assert screen.press("q").end() == 0
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_metrics_are_served_beside_the_view(serve, top):
    feed = serve("feed", "--rate", 200)
    screen = top("--metrics", "127.0.0.1:0", feed.url).until("1 of 1 up")
    screen.press("l").until("metrics: http://127.0.0.1:")
    base = re.search(r"metrics: (http://\S+)", screen.text).group(1)
    with urllib.request.urlopen(base + "health", timeout=LIMIT) as answer:
        assert answer.status == 200


def test_the_selection_moves_and_the_order_changes(serve, top):
    feed = serve("feed", "--rate", 50)
    screen = top(feed.url, feed.url).until(">  1 up", "[1] ws://")
    screen.press("j").until(">  2 up", "[2] ws://")
    screen.press("j").press("k").until(">  1 up")
    screen.press("\x1bOB").until(">  2 up")
    screen.press("s").until("by rate")
    screen.press("S").until("by rate, reversed")
    screen.press("?").until("pause or resume it", absent=["LAG P99"])
    screen.press("?").until("LAG P99")


def test_another_program_is_shown_and_acted_on(serve, top, tmp_path):
    door = tmp_path / "door"
    feed = serve("feed", "--rate", 200)
    program = subprocess.Popen(
        [HAWSER, "tail", "--lag", "/T:ns", "--control", door, feed.url,
         feed.url], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True)
    try:
        err = Lines(program.stderr)
        err.until("-- [1] up: ")
        err.until("-- [2] up: ")
        screen = top("--attach", door)
        screen.until("2 of 2 up", ">  1 up", "  2 up", "verdict ok",
                     "waits, in: kernel", "tcp: round trip", feed.url)
        screen.press("j").until(">  2 up")
        screen.press(" ").until(">  2 paused", "verdict app: paused")
        screen.press(" ").until(">  2 up")
        screen.press("l").press("p").until("[2] pong after")
        screen.press("r").until("[2] up: connection 2")
        screen.press("l").until("LAG P99")
    finally:
        program.kill()
        program.wait()
        err.rest()
        program.stderr.close()
    assert screen.end() == 3
    assert "went away" in screen.process.stderr.read()


@pytest.mark.parametrize("urls, code, why", [
    ([], 3, "cannot connect to"),
    (["ws://127.0.0.1/"], 2, "no URL goes with it"),
])
def test_what_cannot_be_attached_to_is_said(tmp_path, urls, code, why):
    done = subprocess.run([HAWSER, "top", "--attach", tmp_path / "none", *urls],
                          capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == code
    assert why in done.stderr


def test_pause_ping_and_reconnect(serve, top):
    feed = serve("feed", "--rate", 200)
    screen = top(feed.url).until(">  1 up")
    screen.press(" ").until(">  1 paused", "verdict app: paused")
    screen.press(" ").until(">  1 up", "verdict ok")
    screen.press("l").until("up: 127.0.0.1:", absent=["pong after"])
    screen.press("p").until("pong after")
    screen.press("r").until("down: ", "connection 2")
    screen.press("l").until("LAG P99")


def test_a_frozen_server_is_named_and_revived(serve, top):
    feed = serve("feed", "--rate", 200)
    screen = top("--lag", "/T:ns", feed.url).until("verdict ok")
    feed.interrupt(signal.SIGSTOP)
    screen.until("verdict peer", "no answer to a ping")
    feed.interrupt(signal.SIGCONT)
    screen.until("verdict ok")


def test_faults_are_told_and_cannot_drive_the_terminal(peer, top):
    async def handler(socket):
        await socket.close(4000, "\x1b[2Jcleared\u202e")
    screen = top("--no-reconnect", peer(handler).url)
    screen.until("0 of 1 up", "last fault: ", "stopped")
    assert "hawser top: " in screen.text


@pytest.mark.parametrize("columns, lines", [(80, 24), (200, 60), (60, 12)])
def test_every_size_has_its_whole_view(serve, top, columns, lines):
    feed = serve("feed", "--rate", 200)
    screen = top(feed.url, columns=columns, lines=lines)
    screen.until("1 of 1 up", "verdict", "p99 of network", "q quit")
    assert ("waits, in: kernel" in screen.text) == (lines > 12)


def test_it_follows_the_size_of_the_terminal(serve, top):
    screen = top(serve("feed", "--rate", 50).url).until("1 of 1 up", "q quit")
    screen.grow(40, 10)
    screen.until("needs 60 x 12, has 40 x 10")
    screen.grow(120, 30)
    screen.until("1 of 1 up", "q quit", "p99 of network")


def test_other_terminals_and_character_sets(serve, top):
    screen = top(serve("feed", "--rate", 200).url, term="vt100", locale="C")
    screen.until("1 of 1 up", "lag, lately")
    assert screen.text.isascii()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGHUP])
def test_signals_leave_the_terminal_as_it_was(serve, top, number):
    screen = top(serve("feed", "--rate", 50).url).until("1 of 1 up")
    screen.process.send_signal(number)
    assert screen.end() == 128 + number
    assert termios.tcgetattr(screen.theirs) == screen.before


def test_without_a_terminal_it_says_so(serve, run):
    done = run("top", serve("echo").url)
    assert done.code == 3
    assert "needs a terminal" in done.err


def test_an_unknown_terminal_is_a_clear_error(serve):
    screen = Terminal(serve("echo").url, term="no-such-terminal")
    try:
        assert screen.end() == 3
        assert "needs a terminal" in screen.process.stderr.read()
    finally:
        screen.close()


def test_an_idle_top_looks_once_a_second(peer, top):
    async def handler(socket):
        await asyncio.sleep(LIMIT)
    screen = top(peer(handler).url).until("1 of 1 up")
    assert screen.press("q").end() == 0
