"""What is told, in which order, when a connection ends; and what
run_forever() returns."""
import errno
import socket
import subprocess
import sys
import time

import pytest

from .peer import echo

SOON = 0.01  # seconds between attempts


def refused_url():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"ws://127.0.0.1:{unused.getsockname()[1]}/"


def restart(conn):
    conn.accept().farewell(1001, b"restart")


def vanish(conn):
    conn.accept()


@pytest.mark.since(1, 8)
def test_server_closes(ws, peer, tape):
    """Mended: 1.9.0 gives a frame to on_error, and loses code and reason;
    1.9.2 an exception."""
    line = tape(ws, peer(restart).url).run()
    if ws.is_ours or ws.version < (1, 9):
        assert line.events == [("open",), ("close", 1001, "restart")]
        assert line.result is False
    elif ws.version < (1, 9, 1):
        assert line.names == ["open", "error", "close"]
        assert isinstance(line.of("error")[0][0], ws.ABNF)
        assert line.of("close") == [(None, None)]
    else:
        assert line.names == ["open", "error", "close"]
        assert line.of("error")[0][0].status_code == 1001
        assert line.of("close") == [(1001, "restart")]


def test_server_closes_without_a_code(ours, peer, tape):
    def script(conn):
        conn.accept().close_frame()
        conn.recv_until(8)
    line = tape(ours, peer(script).url).run()
    assert line.events == [("open",), ("close", None, None)]


def test_server_closes_and_is_taken_up_again(ours, peer, tape):
    """Mended: 1.8 does not reconnect; 1.9 storms or hangs. One connection
    after the other, and one error each that names code and reason."""
    server = peer(restart, restart, echo)
    line = tape(ours, server.url)
    line.listen("on_reconnect")
    line.start(reconnect=SOON).until("reconnect", 2)
    line.app.close()
    line.join()
    assert line.names == ["open", "error", "reconnect", "error", "reconnect",
                          "close"]
    for error, in line.of("error"):
        assert type(error) is ours.WebSocketConnectionClosedException
        assert (error.code, error.reason) == (1001, "restart")
    assert line.of("close") == [(None, None)]
    assert len(server.conns) == 3


def test_server_closes_but_stays(ours, peer, tape):
    """Mended: 1.9 hangs until the server lets go."""
    def script(conn):
        conn.accept().close_frame(1000, b"bye")
        conn.until_end()
    line = tape(ours, peer(script).url).run()
    assert line.events == [("open",), ("close", 1000, "bye")]


def test_end_without_a_close_frame(ws, peer, tape):
    line = tape(ws, peer(vanish).url).run()
    assert line.names == ["open", "error", "close"]
    error = line.of("error")[0][0]
    assert type(error) is ws.WebSocketConnectionClosedException
    assert line.of("close") == [(None, None)]
    if ws.version >= (1, 6):
        assert line.result is True


@pytest.mark.since(1, 8)
def test_end_is_taken_up_again(ws, peer, tape):
    line = tape(ws, peer(vanish, echo).url)
    line.listen("on_reconnect")
    line.on("on_reconnect", lambda app: app.close())
    line.start(reconnect=SOON).until("reconnect").join()
    assert line.names == ["open", "error", "reconnect", "close"]


@pytest.mark.since(1, 8)
def test_on_open_stands_in_for_on_reconnect(ws, peer, tape):
    line = tape(ws, peer(vanish, echo).url)
    line.on("on_open", lambda app: len(line.of("open")) == 2 and app.close())
    line.run(reconnect=SOON)
    assert line.names == ["open", "error", "open", "close"]


def test_reset(ws, peer, tape):
    def script(conn):
        conn.accept()
        conn.recv_until(1)
        conn.reset()
    line = tape(ws, peer(script).url)
    line.on("on_open", lambda app: app.send("go"))
    line.run()
    assert line.names == ["open", "error", "close"]
    assert isinstance(line.of("error")[0][0], ConnectionResetError)
    assert line.of("error")[0][0].errno == errno.ECONNRESET


def test_refused(ws, tape):
    line = tape(ws, refused_url()).run()
    assert line.names == ["error", "close"]
    assert isinstance(line.of("error")[0][0], ConnectionRefusedError)
    if ws.version >= (1, 6):
        assert line.result is True


def test_every_refusal_is_told(ours, tape):
    """Mended: websocket-client is silent from the second on."""
    line = tape(ours, refused_url()).start(reconnect=SOON).until("error", 3)
    line.app.close()
    line.join()
    assert set(line.names[:-1]) == {"error"} and line.names[-1] == "close"


def test_unknown_name(ws, tape):
    line = tape(ws, "ws://name.invalid/").run()
    assert line.names == ["error", "close"]
    assert type(line.of("error")[0][0]) is ws.WebSocketAddressException


@pytest.mark.since(1, 6)
def test_refused_by_http(ws, peer, tape):
    def script(conn):
        conn.read_request()
        conn.answer("HTTP/1.1 403 Forbidden\nX-Why: because\n"
                    "Content-Length: 2", b"no")
    line = tape(ws, peer(script).url).run()
    assert line.names == ["error", "close"]
    error = line.of("error")[0][0]
    assert type(error) is ws.WebSocketBadStatusException
    assert error.status_code == 403
    assert error.resp_headers["x-why"] == "because"
    assert error.resp_body == b"no"
    assert str(error).startswith("Handshake status 403 Forbidden")


def test_wrong_accept(ws, peer, tape):
    def script(conn):
        conn.read_request()
        conn.answer("HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n"
                    "Connection: Upgrade\nSec-WebSocket-Accept: AAAA")
    line = tape(ws, peer(script).url).run()
    assert line.names == ["error", "close"]
    assert type(line.of("error")[0][0]) is ws.WebSocketException


@pytest.mark.parametrize("frame, name, code", [
    ((1, b"\xff"), "WebSocketPayloadException", 1007),
    ((1, b"x", 1, 4), "WebSocketProtocolException", 1002),
    ((3, b"x"), "WebSocketProtocolException", 1002),
    ((0, b"x"), "WebSocketProtocolException", 1002),
], ids=["utf8", "rsv", "opcode", "continuation"])
def test_broken_frames(ws, peer, tape, frame, name, code):
    """Mended: the close code says what was wrong; theirs is 1000."""
    def script(conn):
        conn.accept().send(*frame)
        return int.from_bytes(conn.recv_until(8)[:2], "big")
    server = peer(script)
    line = tape(ws, server.url).run()
    assert line.names == ["open", "error", "close"]
    assert type(line.of("error")[0][0]).__name__ == name
    server.close()
    assert server.results == [code if ws.is_ours else 1000]


def test_ping_timeout(ours, peer, tape):
    """Mended: on_error after interval + timeout, and on_close with it."""
    def silent(conn):
        conn.accept().until_end()
    line = tape(ours, peer(silent).url)
    line.run(ping_interval=0.2, ping_timeout=0.1)
    assert line.names == ["open", "error", "close"]
    error = line.of("error")[0][0]
    assert type(error) is ours.WebSocketTimeoutException
    assert str(error) == "ping/pong timed out"
    assert line.result is True


def test_half_a_frame_then_silence(ours, peer, tape):
    """Mended: websocket-client never notices."""
    def stall(conn):
        conn.accept().raw(conn.frame(1, b"x" * 100)[:50])
        conn.until_end()
    line = tape(ours, peer(stall).url)
    line.run(ping_interval=0.2, ping_timeout=0.1)
    assert line.names == ["open", "error", "close"]
    assert str(line.of("error")[0][0]) == "ping/pong timed out"


def test_no_false_timeout_behind_a_backlog(ours, peer, tape):
    """Mended: a consumer that is slower than the ping timeout is late, not
    its peer."""
    def feed(conn):
        conn.accept()
        for _ in range(2000):
            conn.send(2, bytes(10000))
        while True:
            opcode, data = conn.recv()
            if opcode == 8:
                conn.send(8, data)
                return
            conn.send(10, data)
            conn.text("last")
    line = tape(ours, peer(feed).url, ["on_open", "on_error", "on_close"])

    def work(seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass

    def slow(app, message):
        if message == "last":
            app.close()
        else:
            work(0.0005)
    line.app.on_message = slow
    line.run(ping_interval=0.1, ping_timeout=0.05)
    assert line.names == ["open", "close"]


@pytest.mark.since(1, 6)
def test_close_in_on_message(ws, peer, tape):
    server = peer(echo)
    line = tape(ws, server.url)
    line.on("on_open", lambda app: [app.send(str(n)) for n in range(3)])
    line.on("on_message", lambda app, message: app.close())
    line.run()
    told = (None, None) if ws.is_ours or ws.version < (1, 9, 1) \
        else (1000, None)
    assert line.events == [("open",), ("message", "0"), ("close", *told)]
    assert line.result is False


@pytest.mark.since(1, 6)
def test_exceptions_of_the_program_pass(ws, peer, tape):
    def script(conn):
        conn.accept().text("go")
        conn.polite()
    line = tape(ws, peer(script).url)

    def stop(app, message):
        raise SystemExit(3)
    line.on("on_message", stop)
    with pytest.raises(SystemExit):
        line.run()
    assert line.names == ["open", "message", "error", "close"]


@pytest.mark.since(1, 6)
def test_keyboard_interrupt_in_a_callback(ws, peer, tape):
    def script(conn):
        conn.accept().text("go")
        conn.polite()
    line = tape(ws, peer(script).url)

    def stop(app, message):
        raise KeyboardInterrupt
    line.on("on_message", stop).run()
    assert line.names == ["open", "message", "error", "close"]
    assert isinstance(line.of("error")[0][0], KeyboardInterrupt)
    assert line.result is True


def test_a_clean_run_after_a_failed_one(ours, peer, tape):
    """Mended: has_errored is about this run."""
    server = peer(vanish, lambda conn: conn.accept().farewell())
    line = tape(ours, server.url).run()
    assert line.result is True
    assert line.run().result is False


def test_close_cuts_the_wait_for_the_next_attempt(ours, tape):
    """Mended: theirs sleeps to the end of it."""
    line = tape(ours, refused_url()).start(reconnect=3600).until("error")
    line.app.close()
    line.join()
    assert line.names == ["error", "close"]


CTRL_C = """
import os, signal, sys, threading
import hawser.websocket as websocket
told = []
def opened(app):
    threading.Thread(target=os.kill,
                     args=(os.getpid(), signal.SIGINT)).start()
app = websocket.WebSocketApp(
    sys.argv[1], on_open=opened,
    on_error=lambda app, error: told.append(type(error).__name__),
    on_close=lambda app, *why: told.append("close"))
print(app.run_forever(), told)
"""


def test_ctrl_c_while_nothing_comes(peer):
    import hawser
    server = peer(lambda conn: conn.accept().polite())
    path = hawser.__path__[0].rsplit("/", 1)[0]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {path!r})\n"
         + CTRL_C, server.url], capture_output=True, text=True, timeout=30,
        check=False)
    assert done.stdout.strip() == "True ['KeyboardInterrupt', 'close']", \
        done.stderr
