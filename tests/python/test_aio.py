"""connect(): the asyncio face, on asyncio's own loop and on uvloop."""
import asyncio
import collections
import contextlib
import gc
import threading
import weakref

import pytest

import hawser
from conftest import RECONNECTS
from contract.peer import Peer

LIMIT = max(20, RECONNECTS / 50)

QUICK = {"retry_delay_min": 0.001, "retry_delay_max": 0.02}


def loops():
    yield pytest.param(asyncio.new_event_loop, id="asyncio")
    try:
        import uvloop
        yield pytest.param(uvloop.new_event_loop, id="uvloop")
    except ImportError:
        yield pytest.param(None, id="uvloop", marks=pytest.mark.skip(
            reason="uvloop is not installed"))


@pytest.fixture(params=list(loops()))
def run(request):
    """Run a coroutine to its end on a loop of its own; it must leave nothing
    behind there."""
    loop = request.param()

    def run_coroutine(coroutine):
        return loop.run_until_complete(asyncio.wait_for(coroutine, LIMIT))
    complaints = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    yield run_coroutine
    assert not complaints
    assert not asyncio.all_tasks(loop)
    loop.close()


@pytest.fixture
def peer():
    peers = []

    def start(*scripts):
        peers.append(Peer(*scripts))
        return peers[-1].url
    yield start
    for one in peers:
        one.close()


def saying(*messages, then=lambda conn: conn.polite()):
    def script(conn):
        conn.accept()
        for message in messages:
            conn.text(message)
        then(conn)
    return script


def test_messages_come_and_go(serve, run):
    async def main():
        async with hawser.connect(serve("echo").url) as ws:
            await ws.send("text")
            await ws.send(b"bytes")
            await ws.send(b"as text", hawser.TEXT)
            assert await ws.recv() == "text"
            assert await ws.recv() == b"bytes"
            assert await ws.recv() == "as text"
            assert ws.state == "up" and ws.snapshot()["messages_out"] == 3
        assert ws.state == "stopped"
        with pytest.raises(hawser.Error):
            await ws.send("late")
        with pytest.raises(hawser.Error):
            await ws.recv()
    run(main())


def test_await_gives_the_connection_too(serve, run):
    async def main():
        ws = await hawser.connect(serve("echo").url)
        assert 0 < await ws.ping(b"x") < LIMIT
        await ws.close()
        await ws.close()
    run(main())


def test_iteration_ends_with_a_close_frame(peer, run):
    url = peer(saying("a", "b", then=lambda conn: conn.farewell(1000)))

    async def main():
        async with hawser.connect(url, retry=False) as ws:
            assert [message async for message in ws] == ["a", "b"]
    run(main())


def test_iteration_raises_what_ended_it_otherwise(peer, run):
    url = peer(saying("a", then=lambda conn: conn.reset()))

    async def main():
        got = []
        async with hawser.connect(url, retry=False) as ws:
            with pytest.raises(hawser.Error) as error:
                async for message in ws:
                    got.append(message)
            assert error.value is ws.fault
        return got
    run(main())


def test_iteration_goes_on_over_reconnects(peer, run):
    url = peer(saying("a", then=lambda conn: conn.reset()),
               saying("b", then=lambda conn: conn.farewell(1012)),
               saying("c"))

    async def main():
        got, events = [], []
        async with hawser.connect(
                url, on_event=lambda *event: events.append(event[0]),
                **QUICK) as ws:
            async for message in ws:
                got.append(message)
                if message == "c":
                    break
        assert got == ["a", "b", "c"]
        assert events.count("up") == 3 and events.count("down") == 3
    run(main())


def test_a_send_waits_for_the_next_connection(peer, run):
    heard = []

    def listen(conn):
        conn.accept()
        heard.append(conn.recv()[1])
        conn.text("heard")
        conn.polite()
    url = peer(saying("go", then=lambda conn: conn.reset()), listen)

    async def main():
        async with hawser.connect(url, **QUICK) as ws:
            assert await ws.recv() == "go"
            while ws.state == "up":
                await asyncio.sleep(0)
            await ws.send("after all")
            assert await ws.recv() == "heard"
    run(main())
    assert heard == [b"after all"]


def test_a_first_attempt_that_fails_is_raised(run):
    async def main():
        with pytest.raises(hawser.Error) as error:
            await hawser.connect("ws://127.0.0.1:1/")
        assert error.value.status == "connect"
        with pytest.raises(hawser.Error):
            async with hawser.connect("not a url"):
                pass
    run(main())


def test_patience_waits_for_the_server(peer, run):
    def refuse(conn):
        conn.reset()
    url = peer(refuse, refuse, saying("at last"))

    async def main():
        async with hawser.connect(url, patient=True, **QUICK) as ws:
            assert await ws.recv() == "at last"
    run(main())


def test_a_cancelled_recv_loses_nothing(serve, run):
    async def main():
        async with hawser.connect(serve("echo").url) as ws:
            for number in range(200):
                reader = asyncio.ensure_future(ws.recv())
                await asyncio.sleep(0)
                await ws.send(str(number))
                for _ in range(number % 7):
                    await asyncio.sleep(0)
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    assert await reader == str(number)
                    continue
                assert await ws.recv() == str(number)
    run(main())


def test_a_cancelled_connect_leaves_nothing(peer, run):
    gone = threading.Event()

    def mute(conn):
        conn.read_request()
        conn.until_end()
        gone.set()
    url = peer(mute)

    async def main():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(hawser.connect(url), 0.2)
    run(main())
    assert gone.wait(LIMIT)


def test_many_readers_share_the_messages(peer, run):
    url = peer(saying(*map(str, range(100))))

    async def main():
        async with hawser.connect(url) as ws:
            got = await asyncio.gather(*(ws.recv() for _ in range(100)))
        assert got == [str(number) for number in range(100)]
    run(main())


def test_who_does_not_receive_stops_the_reading(serve, run):
    url = serve("firehose", "--size", 1000).url

    async def main():
        async with hawser.connect(url, queue_max=50) as ws:
            await ws.recv()
            before = -1
            while before != (now := ws.snapshot()["messages_in"]):
                before = now
                await asyncio.sleep(0.05)
            for _ in range(before):
                await ws.recv()  # and then those that were not read before
            assert ws.snapshot()["messages_in"] > before
        return before
    assert run(main()) < 50000


def test_a_full_queue_makes_senders_wait(serve, run):
    message = b"x" * 100000

    async def main():
        async with hawser.connect(serve("echo").url, send_queue_max=400000,
                                  send_queue_high=300000,
                                  send_queue_low=100000) as ws:
            async def send_all():
                for _ in range(100):
                    await ws.send(message)
            sender = asyncio.ensure_future(send_all())
            for _ in range(100):
                assert await ws.recv() == message
            await sender
            with pytest.raises(hawser.Error) as error:
                await ws.send(b"x" * 500000)
            assert error.value.status == "too-big"
    run(main())


def test_two_connections_share_a_loop_of_the_librarys(serve, run):
    async def main():
        url = serve("echo").url
        async with hawser.connect(url) as one, hawser.connect(url) as two:
            await one.send("1")
            await two.send("2")
            assert await two.recv() == "2"
            assert await one.recv() == "1"
    run(main())


def test_an_idle_connection_wakes_nobody(serve, run):
    async def main():
        async with hawser.connect(serve("echo").url) as ws:
            await ws.ping()
            before = ws._host.inner.stats()["turns"]
            await asyncio.sleep(0.5)
            return ws._host.inner.stats()["turns"] - before
    assert run(main()) <= 1


def test_callbacks_in_place_of_iteration(serve, run):
    async def main():
        got, done = [], asyncio.Event()

        def take(message):
            got.append(message)
            if len(got) < 100:
                ws.send_nowait(str(len(got)))
            else:
                done.set()
        async with hawser.connect(serve("echo").url, on_message=take) as ws:
            ws.send_nowait("0")
            await done.wait()
        assert got == [str(number) for number in range(100)]
        with pytest.raises(hawser.Error):
            ws.send_nowait("too late")
    run(main())


def test_batches_in_place_of_iteration(serve, run):
    async def main():
        got = []
        async with hawser.connect(serve("echo").url,
                                  on_messages=got.extend) as ws:
            for number in range(500):
                ws.send_nowait(str(number))
            while len(got) < 500:
                await ws.ping()
        assert got == [str(number) for number in range(500)]
    run(main())


def test_wait_closed_waits_for_the_end(peer, run):
    async def main():
        url = peer(saying("x", then=lambda conn: conn.farewell()))
        ws = await hawser.connect(url, retry=False)
        await ws.wait_closed()
        await ws.wait_closed()
        assert ws.state == "stopped"
        assert [message async for message in ws] == ["x"]
    run(main())


def test_a_next_that_nobody_awaits_gives_its_message_back(serve, run):
    async def main():
        async with hawser.connect(serve("echo").url) as ws:
            for number in range(3):
                await ws.send(str(number))
            while len(ws._inbox) < 3:
                await ws.ping()
            first = ws.__anext__()
            second = ws.__anext__()
            assert await second == "1"
            with pytest.raises(RuntimeError, match="awaited before"):
                await second
            del first, second
            assert [await ws.recv(), await ws.recv()] == ["0", "2"]
    run(main())


def test_a_timeout_of_a_next_loses_nothing(serve, run):
    async def main():
        async with hawser.connect(serve("echo").url) as ws:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(ws.__anext__(), 0.01)
            await ws.send("x")
            assert await asyncio.wait_for(ws.__anext__(), LIMIT) == "x"
    run(main())


def test_a_full_inbox_stops_reading_until_it_is_half_empty(serve, run):
    async def main():
        async with hawser.connect(serve("firehose").url,
                                  queue_max=100) as ws:
            while len(ws._inbox) < 100:
                await ws.ping()
            full = len(ws._inbox)
            for _ in range(full - 51):
                await ws.recv()
            assert ws.snapshot()["messages_in"] == full
            await ws.recv()
            while ws.snapshot()["messages_in"] == full:
                await ws.recv()
    run(main())


def test_a_connection_that_is_forgotten_is_collected(serve, run):
    async def main():
        ws = await hawser.connect(serve("firehose").url, queue_max=10)
        await ws.recv()
        await ws.close()
        return weakref.ref(ws)
    gone = run(main())
    gc.collect()
    assert gone() is None


def test_a_ping_ends_with_the_connection_that_it_went_out_on(peer, run):
    def lose(conn):
        conn.accept()
        conn.recv_until(9)
        conn.reset()
    url = peer(lose, saying("up again"))

    async def main():
        async with hawser.connect(url, **QUICK) as ws:
            with pytest.raises(hawser.Error):
                await ws.ping(b"?")
            assert await ws.recv() == "up again"
    run(main())


def test_pings_are_answered_and_their_end_is_told(peer, run):
    def mute(conn):
        conn.accept()
        conn.recv_until(9)
        conn.reset()
    url = peer(mute)

    async def main():
        ws = await hawser.connect(url, retry=False)
        with pytest.raises(hawser.Error):
            await ws.ping(b"?")
    run(main())


def test_an_exception_of_on_event_goes_to_asyncios_handler(serve, run):
    told = []

    def fail(kind, payload):
        del payload
        if kind == "up":
            raise RuntimeError("of the caller")

    async def main():
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: told.append(context["exception"]))
        async with hawser.connect(serve("echo").url, on_event=fail) as ws:
            await ws.send("still")
            assert await ws.recv() == "still"
    run(main())
    assert [str(one) for one in told] == ["of the caller"]


def test_what_was_closed_is_freed(serve, run):
    async def main():
        ws = await hawser.connect(serve("echo").url)
        await ws.close()
        return weakref.ref(ws)
    reference = run(main())
    gc.collect()
    assert reference() is None


def census():
    """Live objects that are not the peer's, which keeps its connections."""
    gc.collect()
    return collections.Counter(
        type(one).__name__ for one in gc.get_objects()
        if str(type(one).__module__).partition(".")[0] in (
            "hawser", "_asyncio", "asyncio")
        or isinstance(one, BaseException))


def test_objects_are_steady_over_reconnects(peer, run):
    url = peer(saying("x", then=lambda conn: conn.reset()))

    async def main():
        async with hawser.connect(url, retry_delay_min=0.001,
                                  retry_delay_max=0.001) as ws:
            for _ in range(20):
                await ws.recv()
            before = census()
            for _ in range(RECONNECTS):
                await ws.recv()
            return census() - before
    assert sum(run(main()).values()) < 10
