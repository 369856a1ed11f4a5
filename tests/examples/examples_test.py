"""The examples do what their first comment says: they talk to each other."""

import os
import pathlib
import signal
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
