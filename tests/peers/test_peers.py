"""Every size both ways, control frames both ways, and a server that dies."""
import json

import pytest

SIZES = [0, 125, 126, 65535, 65536]  # and 4 MiB in test_big.py


@pytest.mark.parametrize("kind", ["text", "binary"])
@pytest.mark.parametrize("size", SIZES)
def test_a_thousand_messages_come_back_unchanged(server, drive, kind, size):
    report = drive("exchange", server.url, kind, size, 1000)
    assert report["sent"] == report["received"] == 1000
    server.closed("1000 done")


def test_pings_and_closes_work_both_ways(server, drive):
    report = drive("control", server.url)
    assert report["pings"] == 1 and report["ponged"]
    assert report["pongs"] == 1
    assert report["received_code"] == report["sent_code"] == 4001


def test_a_burst_is_read_in_few_calls(server, drive):
    report = drive("feed", server.url, 5000)
    assert report["received"] == 5000


def test_a_killed_server_is_taken_up_again_with_its_openings(
        server, hawser, ca_file):
    tail = hawser("tail", server.url, "--json", "--on-open", "first",
                  "--on-open", "second", "--ca-file", ca_file)

    def text_is(wanted):
        return lambda line: line.startswith("{") and \
            json.loads(line).get("text") == wanted

    tail.wait_for(text_is("second"))
    for _ in range(2):
        seen = len(tail.lines)
        server.kill()
        tail.wait_for(lambda line: "down" in line, seen)
        seen = len(tail.lines)
        server.start()
        tail.wait_for(text_is("first"), seen)
        tail.wait_for(text_is("second"), seen)


def test_what_the_peer_had_read_before_the_cut_is_answered(server, hawser,
                                                           ca_file):
    """Messages that the server read and answered before it cut are all
    handed out before the end is reported."""
    tail = hawser("tail", server.url, "--json", "--no-reconnect", "--on-open",
                  "!feed 500", "--on-open", "!close 1001 gone", "--ca-file",
                  ca_file)
    texts = []
    tail.wait_for(lambda line: "down" in line)
    for line in tail.lines:
        if line and line.startswith("{") and "text" in json.loads(line):
            texts.append(json.loads(line)["text"])
    assert texts == [str(i) for i in range(500)]
