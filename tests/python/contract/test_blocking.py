"""WebSocket and create_connection: calls that block."""
import logging
import socket
import threading

import pytest

from .peer import echo


@pytest.fixture
def connect(ws):
    opened = []

    def make(url, *arguments, **options):
        opened.append(ws.create_connection(url, *arguments, **options))
        return opened[-1]
    yield make
    for sock in opened:
        sock.close(timeout=0)


def test_send_returns_the_size_of_the_frame(ws, peer, connect):
    sock = connect(peer(echo).url)
    assert sock.send("x" * 10) == 16
    assert sock.send(b"x" * 200, ws.ABNF.OPCODE_BINARY) == 208
    assert sock.recv() == "x" * 10
    assert sock.recv() == b"x" * 200


def test_text_and_binary(ws, peer, connect):
    sock = connect(peer(echo).url)
    sock.send("ö")
    sock.send_binary(b"\x00")
    assert [sock.recv(), sock.recv()] == ["ö", b"\x00"]
    with pytest.raises((TypeError, AttributeError)):
        sock.send(5)


def test_recv_data_and_frames(ws, peer, connect):
    def script(conn):
        conn.accept().send(1, b"a", 0)
        conn.send(0, b"b")
        conn.send(9, b"p")
        conn.answered = conn.recv_until(10)
        conn.close_frame(1001, b"away")
        conn.recv_until(8)
    server = peer(script)
    sock = connect(server.url)
    opcode, data = sock.recv_data()
    assert (opcode, bytes(data)) == (ws.ABNF.OPCODE_TEXT, b"ab")
    assert sock.recv_data(control_frame=True) == (9, b"p")
    opcode, frame = sock.recv_data_frame()
    assert opcode == 8 and frame.data == b"\x03\xe9away"
    server.close()
    assert server.conns[0].answered == b"p"


def test_recv_after_a_close_frame(ws, peer, connect):
    def script(conn):
        conn.accept().farewell()
    sock = connect(peer(script).url)
    assert sock.recv() == ""
    with pytest.raises(ws.WebSocketConnectionClosedException):
        sock.recv()


def test_raw_frames_are_not_answered(ws, peer, connect):
    def script(conn):
        conn.accept().send(9, b"p")
        conn.first = conn.recv()
    server = peer(script)
    sock = connect(server.url)
    frame = sock.recv_frame()
    assert (frame.opcode, frame.data, frame.fin) == (9, b"p", 1)
    sock.send("me")
    server.close()
    assert server.conns[0].first == (1, b"me")


def test_pings_and_pongs(ws, peer, connect):
    def script(conn):
        conn.accept()
        return [conn.recv(), conn.recv()]
    server = peer(script)
    sock = connect(server.url)
    assert sock.ping("a") is None and sock.pong(b"b") is None
    server.close()
    assert server.results == [[(9, b"a"), (10, b"b")]]


def test_close_sends_code_and_reason(ws, peer, connect):
    server = peer(lambda conn: conn.accept().polite())
    sock = connect(server.url)
    sock.close(4000, b"bye")
    assert not sock.connected and sock.sock is None
    server.close()
    assert server.results == [(4000).to_bytes(2, "big") + b"bye"]
    sock.close()


@pytest.mark.parametrize("code", [-1, 65536])
def test_codes_that_do_not_fit(ws, peer, connect, code):
    sock = connect(peer(echo).url)
    with pytest.raises(ValueError):
        sock.close(code)
    with pytest.raises(ValueError):
        sock.send_close(code)


def test_timeout(ws, peer, connect):
    sock = connect(peer(echo).url, timeout=0.05)
    assert sock.gettimeout() == sock.timeout == 0.05
    with pytest.raises(ws.WebSocketTimeoutException):
        sock.recv()
    sock.settimeout(20)
    sock.send("still there")
    assert sock.recv() == "still there"


def test_default_timeout(ws, peer, connect):
    ws.setdefaulttimeout(0.05)
    try:
        assert ws.getdefaulttimeout() == 0.05
        assert connect(peer(echo).url).gettimeout() == 0.05
    finally:
        ws.setdefaulttimeout(None)


def test_answers_of_the_handshake(ws, peer, connect):
    def script(conn):
        conn.accept("X-A: 1", "X-A: 2", "Set-Cookie: a=1", "Set-Cookie: b=2",
                    "Sec-WebSocket-Protocol: chat")
        conn.polite()
    sock = connect(peer(script).url, subprotocols=["Chat"])
    assert (sock.status, sock.subprotocol) == (101, "chat")
    assert sock.getheaders() is sock.headers
    assert sock.headers["x-a"] == "2"
    assert sock.headers["set-cookie"] == "a=1; b=2"
    assert sock.is_ssl() is False and sock.fileno() == sock.sock.fileno()


def test_abort_wakes_another_thread(ws, peer, connect):
    sock = connect(peer(echo).url)
    threading.Thread(target=sock.abort).start()
    with pytest.raises((ws.WebSocketConnectionClosedException, OSError)):
        sock.recv()


def test_iteration(ws, peer, connect):
    sock = connect(peer(echo).url)
    sock.send("a")
    sock.send("b")
    assert next(iter(sock)) == "a" and sock.next() == "b"


def test_connection_line(ws, peer, connect):
    server = peer(echo)
    connect(server.url, connection="Connection: keep-alive, Upgrade")
    assert server.conns[0].headers["connection"] == "keep-alive, Upgrade"


def test_unknown_options_are_ignored(ws, peer, connect):
    connect(peer(echo).url, nonsense=True).close()


def test_a_prepared_socket(ws, peer, connect):
    server = peer(echo)
    plain = socket.create_connection(("127.0.0.1", server.port))
    sock = connect("ws://some.where/path", socket=plain)
    assert sock.sock is plain
    assert server.conns[0].headers["host"] == "some.where"


class Wrapped:
    """An object of a user's own with a socket's methods."""

    def __init__(self, sock):
        self.inner = sock
        self.sent = 0

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def send(self, data):
        self.sent += len(data)
        # Some at a time; websocket-client would lose half of its request.
        return self.inner.send(data if data[:3] == b"GET" else data[:3])


def test_any_object_with_a_sockets_methods(ws, peer, connect):
    server = peer(echo)
    plain = Wrapped(socket.create_connection(("127.0.0.1", server.port)))
    sock = connect("ws://some.where/", socket=plain)
    sock.send("x" * 50)
    assert sock.recv() == "x" * 50 and plain.sent


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.since(1, 8)
def test_redirects_are_followed(ws, peer, connect, status):
    target = peer(echo)

    def elsewhere(conn):
        conn.read_request()
        conn.answer(f"HTTP/1.1 {status} Moved\nLocation: {target.url}\n"
                    "Content-Length: 0")
    sock = connect(peer(elsewhere).url)
    sock.send("there")
    assert sock.recv() == "there"


@pytest.mark.since(1, 8)
def test_redirects_without_end(ws, peer):
    """Mended: theirs said that it is connected, with the status 302, up to
    1.9.0."""
    def again(conn):
        conn.read_request()
        host = conn.headers["host"]
        conn.answer(f"HTTP/1.1 302 Found\nLocation: ws://{host}/\n"
                    "Content-Length: 0")
    server = peer(again)
    if ws.is_ours or ws.version > (1, 9, 1):
        with pytest.raises(ws.WebSocketException, match="(?i)redirect"):
            ws.create_connection(server.url)
    else:
        sock = ws.create_connection(server.url)
        assert sock.connected and sock.status == 302
        sock.shutdown()


def test_cookies_with_a_domain_are_kept(ws, peer, connect):
    def script(conn):
        conn.accept("Set-Cookie: kept=1; Domain=localhost")
        conn.polite()
    server = peer(script)
    url = server.url.replace("127.0.0.1", "localhost")
    for _ in range(2):
        connect(url, cookie="own=1").close()
    first, second = [conn.headers["cookie"] for conn in server.conns]
    assert first == "own=1"
    assert sorted(second.split("; ")) == ["kept=1", "own=1"]
    ws.part("_handshake").CookieJar.jar.clear()


@pytest.mark.since(1, 9)
def test_domain_suffixes_of_no_proxy(ws):
    """Mended: ".example.com" is no part of "badexample.com". 1.9.2 takes the
    dot for granted."""
    matches = ws.part("_url")._is_no_proxy_host
    assert matches("a.example.com", [".example.com"])
    if ws.is_ours or ws.version < (1, 9, 1):
        assert not matches("a.example.com", ["example.com"])
    assert matches("10.1.2.3", ["10.0.0.0/8"]) and matches("any", ["*"])
    assert matches("badexample.com", [".example.com"]) is not ws.is_ours


def test_trace_is_logged_once(ws, peer, connect):
    """Mended: enabled twice, theirs writes every line twice."""
    lines = []

    class Handler(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())
    logger = logging.getLogger("websocket")
    level, handler = logger.level, Handler()
    ws.enableTrace(True, handler)
    ws.enableTrace(True, handler)
    try:
        connect(peer(echo).url).send("traced")
    finally:
        ws.enableTrace(False)
        while handler in logger.handlers:
            logger.removeHandler(handler)
        logger.setLevel(level)
    text = "\n".join(lines)
    for words in ("--- request header ---", "--- response header ---",
                  "++Sent raw", "++Sent decoded: fin=1 opcode=1"):
        assert words in text


def test_frames_by_hand(ws):
    frame = ws.ABNF.create_frame("x", ws.ABNF.OPCODE_TEXT)
    assert str(frame) == "fin=1 opcode=1 data=b'x'"
    frame.get_mask_key = lambda size: b"\0\0\0\0"[:size]
    assert frame.format() == b"\x81\x81\0\0\0\0x"
    assert ws.ABNF.mask(b"\1\2\3\4", b"abcde") == b"````d"


@pytest.mark.parametrize("fields, name", [
    ({"rsv1": 1, "fin": 1}, "WebSocketProtocolException"),
    ({"opcode": 5, "fin": 1}, "WebSocketProtocolException"),
    ({"opcode": 9, "fin": 0}, "WebSocketProtocolException"),
    ({"opcode": 8, "fin": 1, "data": b"\0"}, "WebSocketProtocolException"),
    ({"opcode": 8, "fin": 1, "data": b"\3\xed"},
     "WebSocketProtocolException"),
])
def test_frames_that_no_peer_may_send(ws, fields, name):
    with pytest.raises(getattr(ws, name)):
        ws.ABNF(**fields).validate()
