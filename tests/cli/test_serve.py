"""serve: echo, feed and firehose, and how they end."""
import asyncio
import json
import re
import signal
import time

import pytest
import websockets

from conftest import LIMIT


def talk(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, LIMIT))


def connect(server, **options):
    return websockets.connect(server.url, max_size=None, compression=None,
                              close_timeout=0.2, **options)


def test_echo_sends_everything_back(serve):
    server = serve()
    messages = ["", "text \u00e9", b"", bytes(70000), "x" * (4 << 20)]

    async def client():
        async with connect(server) as socket:
            for message in messages:
                await socket.send(message)
                assert await socket.recv() == message
            await (await socket.ping())
    talk(client())
    told = server.err.until(" down: ")
    assert "sent 5 " in told and "received 5 " in told
    assert server.interrupt().end() == 0
    assert server.err.seen[-1] == "-- 1 client served"


def test_echo_survives_a_client_that_reads_late(serve):
    server = serve("echo", "--queue", "1m")

    async def client():
        async with connect(server, max_queue=1) as socket:
            async def send_all():
                for _ in range(512):
                    await socket.send(b"q" * 65536)
            sender = asyncio.create_task(send_all())
            for _ in range(512):
                assert len(await socket.recv()) == 65536
            await sender
    talk(client())


def test_echo_refuses_what_is_too_large(serve):
    server = serve("echo", "--max-size", "64k")

    async def client():
        async with connect(server) as socket:
            await socket.send("x" * 65537)
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            return socket.close_code
    assert talk(client()) == 1009


def test_feed_is_numbered_stamped_and_the_same_for_a_seed(serve):
    async def client(server):
        async with connect(server) as socket:
            seen = [json.loads(await socket.recv()) for _ in range(200)]
            drop(socket)
            return seen
    before = time.time_ns()
    first = talk(client(serve("feed", "--rate", 2000, "--seed", 7)))
    after = time.time_ns()
    second = talk(client(serve("feed", "--rate", 2000, "--seed", 7)))
    other = talk(client(serve("feed", "--rate", 2000, "--seed", 8)))
    assert [one["s"] for one in first] == list(range(1, 201))
    stamps = [one["T"] for one in first]
    assert stamps == sorted(stamps)
    assert before <= stamps[0] and stamps[-1] <= after

    def without_time(messages):
        return [{key: value for key, value in one.items() if key not in "TE"}
                for one in messages]
    assert without_time(first) == without_time(second)
    assert without_time(first) != without_time(other)


def test_feed_keeps_its_rate_by_schedule(serve):
    """The event times tell the rate whatever this machine is busy with."""
    async def client():
        async with connect(serve("feed", "--rate", 5000)) as socket:
            stamps = [json.loads(await socket.recv())["T"]
                      for _ in range(10_000)]
            drop(socket)
            return 9_999 / (stamps[-1] - stamps[0]) * 1e9
    assert 4000 < talk(client()) < 6000


def drop(*sockets):
    """Leave without a word: a client that stopped reading cannot take part
    in a closing handshake."""
    for socket in sockets:
        socket.transport.abort()


def test_feed_says_the_same_to_everybody(serve):
    server = serve("feed", "--rate", 500)

    async def client():
        async with connect(server) as one, connect(server) as other:
            first = json.loads(await other.recv())["s"]
            while True:
                message = await one.recv()
                if json.loads(message)["s"] == first + 1:
                    theirs = await other.recv()
                    drop(one, other)
                    return message, theirs
    mine, theirs = talk(client())
    assert mine == theirs


def test_feed_rests_while_nobody_listens(serve):
    server = serve("feed", "--rate", 5000)

    async def client():
        async with connect(server, max_queue=None) as socket:
            return json.loads(await socket.recv())["s"]
    assert talk(client()) == 1
    told = server.err.until(" down: ")
    # A machine that is busy may leave some in the queue at the end.
    numbers = re.search(r"; sent (\d+) .*, dropped or unsent (\d+)$", told)
    assert talk(client()) == sum(map(int, numbers.groups())) + 1


def test_slow_client_loses_messages_but_not_the_server(serve):
    server = serve("feed", "--rate", 100000, "--queue", "64k",
                   "--when-full", "drop-oldest")

    async def client():
        async with connect(server, max_queue=1, read_limit=1024) as slow:
            last = 0
            async with connect(server, max_queue=None) as quick:
                while last < 100_000:
                    last = json.loads(await quick.recv())["s"]
                drop(quick)
            seen = [json.loads(await slow.recv())["s"] for _ in range(20_000)]
            drop(slow)
            return seen
    seen = talk(client())
    assert seen == sorted(set(seen))
    assert seen[-1] - seen[0] + 1 > len(seen)
    told = [server.err.until(" down: ") for _ in range(2)]
    dropped = [int(one.rsplit(" ", 1)[1]) for one in told]
    assert max(dropped) > 0


def test_slow_client_is_closed_when_asked_for(serve):
    server = serve("feed", "--rate", 100000, "--queue", "64k",
                   "--when-full", "close")

    async def client():
        async with connect(server, max_queue=1, read_limit=1024):
            while True:
                line = await asyncio.to_thread(server.err.next)
                if " down: " in line:
                    return line
    assert "full" in talk(client())


def test_firehose_sends_what_the_client_takes(serve):
    server = serve("firehose", "--size", 1000)

    async def client():
        async with connect(server) as socket:
            for _ in range(20_000):
                message = await socket.recv()
                assert len(message) == 1000
            drop(socket)
    talk(client())


def test_subprotocol_of_the_server_is_chosen(serve):
    server = serve("echo", "--subprotocol", "v2", "--subprotocol", "v1")

    async def client():
        async with connect(server, subprotocols=["v0", "v1"]) as socket:
            return socket.subprotocol
    assert talk(client()) == "v1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_closes_every_client_in_order(serve, number):
    server = serve("feed")

    async def client():
        # Without a limit to their queues, or a full one hides the close.
        async with connect(server, max_queue=None) as one, \
                connect(server, max_queue=None) as two:
            await one.recv()
            await two.recv()
            server.interrupt(number)
            await one.wait_closed()
            await two.wait_closed()
            return one.close_code, two.close_code
    assert talk(client()) == (1001, 1001)
    assert server.end() == 0
    assert server.err.seen[-1] == "-- 2 clients served"


def test_for_ends_the_server(serve):
    assert serve("echo", "--for", "100ms").end() == 0


def test_quiet_server_says_its_url_only(serve):
    server = serve("echo", "--quiet")

    async def client():
        async with connect(server):
            pass
    talk(client())
    assert server.interrupt().end() == 0
    assert server.out.seen == [f"listening on {server.url}"]
    assert server.err.seen == []


def test_every_dispatcher_serves(serve, run):
    for name in ("epoll", "poll", "select"):
        server = serve("feed", "--dispatcher", name)
        done = run("tail", "--dispatcher", name, "--count", 50, server.url)
        assert done.code == 0 and len(done.lines) == 50


def test_ipv6_is_written_in_brackets(serve, run):
    server = serve("feed", "--listen", "[::1]:0")
    assert server.url.startswith("ws://[::1]:")
    assert run("tail", "--count", 1, server.url).code == 0


def test_serve_compresses_unless_told_not_to(serve):
    async def offered(server):
        async with websockets.connect(server.url) as socket:
            await socket.send("a" * 1000)
            assert await socket.recv() == "a" * 1000
            return "Sec-WebSocket-Extensions" in socket.response_headers
    assert talk(offered(serve()))
    assert not talk(offered(serve("echo", "--no-compression")))
