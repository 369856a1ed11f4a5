"""send: from arguments or standard input, counted until it left."""
import subprocess

import websockets


def listener(peer, pace=None):
    """A peer that keeps what it hears, and the close code."""
    heard = []

    async def handler(connection):
        try:
            async for message in connection:
                heard.append(message)
                if pace:
                    await pace(connection)
        except websockets.ConnectionClosed:
            pass
        heard.append(connection.close_code)
    return peer(handler, max_queue=1), heard


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
