"""Dispatchers measured, told to people and to programs. What is asserted is
the verdict and the shape of the figures, never how fast anything was."""
import signal
import threading

import pytest

from conftest import LIMIT

NO_FAULT = {"ok", "busy", "crowded"}


def pollers(run):
    line, = [line for line in run("version").lines
             if line.startswith("pollers")]
    return line.split()[1:]


def test_each_dispatcher_has_a_row_and_a_verdict(run):
    done = run("probe", "--for", "300ms")
    assert done.code == 0 and done.err == ""
    for poller in pollers(run):
        rows = [line for line in done.lines if line.startswith(poller + " ")]
        assert len(rows) >= 2 or "not here" in rows[0]
    assert max(map(len, done.lines[:2])) <= 100


def test_figures_are_an_object_for_programs(run):
    done = run("probe", "--for", "300ms", "--dispatcher", "poll", "--json",
               "--connections", "5")
    found, = done.objects
    assert done.code == 0
    assert found["for"] == 300 and found["connections"] == 5
    assert list(found["dispatchers"]) == ["poll"]
    poll = found["dispatchers"]["poll"]
    assert poll["verdict"] in NO_FAULT and poll["finished"]
    assert not {"loses", "sleeps", "spins"} & set(poll["findings"])
    assert poll["alone"] and poll["lost"] == 0 and poll["early"] == 0
    assert poll["delay"]["count"] >= 20 and poll["post"]["count"] >= 20
    assert poll["delay"]["min"] <= poll["delay"]["p50"] <= \
        poll["delay"]["p99"] <= poll["delay"]["max"]
    assert poll["calls_per_turn"] == 5
    assert poll["loaded"]["calls"] > 0 and poll["units_per_second"] > 0


def test_dispatcher_beside_a_real_feed(serve, run):
    server = serve("feed", "--rate", "2000")
    done = run("probe", server.url, "--for", "500ms", "--dispatcher", "poll",
               "--json")
    found, = done.objects
    assert done.code == 0 and found["url"] == server.url
    poll = found["dispatchers"]["poll"]
    assert not poll["alone"] and poll["verdict"] in NO_FAULT
    assert poll["feed"]["messages"] > 0
    assert poll["feed"]["messages_per_wakeup"] > 0
    assert "the feed: " in run("probe", server.url, "--for", "200ms",
                               "--dispatcher", "poll").out


def test_feed_that_is_not_there_is_a_failure(run):
    done = run("probe", "ws://127.0.0.1:1/", "--dispatcher", "poll")
    assert done.code == 1
    assert "cannot connect" in done.err


@pytest.mark.parametrize("number, code", [
    (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_the_measuring(start, peer, number, code):
    connected = threading.Event()

    async def handler(socket):
        connected.set()
        await socket.wait_closed()
    program = start("probe", peer(handler).url, "--for", "1h",
                    "--dispatcher", "poll")
    assert connected.wait(LIMIT)
    assert program.interrupt(number).end() == code
