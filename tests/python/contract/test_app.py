"""WebSocketApp: its arguments, attributes, callbacks and methods."""
import socket
import threading

import pytest

from .peer import LIMIT, echo


def says(*frames, lines=(), close=1000):
    """A script: accept, send frames, close politely."""
    def script(conn):
        conn.accept(*lines)
        for frame in frames:
            conn.send(*frame)
        conn.farewell(close)
    return script


@pytest.mark.since(1, 8)
@pytest.mark.parametrize("url", ["WS://127.0.0.1", "nonsense", "http://x/",
                                 "ws://"])
def test_a_bad_url_is_raised(ws, url, tape):
    with pytest.raises(ValueError):
        tape(ws, url).run()


def test_fragment_and_userinfo_stay_here(ws, peer, tape):
    server = peer(says())
    url = server.url.replace("://", "://user:pass@") + "path?a=1#here"
    tape(ws, url).run()
    assert server.conns[0].request == "GET /path?a=1 HTTP/1.1"
    assert "authorization" not in server.conns[0].headers


@pytest.mark.parametrize("header", [
    ["X-One: 1", "X-Two: 2"],
    {"X-One": "1", "X-Two": "2", "X-None": None},
    lambda: ["X-One: 1", "X-Two: 2"],
    lambda: {"X-One": "1", "X-Two": "2"},
], ids=["list", "dict", "callable list", "callable dict"])
def test_headers(ws, peer, tape, header):
    if callable(header) and ws.version < (1, 5):
        pytest.skip("callable headers are younger")
    server = peer(says())
    tape(ws, server.url, header=header).run()
    headers = server.conns[0].headers
    assert headers["x-one"] == "1" and headers["x-two"] == "2"
    assert "x-none" not in headers


def test_a_dict_may_choose_the_key(ws, peer, tape):
    key = "AAAAAAAAAAAAAAAAAAAAAA=="
    server = peer(says())
    tape(ws, server.url, header={"Sec-WebSocket-Key": key}).run()
    assert server.conns[0].headers["sec-websocket-key"] == key
    assert server.conns[0].headers["sec-websocket-version"] == "13"


def test_compression_is_offered_by_who_asks_for_it(ours, serve, peer, tape):
    server = peer(says())
    tape(ours, server.url).run()
    assert "sec-websocket-extensions" not in server.conns[0].headers
    line = tape(ours, serve("echo").url, header=[
        "Sec-WebSocket-Extensions: permessage-deflate"])
    words = "the same again, " * 100
    heads = []

    def talk(app):
        heads.append(app.sock.getheaders())
        app.send(words)
    line.on("on_open", talk)
    line.on("on_message", lambda app, message: app.close())
    line.run()
    assert line.of("message") == [(words,)]
    assert heads[0]["sec-websocket-extensions"].startswith(
        "permessage-deflate")


def test_cookie_and_subprotocols(ws, peer, tape):
    server = peer(says(lines=["Sec-WebSocket-Protocol: two"]))
    line = tape(ws, server.url, cookie="a=1; b=2", subprotocols=["one", "two"])
    seen = []
    line.on("on_open", lambda app: seen.append(app.sock.getsubprotocol()))
    line.run()
    headers = server.conns[0].headers
    assert headers["cookie"] == "a=1; b=2"
    assert headers["sec-websocket-protocol"].replace(" ", "") == "one,two"
    assert seen == ["two"]


def test_a_subprotocol_that_is_not_chosen_is_an_error(ws, peer, tape):
    line = tape(ws, peer(says()).url, subprotocols=["one"]).run()
    assert line.names == ["error", "close"]
    error = line.of("error")[0][0]
    assert type(error) is ws.WebSocketException
    assert str(error) == "Invalid WebSocket Header"


def test_masks_are_the_programs(ws, peer, tape):
    server = peer(echo)
    line = tape(ws, server.url, get_mask_key=lambda size: b"\1\2\3\4"[:size])
    line.on("on_open", lambda app: app.send("x"))
    line.on("on_message", lambda app, message: app.close())
    line.run()
    assert server.conns[0].masks[0] == b"\1\2\3\4"


@pytest.mark.since(1, 6)
def test_a_prepared_socket_is_used(ws, peer, tape):
    server = peer(says((1, b"hello")))
    sock = socket.create_connection(("127.0.0.1", server.port))
    line = tape(ws, "ws://somewhere.else/", socket=sock).run()
    assert line.of("message") == [("hello",)]
    assert server.conns[0].headers["host"] == "somewhere.else"


def test_keep_running_is_true_while_it_runs(ws, peer, tape):
    line = tape(ws, peer(echo).url, keep_running=False)
    seen = [line.app.keep_running]

    def note(app):
        seen.append(app.keep_running)
        app.close()
    line.on("on_open", note).run()
    assert seen == [False, True] and line.app.keep_running is False


def test_callbacks_get_the_app_and_come_in_order(ws, peer, tape):
    server = peer(says((1, "grüße".encode()), (2, b"\x00\xff"), (9, b"ping"),
                       (10, b"pong")))
    line = tape(ws, server.url)
    apps = []
    line.on("on_message", lambda app, message: apps.append(app))
    line.run()
    assert line.events[:5] == [
        ("open",), ("message", "grüße"), ("message", b"\x00\xff"),
        ("ping", b"ping"), ("pong", b"pong")]
    assert apps == [line.app] * 2


def test_a_callback_is_looked_up_when_it_is_called(ws, peer, tape):
    server = peer(says((1, b"one"), (1, b"two")))
    got = []
    line = tape(ws, server.url)

    def first(app, message):
        got.append(("first", message))
        app.on_message = lambda app, message: got.append(("second", message))
    line.app.on_message = first
    line.run()
    assert got == [("first", "one"), ("second", "two")]


@pytest.mark.since(1, 8)
def test_text_stays_bytes_without_validation(ws, peer, tape):
    server = peer(says((1, b"ok"), (1, b"\xff\xfe"), (2, b"bin")))
    line = tape(ws, server.url).run(skip_utf8_validation=True)
    assert line.of("message") == [(b"ok",), (b"\xff\xfe",), (b"bin",)]


def test_on_data_comes_first(ws, peer, tape):
    server = peer(says((1, b"text"), (2, b"bin")))
    line = tape(ws, server.url, ["on_data", "on_message"]).run()
    assert line.events == [("data", "text", 1, True), ("message", "text"),
                           ("data", b"bin", 2, True), ("message", b"bin")]


@pytest.mark.since(1, 8)
def test_on_data_knows_opcodes_of_bytes(ws, peer, tape):
    server = peer(says((1, b"text"), (2, b"bin")))
    line = tape(ws, server.url, ["on_data"]).run(skip_utf8_validation=True)
    assert line.events == [("data", b"text", 1, True),
                           ("data", b"bin", 2, True)]


def test_on_data_of_a_fragmented_message(ws, peer, tape):
    """Mended: the opcode is the message's, not that of its last frame."""
    server = peer(says((1, b"a", 0), (0, b"b", 1)))
    line = tape(ws, server.url, ["on_data"]).run()
    assert line.events == [("data", "ab", 1 if ws.is_ours else 0, True)]


def test_fragments_with_on_cont_message(ws, peer, tape):
    server = peer(says((1, b"a", 0), (0, b"b", 0), (0, b"c", 1)))
    line = tape(ws, server.url, ["on_message", "on_cont_message"]).run()
    assert line.events == [("message", "a"), ("cont_message", b"b", 0),
                           ("cont_message", b"c", 1)]


def test_fragments_are_one_message_without(ws, peer, tape):
    server = peer(says((1, b"a", 0), (0, b"b", 0), (0, b"c", 1)))
    assert tape(ws, server.url).run().of("message") == [("abc",)]


def test_pings_are_answered_before_on_ping(ws, peer, tape):
    def script(conn):
        conn.accept()
        conn.send(9, b"are you there")
        conn.answered = conn.recv_until(10)
        conn.farewell()
    server = peer(script)
    line = tape(ws, server.url).run()
    assert line.of("ping") == [(b"are you there",)]
    assert server.conns[0].answered == b"are you there"


def test_exceptions_of_callbacks_go_to_on_error(ws, peer, tape):
    server = peer(says((1, b"one"), (1, b"two")))
    line = tape(ws, server.url)
    failure = RuntimeError("mine")

    def fail(app, message):
        raise failure
    line.on("on_message", fail).run()
    assert line.of("message") == [("one",), ("two",)]
    assert [error for error, in line.of("error")
            if error is failure] == [failure] * 2


@pytest.mark.since(1, 8)
def test_exceptions_of_on_error_go_nowhere(ws, peer, tape):
    """Mended: it neither ends the run nor is raised."""
    server = peer(says((1, b"one"), (1, b"two")))
    line = tape(ws, server.url)

    def fail(app, *arguments):
        raise RuntimeError("mine")
    line.on("on_message", fail).on("on_error", fail)
    line.run()
    messages = [("one",), ("two",)]
    assert line.of("message") == (messages if ws.is_ours else messages[:1])


def test_missing_callbacks_are_skipped(ws, peer, tape):
    server = peer(says((1, b"one"), (9, b"")))
    line = tape(ws, server.url, [])
    line.run()
    assert line.events == []


def test_send_needs_a_connection(ws, tape):
    app = tape(ws, "ws://127.0.0.1/").app
    with pytest.raises(ws.WebSocketConnectionClosedException) as raised:
        app.send("x")
    assert str(raised.value) == "Connection is already closed."
    assert not app.ready() if hasattr(app, "ready") else True


def test_sending(ws, peer, tape):
    line = tape(ws, peer(echo).url)
    results = []

    def talk(app):
        results.append(app.send("ö"))
        results.append(app.send(b"as text"))
        results.append(app.send(b"bin", ws.ABNF.OPCODE_BINARY))
        if hasattr(app, "send_text"):
            app.send_text("text")
            app.send_bytes(b"bytes")
        else:
            app.send("text")
            app.send(b"bytes", 2)
    line.on("on_open", talk)
    line.on("on_message",
            lambda app, message: message == b"bytes" and app.close())
    line.run()
    assert [message for message, in line.of("message")] == [
        "ö", "as text", b"bin", "text", b"bytes"]
    assert results == [None] * 3


@pytest.mark.parametrize("thing", [{"a": 1}, 5])
def test_only_text_and_bytes_are_sent(ws, peer, tape, thing):
    line = tape(ws, peer(echo).url)

    def talk(app):
        try:
            app.send(thing)
        except (TypeError, AttributeError) as why:
            line.raised = why
        app.close()
    line.on("on_open", talk).run()
    assert line.raised


def test_ping_by_opcode(ws, peer, tape):
    line = tape(ws, peer(echo).url)
    line.on("on_open", lambda app: app.send("x", ws.ABNF.OPCODE_PING))
    line.on("on_pong", lambda app, data: app.close())
    assert line.run().of("pong") == [(b"x",)]


@pytest.mark.since(1, 9)
def test_ready_and_the_sock(ws, peer, tape):
    server = peer(says(lines=["X-Served-By: peer"]))
    line = tape(ws, server.url)
    seen = []
    line.on("on_open", lambda app: seen.extend([
        bool(app.ready()), app.sock.connected, app.sock.getstatus(),
        app.sock.getheaders()["x-served-by"], app.sock.is_ssl()]))
    line.run()
    assert seen == [True, True, 101, "peer", False]
    assert line.app.sock is None and not line.app.ready()


def test_close_has_a_code_and_a_reason(ws, peer, tape):
    server = peer(lambda conn: conn.accept().polite())
    line = tape(ws, server.url)
    line.on("on_open", lambda app: app.close(status=4321, reason=b"enough"))
    line.run()
    assert server.results == [(4321).to_bytes(2, "big") + b"enough"]


def test_an_app_runs_once_at_a_time(ws, peer, tape):
    line = tape(ws, peer(echo).url)

    def again(app):
        try:
            app.run_forever()
        except ws.WebSocketException as why:
            line.raised = str(why)
        app.close()
    line.on("on_open", again).run()
    assert line.raised == "socket is already opened"


def test_an_app_runs_again(ws, peer, tape):
    line = tape(ws, peer(says((1, b"hello"))).url)
    line.run()
    line.run()
    assert line.of("message") == [("hello",)] * 2
    assert len(line.of("close")) == 2


def test_close_before_the_first_run_is_harmless(ws, tape):
    tape(ws, "ws://127.0.0.1/").app.close()


def test_keep_running_ends_it_from_a_thread(ours, peer, tape):
    """Mended: at once, not after ten seconds."""
    line = tape(ours, peer(echo).url).start().until("open")
    line.app.keep_running = False
    line.join()
    assert line.names == ["open", "close"] and line.result is False


def test_close_ends_it_from_a_thread(ours, peer, tape):
    """Mended: on_close and the return do not wait for ten seconds."""
    line = tape(ours, peer(echo).url).start().until("open")
    line.app.close()
    line.join()
    assert line.of("close") == [(None, None)] and line.result is False


def test_nothing_is_left_of_a_run(ours, peer, tape):
    import gc
    run = ours.part("_run").Run
    line = tape(ours, peer(says((1, b"x"))).url)
    for _ in range(5):
        line.run()
    gc.collect()
    assert not [o for o in gc.get_objects() if isinstance(o, run)]


def test_a_thread_that_sends_waits_while_the_queue_is_full(ours, peer, tape):
    """Nothing is lost, and memory stays within the queue."""
    full = threading.Event()
    piece = bytes(4 << 20)

    def lazy(conn):
        conn.accept()
        assert full.wait(LIMIT)
        left = 30 * (14 + len(piece))
        while left > 0:
            left -= len(conn.sock.recv(1 << 20))
        conn.close_frame(1000)
        return left <= 0

    class Room(threading.Condition):
        def wait(self, timeout=None):
            full.set()
            return super().wait(timeout)
    server = peer(lazy)
    line = tape(ours, server.url).start().until("open")
    run = line.app._run
    run._room = Room()
    for _ in range(30):
        line.app.send(piece, ours.ABNF.OPCODE_BINARY)
    line.app.close()
    line.join()
    assert full.is_set() and line.of("error") == []
    assert server.results == [True]
