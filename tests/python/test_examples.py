"""The examples of the documentation run as they stand."""
import os
import pathlib
import subprocess
import sys

import hawser
from contract.peer import Peer

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "python"
PATH = hawser.__path__[0].rsplit("/", 1)[0]


def run(name, *arguments):
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments], capture_output=True,
        text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": PATH})
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_reconnecting():
    def restart(conn):
        conn.accept().recv_until(1)
        conn.text("first")
        conn.farewell(1012, b"restart")

    def stay(conn):
        conn.accept().recv_until(1)
        conn.text("last")
        conn.polite()
    server = Peer(restart, stay)
    try:
        assert run("reconnecting.py", server.url) == [
            "message first", "error WebSocketConnectionClosedException",
            "message last", "close None None"]
    finally:
        server.close()


def test_stream():
    def restart(conn):
        conn.accept().recv_until(1)
        conn.text("first")
        conn.reset()

    def stay(conn):
        conn.accept().recv_until(1)
        conn.text("last")
        conn.polite()
    server = Peer(restart, stay)
    try:
        lines = run("stream.py", server.url)
    finally:
        server.close()
    assert [line for line in lines if line.startswith("message")] == [
        "message first", "message last"]
    downs = [line for line in lines if line.startswith("down: ")]
    assert len(downs) == 2 and "reset" in downs[0]
    assert lines[-1] == "state stopped"


def test_batches():
    def once(conn):
        conn.accept().recv_until(1)
        conn.text("first")
        conn.text("last")
        conn.polite()
    server = Peer(once)
    try:
        assert run("batches.py", server.url) == [
            "5 bytes: b'first'", "4 bytes: b'last'",
            "down: closed by this side, peer's code 1000",
            "messages: 2"]
    finally:
        server.close()
