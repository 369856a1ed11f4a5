"""echo: every data message comes back unchanged."""
import os
import signal

import websockets


def echoes(peer, messages, code=1000, **options):
    """A peer that sends each message, takes its echo, and closes."""
    came = []

    async def handler(connection):
        for message in messages:
            await connection.send(message)
            came.append(await connection.recv())
        await connection.close(code)
    return peer(handler, **options), came


def test_messages_of_all_kinds_come_back(peer, run):
    messages = ["", "text \u00e9\U0001f600", b"", bytes(range(256)), "x" * 125,
                "x" * 126, b"y" * 65535, b"y" * 65536]
    server, came = echoes(peer, messages)
    done = run("echo", server.url)
    assert done.code == 0 and came == messages
    assert f"-- {len(messages)} messages echoed" in done.err


def test_message_beyond_every_limit_comes_back(peer, run):
    """24 MiB: above the library's limit for messages and the send queue's."""
    messages = [os.urandom(24 << 20), "\u4e2d" * (8 << 20)]
    server, came = echoes(peer, messages)
    done = run("echo", "--quiet", server.url)
    assert (done.code, done.err) == (0, "") and came == messages


def test_fragments_come_back_as_one_message(peer, run):
    came = []

    async def handler(connection):
        await connection.send(["one ", "two ", "", "three"])
        came.append(await connection.recv())
        await connection.send([b"\x00" * 70000, b"\x01" * 70000])
        came.append(await connection.recv())
    assert run("echo", peer(handler).url).code == 0
    assert came == ["one two three", b"\x00" * 70000 + b"\x01" * 70000]


def test_flood_that_is_read_late_is_held_back_and_whole(peer, run):
    """64 MiB are offered before the first echo is read."""
    count, came = 1024, []

    async def handler(connection):
        sender = connection.loop.create_task(send_all(connection))
        for _ in range(count):
            came.append(len(await connection.recv()))
        await sender

    async def send_all(connection):
        for _ in range(count):
            await connection.send(b"z" * 65536)
    done = run("echo", peer(handler, max_queue=1).url)
    assert done.code == 0 and came == [65536] * count
    assert f"-- {count} messages echoed, 64.0 MiB" in done.err


def test_messages_of_all_sizes_come_back_over_tls(peer, run, certs):
    messages = ["", "text \u00e9", b"\x00" * 126, b"y" * 65536,
                os.urandom(24 << 20), "last"]
    server, came = echoes(peer, messages, certs=certs)
    done = run("echo", "--ca-file", certs["ca"], server.url)
    assert done.code == 0 and came == messages
    assert "-- up: wss://" in done.err
    assert f"-- {len(messages)} messages echoed" in done.err


def test_peer_that_cannot_prove_its_name_gets_nothing(peer, run, certs):
    server, came = echoes(peer, ["secret"], certs=certs)
    done = run("echo", server.url)
    assert done.code != 0 and came == []
    assert "certificate" in done.err and "-- 0 messages echoed" in done.err


def test_unclean_end_is_a_failure(peer, run):
    async def handler(connection):
        connection.transport.abort()
    done = run("echo", peer(handler).url)
    assert done.code == 1 and "-- down: " in done.err


def test_close_for_an_error_is_a_failure(peer, run):
    server, came = echoes(peer, ["last"], code=1011)
    assert run("echo", server.url).code == 1 and came == ["last"]


def test_reconnect_goes_on_echoing(peer, start):
    came = []

    async def handler(connection):
        await connection.send(f"connection {len(came) + 1}")
        came.append(await connection.recv())
        if len(came) == 1:
            await connection.close(1012)
        await connection.wait_closed()
    program = start("echo", "--reconnect", peer(handler).url)
    program.err.until("-- up: ")
    program.err.until("-- down: ")
    program.err.until("-- up: ")


def test_interrupt_closes_in_order(peer, start):
    codes = []

    async def handler(connection):
        await connection.send("hello")
        await connection.recv()
        try:
            await connection.recv()
        except websockets.ConnectionClosed as closed:
            codes.append(closed.code)
    server = peer(handler)
    program = start("echo", server.url)
    program.err.until("-- up: ")
    assert program.interrupt(signal.SIGINT).end() == 130
    server.stop()
    assert codes in ([1001], [])
