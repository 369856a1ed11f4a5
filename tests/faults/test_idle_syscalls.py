"""System calls of an idle connected client, counted by strace from outside.

A client with the default ping of 15 s is watched for ten seconds: no more
than five calls. With a window of your own: HAWSER_IDLE_SECONDS.
"""
import os
import re
import shutil
import subprocess

import pytest

HAWSER = os.environ["HAWSER"]
SECONDS = os.environ.get("HAWSER_IDLE_SECONDS", "10")
CALLS_MAX = 5
STRACE = shutil.which("strace")


@pytest.fixture
def client():
    """A client that is up on a server that says nothing."""
    server = subprocess.Popen([HAWSER, "serve", "echo", "--quiet"],
                              stdout=subprocess.PIPE, text=True)
    url = re.search(r"ws://\S+", server.stdout.readline())[0]
    tail = subprocess.Popen([HAWSER, "tail", url], stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, text=True)
    assert "up" in tail.stderr.readline()
    yield tail
    for process in tail, server:
        process.terminate()
        process.wait(20)
    tail.stderr.close()
    server.stdout.close()


def count_calls(table):
    """The total of `strace -c`, 0 when it saw none."""
    total = re.search(r"^100.00 +\S+ +\S* +(\d+) .*total$", table, re.M)
    return int(total[1]) if total else 0


@pytest.mark.skipif(not STRACE, reason="no strace on this machine")
def test_idle_client_makes_few_system_calls(client, tmp_path):
    table = tmp_path / "calls"
    watch = subprocess.run(
        ["timeout", "--signal=INT", SECONDS, STRACE, "-f", "-c",
         "-o", table, "-p", str(client.pid)],
        stderr=subprocess.PIPE, text=True, check=False)
    if "ttach" in watch.stderr and not table.exists() or \
            "not permitted" in watch.stderr:
        pytest.skip("strace may not attach here: " + watch.stderr.strip())
    assert client.poll() is None
    text = table.read_text()
    print(text)
    assert count_calls(text) <= CALLS_MAX, text


def test_total_of_strace_is_found():
    text = ("% time     seconds  usecs/call     calls    errors syscall\n"
            "------ ----------- ----------- --------- --------- ---------\n"
            " 80.00    0.000010           1        11         2 read\n"
            "100.00    0.000012           1        13         2 total\n")
    assert count_calls(text) == 13
    assert count_calls("") == 0
