"""tail: stays connected, prints each message, says what happens."""
import asyncio
import base64
import datetime
import signal
import socket
import struct
import subprocess
import threading
import time

from conftest import HAWSER, LIMIT


def free_port():
    """A port that nobody listens on (just now)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_messages_are_printed_one_a_line(say, run):
    server = say("one", "two", b"\x00\x01", "three")
    done = run("tail", "--count", 4, server.url)
    assert done.code == 0
    assert done.lines == ["one", "two", "(binary, 2 bytes) 00 01", "three"]
    assert f"-- up: {server.url}" in done.err
    assert "-- 4 messages, 13 B in " in done.err


def test_count_shows_no_more_than_asked(say, run):
    server = say(*map(str, range(100)))
    done = run("tail", "--count", 7, "--quiet", server.url)
    assert (done.code, done.err) == (0, "")
    assert done.lines == list("0123456")


def test_hostile_text_cannot_drive_the_terminal(say, run):
    server = say("\x1b]0;owned\x07\x1b[2J", "a\r\n-- up: fake", "\u202egnp",
                 "\u009b31m", "tab\tstays \u00e9")
    done = run("tail", "--count", 5, "--quiet", server.url)
    assert done.lines == [
        r"\x1b]0;owned\x07\x1b[2J", r"a\r\n-- up: fake", r"\u202egnp",
        r"\u009b31m", "tab\tstays \u00e9"]


def test_json_has_one_object_a_line(say, run):
    text = 'quotes " \\ \n \x1b \u202e \U0001f600'
    server = say(text, bytes(range(256)), "")
    before = time.time_ns()
    done = run("tail", "--json", "--count", 3, server.url)
    after = time.time_ns()
    first, second, third = done.objects
    assert first["text"] == text and first["kind"] == "text"
    assert base64.b64decode(second["base64"]) == bytes(range(256))
    assert (second["kind"], second["size"]) == ("binary", 256)
    assert third["text"] == "" and third["size"] == 0
    for one in done.objects:
        assert one["connection"] == 1 and one["url"] == server.url
        assert before <= one["time_ns"] <= after
        stamp = datetime.datetime.fromisoformat(one["time"][:26] + "+00:00")
        assert abs(stamp.timestamp() * 1e9 - one["time_ns"]) < 2000
    assert "\x1b" not in done.out and "\u202e" not in done.out


def test_json_tells_the_lag_of_each_message(peer, run):
    async def handler(connection):
        for late in (0.5, 3600):
            await connection.send('{"E":%d}' % ((time.time() - late) * 1000))
        await connection.send('{"E":null}')
        await connection.wait_closed()
    done = run("tail", "--json", "--lag", "/E:ms", "--count", 3,
               peer(handler).url)
    first, second, third = done.objects
    assert 499 <= first["lag_ms"] < 30_000
    assert 3_599_999 <= second["lag_ms"] < 3_630_000
    assert third["lag_ms"] is None
    assert "lag p50" in done.err and "1 without an event time" in done.err


def test_lag_stands_before_the_text(peer, run):
    async def handler(connection):
        await connection.send('{"E":%d}' % (time.time() - 7200))
        await connection.wait_closed()
    done = run("tail", "--lag", "/E:s", "--count", 1, peer(handler).url)
    assert done.lines[0].startswith("[lag 120 min] {")


def test_on_open_is_said_again_after_each_reconnect(peer, run, tmp_path):
    heard = []

    async def handler(connection):
        said = [await connection.recv() for _ in range(4)]
        heard.append(said)
        await connection.send(f"heard {len(heard)}")
        if len(heard) == 1:
            await connection.close(1012)
        await connection.wait_closed()
    named, marked = tmp_path / "named", tmp_path / "marked"
    named.write_text("from a file\n")
    marked.write_text("from\ntwo lines")
    done = run("tail", "--on-open", "text", "--on-open", f"@{marked}",
               "--on-open", named, "--on-open", f"={named}",
               "--count", 2, peer(handler).url)
    assert done.code == 0 and done.lines == ["heard 1", "heard 2"]
    wanted = ["text", "from\ntwo lines", "from a file", str(named)]
    assert heard == [wanted, wanted]
    assert "-- down: " in done.err and ", retry in " in done.err
    assert "connection 2)" in done.err and "; 1 reconnect\n" in done.err


def test_headers_and_subprotocols_are_offered(peer, run):
    async def handler(connection):
        await connection.send(connection.request_headers["X-Key"])
        await connection.send(connection.subprotocol)
        await connection.wait_closed()
    server = peer(handler, subprotocols=["v2.feed", "v1.feed"])
    done = run("tail", "--header", "X-Key: a b:c", "--subprotocol", "v1.feed",
               "--count", 2, server.url)
    assert done.lines == ["a b:c", "v1.feed"]
    assert "subprotocol v1.feed" in done.err


def test_compression_is_offered_unless_told_not_to(peer, run):
    async def handler(connection):
        offered = "Sec-WebSocket-Extensions" in connection.request_headers
        await connection.send(f"offered {offered}")
        await connection.wait_closed()
    server = peer(handler)
    done = run("tail", "--count", 1, server.url)
    assert done.lines == ["offered True"]
    done = run("tail", "--no-compression", "--count", 1, server.url)
    assert done.lines == ["offered False"]


def test_several_urls_are_told_apart(say, run):
    servers = [say("from one"), say("from two")]
    done = run("tail", "--count", 2, *(one.url for one in servers))
    assert done.code == 0
    assert sorted(done.lines) == ["[1] from one", "[2] from two"]
    done = run("tail", "--json", "--count", 2, *(one.url for one in servers))
    told = sorted((one["connection"], one["url"], one["text"])
                  for one in done.objects)
    assert told == [(1, servers[0].url, "from one"),
                    (2, servers[1].url, "from two")]


def test_interrupt_closes_in_order_and_sums_up(peer, start):
    codes = []

    async def handler(connection):
        await connection.send("hello")
        await connection.wait_closed()
        codes.append(connection.close_code)
    server = peer(handler)
    program = start("tail", server.url)
    assert program.out.next() == "hello"
    assert program.interrupt().end() == 130
    assert program.err.seen[-1].startswith("-- 1 message, 5 B in ")
    server.stop()
    assert codes == [1001]


def test_termination_is_told_by_the_exit_code(say, start):
    program = start("tail", say("hello").url)
    program.out.until("hello")
    assert program.interrupt(signal.SIGTERM).end() == 143


def test_for_ends_in_order(peer, run):
    codes = []

    async def handler(connection):
        await connection.wait_closed()
        codes.append(connection.close_code)
    server = peer(handler)
    done = run("tail", "--for", "200ms", server.url)
    server.stop()
    assert done.code == 0 and "-- 0 messages" in done.err
    assert codes == [1000]


def test_no_reconnect_ends_with_the_connection(peer, run):
    async def handler(connection):
        await connection.send("bye")
        await connection.close(int(connection.path[1:]))
    server = peer(handler)
    done = run("tail", "--no-reconnect", server.url + "1000")
    assert (done.code, done.lines) == (0, ["bye"])
    assert ", no retry" in done.err
    done = run("tail", "--no-reconnect", server.url + "1011")
    assert (done.code, done.lines) == (1, ["bye"])
    assert "1011" in done.err


def test_refused_connection_names_phase_and_peer(run):
    port = free_port()
    done = run("tail", "--no-reconnect", f"ws://127.0.0.1:{port}/")
    assert done.code == 1
    assert "(tcp), no retry" in done.err and str(port) in done.err


def test_never_connected_is_a_failure_also_when_time_ends_it(run):
    done = run("tail", "--for", "300ms", f"ws://127.0.0.1:{free_port()}/")
    assert done.code == 1 and "retry in " in done.err


def test_reset_is_survived(run):
    """A raw server that resets the first connection and lets a second one
    wait: tail comes back and says why it was away."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve_two():
        first, _ = listener.accept()
        first.recv(65536)
        linger = struct.pack("ii", 1, 0)
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        first.close()
        second, _ = listener.accept()
        second.recv(65536)
        second.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        second.close()
    thread = threading.Thread(target=serve_two)
    thread.start()
    done = run("tail", "--for", "3s", f"ws://127.0.0.1:{port}/")
    thread.join()
    listener.close()
    downs = [line for line in done.err.splitlines() if "-- down: " in line]
    assert "reset" in downs[0] and ", retry in " in downs[0]
    assert "403" in downs[1]
    assert done.code == 1


def test_too_large_message_is_refused(peer, run):
    codes = []

    async def handler(connection):
        await connection.send("x" * 5000)
        await connection.wait_closed()
        codes.append(connection.close_code)
    server = peer(handler)
    done = run("tail", "--no-reconnect", "--max-size", "4k", server.url)
    server.stop()
    assert (done.code, done.lines) == (1, [])
    assert codes == [1009] and "(frame)" in done.err


def test_reader_that_leaves_ends_tail_without_complaint(serve):
    server = serve("feed", "--rate", 5000)
    with subprocess.Popen([HAWSER, "tail", server.url], text=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as child:
        try:
            assert child.stdout.readline().startswith('{"s":')
            child.stdout.close()
            assert child.wait(LIMIT) == 0
        finally:
            child.kill()
        told = child.stderr.read()
    assert "roken pipe" not in told and "-- up: " in told


def test_connection_without_data_is_taken_up_again(peer, start):
    """The first brings one message and then nothing; pings are answered."""
    async def handler(connection):
        await connection.send("one")
        await connection.wait_closed()
    program = start("tail", "--stale", "300ms", peer(handler).url)
    program.err.until("-- up: ")
    assert "no data for" in program.err.until("-- down: ")
    program.err.until("-- up: ")
    assert [program.out.next(), program.out.next()] == ["one", "one"]


def test_certificates_are_checked(serve, certs, run):
    server = serve("feed", "--cert", certs["leaf"], "--key", certs["key"])
    assert server.url.startswith("wss://")
    done = run("tail", "--count", 1, "--ca-file", certs["ca"], server.url)
    assert done.code == 0 and done.lines[0].startswith('{"s":')
    done = run("tail", "--count", 1, "--no-reconnect", server.url)
    assert (done.code, done.lines) == (1, [])
    assert "(tls)" in done.err
    done = run("tail", "--count", 1, "--insecure", server.url)
    assert done.code == 0


def test_a_channel_that_falls_silent_is_named_and_taken_up_again(peer, start):
    async def handler(socket):
        await socket.send('{"symbol":"A"}')
        while True:
            await socket.send('{"symbol":"B"}')
            await asyncio.sleep(0.05)
    tail = start("tail", "--stale", "500ms", "--channel", "/symbol",
                 peer(handler).url)
    assert "stale: channel 'A'" in tail.err.until("stale")
    assert "no data for 0.5 s of channel 'A'" in tail.err.until("-- down")
    assert "connection 2" in tail.err.until("-- up")
