"""The examples do what their first comment says: they talk to each other."""

import os
import pathlib
import signal
import socket
import subprocess

import pytest

FOLDER = pathlib.Path(os.environ["HAWSER_BUILD"]) / "examples"
PATIENCE = 20


def start(name, *words):
    return subprocess.Popen(
        [FOLDER / name, *words], text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture(name="server")
def echo_server():
    process = start("server_echo")
    process.url = process.stdout.readline().strip()
    yield process
    process.kill()
    process.communicate()


def interrupt(process):
    """Its exit status, and what it said, after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def test_sync_prints_the_answer_of_server_echo(server):
    answer = subprocess.run([FOLDER / "sync", server.url, "h\u00e4llo"],
                            capture_output=True, text=True, check=False,
                            timeout=PATIENCE)
    assert (answer.returncode, answer.stdout) == (0, "h\u00e4llo\n")
    assert answer.stderr == ""


def test_sync_names_the_fault_when_nobody_listens(server):
    interrupt(server)
    answer = subprocess.run([FOLDER / "sync", server.url, "hello"],
                            capture_output=True, text=True, check=False,
                            timeout=PATIENCE)
    assert answer.returncode == 1
    assert answer.stderr.startswith("sync: ")


def test_ticker_subscribes_measures_and_closes(server):
    ticker = start("ticker", server.url, '{"T":1}', "/T:ms")
    assert ticker.stderr.readline().startswith("up: 127.0.0.1:")
    assert "messages/s, lag p50" in ticker.stdout.readline()
    status, _, errors = interrupt(ticker)
    assert status == 0
    assert errors.startswith("down (close): ")


def test_minimal_tells_why_it_lost_its_server(server):
    minimal = start("minimal", server.url)
    # The server knows the client once both have said hello; its end is then
    # the client's close frame.
    sync = subprocess.run([FOLDER / "sync", server.url, "x"], check=True,
                          capture_output=True, timeout=PATIENCE)
    assert sync.stdout == b"x\n"
    interrupt(server)
    assert minimal.stderr.readline().startswith("down: ")
    minimal.kill()
    minimal.communicate()


def test_server_echo_ends_in_order_when_interrupted(server):
    ticker = start("ticker", server.url)
    assert ticker.stderr.readline().startswith("up: ")
    status, _, errors = interrupt(server)
    assert (status, errors) == (0, "")
    assert "1001" in ticker.stderr.readline()
    ticker.kill()
    ticker.communicate()


@pytest.mark.parametrize("pollers", ["epoll", "poll", "select",
                                     "kqueue,io_uring,poll"])
def test_loop_sends_back_each_line_on_every_poller(pollers):
    loop = start("loop", pollers)
    poller, port = loop.stdout.readline().split()
    assert poller in pollers.split(",")
    with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as guest:
        lines = guest.makefile("rwb")
        guest.sendall(b"one\ntwo\nthr")
        assert [lines.readline() for _ in range(2)] == [b"one\n", b"two\n"]
        guest.sendall(b"ee\n" + 100 * (99 * b"x" + b"\n"))
        assert lines.readline() == b"three\n"
        assert [lines.readline() for _ in range(100)] == 100 * [99 * b"x"
                                                                + b"\n"]
        # Too long for a line: it is sent away.
        guest.sendall(1024 * b"y")
        assert lines.readline() == b""
    status, _, errors = interrupt(loop)
    assert (status, errors) == (0, "loop: 0 lines\nloop: 103 lines\n")


def test_loop_names_a_poller_that_is_none():
    loop = start("loop", "epol")
    assert loop.communicate(timeout=PATIENCE) == (
        "", "loop: cannot make a loop on 'epol': no such poller\n")
    assert loop.returncode == 1


HOST_LOOPS = ["uv", "libevent", "ev", "glib", "sdevent", "own_loop"]


class Feed:
    """`hawser serve feed`, that can vanish and come back on its port."""

    def __init__(self):
        self.port = 0
        self.revive()

    def revive(self):
        self.process = subprocess.Popen(
            [FOLDER.parent / "cli/hawser", "serve", "feed", "--rate", "500",
             "--listen", f"127.0.0.1:{self.port}", "--quiet"], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.url = self.process.stdout.readline().split()[-1]
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])

    def vanish(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(name="feed")
def market_feed():
    feed = Feed()
    yield feed
    feed.vanish()


def read_until(process, begin):
    """Read on to the first line that begins so."""
    for line in process.stdout:
        if line.startswith(begin):
            return
    raise AssertionError(f"ended before '{begin}'")


@pytest.mark.parametrize("name", HOST_LOOPS)
def test_client_on_host_loop_outlives_its_feed(feed, name):
    if not (FOLDER / name).exists():
        pytest.skip(f"the host loop of '{name}' is not installed")
    client = start(name, feed.url)
    for _ in range(3):
        read_until(client, "up: 127.0.0.1:")
        for _ in range(50):
            assert client.stdout.readline().startswith("{")
        feed.vanish()
        read_until(client, "down: ")
        feed.revive()
    read_until(client, "up: 127.0.0.1:")
    status, out, errors = interrupt(client)
    assert (status, errors) == (0, "")
    assert out.rstrip().splitlines()[-1].startswith("down: ")
