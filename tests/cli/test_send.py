"""send: from arguments or standard input, counted until it left."""
import asyncio
import os
import select
import subprocess

import websockets

MIB = 1 << 20


def listener(peer, pace=None, start=None, **options):
    """A peer that keeps what it hears, and the close code. It reads nothing
    before `start` is set."""
    heard = []

    async def handler(connection):
        if start:
            await start.wait()
        try:
            async for message in connection:
                heard.append(message)
                if pace:
                    await pace(connection)
        except websockets.ConnectionClosed:
            pass
        heard.append(connection.close_code)
    return peer(handler, max_queue=1, **options), heard


def test_arguments_are_sent_in_order(peer, run):
    server, heard = listener(peer)
    done = run("send", server.url, "one", "", "three \u00e9")
    server.stop()
    assert done.code == 0 and heard == ["one", "", "three \u00e9", 1000]
    assert "-- 3 messages sent, 0 not" in done.err


def test_binary_arguments(peer, run):
    server, heard = listener(peer)
    assert run("send", "--binary", "--quiet", server.url, "one").err == ""
    server.stop()
    assert heard == [b"one", 1000]


def test_lines_come_from_a_pipe(peer, run):
    server, heard = listener(peer)
    done = run("send", server.url, stdin="one\n\ntwo\r\nno line end")
    server.stop()
    assert done.code == 0
    assert heard == ["one", "", "two", "no line end", 1000]


def test_lines_come_from_a_file(peer, start, tmp_path):
    lines = [f"line {i} " + "x" * (i % 3000) for i in range(3000)]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    server, heard = listener(peer)
    with open(tmp_path / "lines") as stdin:
        program = start("send", server.url, stdin=stdin)
        assert program.end() == 0
    server.stop()
    assert heard == lines + [1000]


def test_line_leaves_before_the_next_one_is_typed(peer, start):
    answered = []

    async def handler(connection):
        async for message in connection:
            answered.append(message)
            print(message)
    server = peer(handler)
    program = start("send", server.url, stdin=subprocess.PIPE)
    program.err.until("-- up: ")
    for text in ("one", "two"):
        program.process.stdin.write(text + "\n")
        program.process.stdin.flush()
    program.process.stdin.close()
    assert program.end() == 0
    server.stop()
    assert answered == ["one", "two"]


def test_more_than_the_queue_holds_arrives_whole(peer, run):
    """32 MiB for a peer that takes its time; reading the input pauses."""
    server, heard = listener(peer)
    line = "y" * 65535
    done = run("send", server.url, stdin=(line + "\n") * 512)
    server.stop()
    assert done.code == 0 and heard == [line] * 512 + [1000]
    assert "-- 512 messages sent, 0 not" in done.err


def fill(pipe, line, most):
    """Write the line again and again, `most` bytes or until nobody takes any
    for a second; the number of bytes that were taken."""
    taken = 0
    os.set_blocking(pipe, False)
    while taken < most and select.select([], [pipe], [], 1)[1]:
        taken += os.write(pipe, (line + line)[taken % len(line):][:len(line)])
    os.set_blocking(pipe, True)
    return taken


def test_input_waits_while_the_peer_does_not_read(peer, start):
    """64 MiB are offered. No more is taken than the queue and the kernel's
    buffers hold; when the peer reads at last, all of that arrives."""
    begin = asyncio.Event()
    server, heard = listener(peer, start=begin)
    program = start("send", server.url, stdin=subprocess.PIPE)
    program.err.until("-- up: ")
    line, pipe = b"y" * 8191 + b"\n", program.process.stdin.fileno()
    taken = fill(pipe, line, 64 * MIB)
    server.loop.call_soon_threadsafe(begin.set)
    assert 0 < taken < 16 * MIB
    os.write(pipe, line[taken % len(line):])
    program.process.stdin.close()
    assert program.end() == 0
    server.stop()
    count = taken // len(line) + 1
    assert heard == ["y" * 8191] * count + [1000]
    assert any(f"-- {count} messages sent, 0 not" in line
               for line in program.err.seen)


def test_lines_leave_over_tls(peer, run, certs):
    """32 MiB among them, so that TLS has to wait for the peer."""
    server, heard = listener(peer, certs=certs)
    lines = ["one", "", "y" * (8 * MIB)] * 4
    done = run("send", "--ca-file", certs["ca"], server.url,
               stdin="\n".join(lines) + "\n")
    server.stop()
    assert done.code == 0 and heard == lines + [1000]
    assert "-- up: wss://" in done.err
    assert "-- 12 messages sent, 0 not" in done.err


def test_interrupt_closes_in_order_over_tls(peer, start, certs):
    server, heard = listener(peer, certs=certs)
    program = start("send", "--ca-file", certs["ca"], server.url,
                    stdin=subprocess.PIPE)
    program.err.until("-- up: ")
    assert program.interrupt().end() == 130
    server.stop()
    assert heard == [1001]


def test_peer_with_a_foreign_certificate_hears_nothing(peer, run, certs):
    server, heard = listener(peer, certs=certs)
    done = run("send", server.url, "secret")
    server.stop()
    assert done.code != 0 and heard == []
    assert "certificate" in done.err and "-- 0 messages sent, 1 not" in done.err


def test_text_that_is_no_utf8_is_refused_and_told(peer, run):
    server, heard = listener(peer)
    done = run("send", server.url, stdin=b"good\n\xff\xfe\nalso good\n",
               text=False)
    server.stop()
    assert done.code == 1 and heard == ["good", "also good", 1000]
    assert b"message 2 cannot be sent: utf8" in done.err
    assert b"-- 2 messages sent, 1 not" in done.err


def test_nobody_there_is_a_failure_and_counted(run):
    done = run("send", "ws://127.0.0.1:1/", "one", "two")
    assert done.code == 1
    assert "-- down: " in done.err and "-- 0 messages sent, 2 not" in done.err


def test_peer_that_leaves_early_is_a_failure(peer, start):
    async def handler(connection):
        await connection.recv()
        await connection.close(1001)
    program = start("send", peer(handler).url, stdin=subprocess.PIPE)
    program.process.stdin.write("one\n")
    program.process.stdin.flush()
    assert program.end() == 1


def test_interrupt_stops_reading_the_input(peer, start):
    server, heard = listener(peer)
    program = start("send", server.url, stdin=subprocess.PIPE)
    program.err.until("-- up: ")
    assert program.interrupt().end() == 130
    server.stop()
    assert heard == [1001]
