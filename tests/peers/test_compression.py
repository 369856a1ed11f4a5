"""Compression with the zlib of others: every size, both ways."""
import os

import pytest

from conftest import Server, commands

SIZES = [0, 1, 127, 128, 1000, 65535, 70000]


@pytest.fixture(params=["websockets", "aiohttp", "ws"])
def compressing(request):
    command, is_here, env = commands()[request.param]
    if not is_here():
        pytest.skip(f"{request.param} is not installed on this machine")
    env = dict(env or os.environ, PEER_COMPRESSION="1")
    server = Server(command, None, env)
    yield server
    server.end()


@pytest.mark.parametrize("kind", ["text", "binary"])
@pytest.mark.parametrize("size", SIZES)
def test_compressed_messages_come_back_unchanged(compressing, drive, kind,
                                                 size):
    report = drive("exchange", compressing.url, kind, size, 300)
    assert report["sent"] == report["received"] == 300
    if size >= 128:
        assert report["out_plain"] == 300 * size
        assert report["out_compressed"] < report["out_plain"] / 2
        assert report["in_inflated"] == 300 * size
        assert report["in_compressed"] < report["in_inflated"] / 2
    compressing.closed("1000 done")


def test_control_frames_pass_a_compressed_connection(compressing, drive):
    report = drive("control", compressing.url)
    assert report["pings"] == 1 and report["ponged"]
    assert report["received_code"] == report["sent_code"] == 4001


def test_compressed_feed_keeps_its_order(compressing, drive):
    report = drive("feed", compressing.url, 5000)
    assert report["received"] == 5000
