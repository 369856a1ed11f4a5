"""Apps on rel's loop, and inside dispatchers of other makers."""
import heapq
import itertools
import os
import select
import signal
import threading
import time
import warnings

import pytest

from hawser import rel

from .peer import echo

INNER = rel.rel


def hello(conn):
    conn.accept().text("hello")
    conn.farewell(1001, b"restart")


def vanish(conn):
    conn.accept()


def reset(conn):
    conn.accept().recv_until(1)
    conn.reset()


def broken(conn):
    conn.accept().send(1, b"x", 1, 4)
    conn.recv_until(8)


def silent(conn):
    conn.accept().until_end()


@pytest.fixture
def fresh():
    before = signal.getsignal(signal.SIGINT)
    INNER.registrar = None
    rel.initialize()
    yield rel
    INNER.registrar.init()
    signal.signal(signal.SIGINT, before)


class Foreign:
    """The least that a dispatcher may be: select(), one callback for each
    descriptor and turn, timers that cannot be taken back."""

    def __init__(self):
        self.reads = {}
        self.timers = []
        self.order = itertools.count()
        self.running = False
        self.turns = 0

    def read(self, sock, callback):
        self.reads[sock.fileno()] = callback

    def timeout(self, seconds, callback, *arguments):
        heapq.heappush(self.timers, (time.monotonic() + seconds,
                                     next(self.order), callback, arguments))

    def signal(self, number, callback):
        """Ctrl-C is not of this test."""

    def buffwrite(self, sock, data, send, onerror):
        raise AssertionError("the app writes by itself")

    def abort(self):
        self.running = False

    def ready(self, wait):
        return select.select(list(self.reads), [], [], wait)[0]

    def dispatch(self):
        self.running = True
        while self.running and (self.reads or self.timers):
            wait = None
            if self.timers:
                wait = max(0, self.timers[0][0] - time.monotonic())
            if not self.reads:
                return
            for fd in self.ready(wait):
                self.turns += 1
                if not self.reads[fd]():
                    del self.reads[fd]
            while self.timers and self.timers[0][0] <= time.monotonic():
                _, _, callback, arguments = heapq.heappop(self.timers)
                callback(*arguments)


class Sleeper(Foreign):
    """It looks, and does not wait for anything, as rel does."""

    __version__ = "0.4.9.99"

    def ready(self, wait):
        threading.Event().wait(0.01)
        return super().ready(0)


@pytest.fixture(params=["hawser.rel", "registrar", "foreign"])
def dispatcher(request, fresh):
    if request.param == "foreign":
        return Foreign()
    return fresh if request.param == "hawser.rel" else INNER.registrar


def dispatch(dispatcher):
    dispatcher.dispatch()


def test_run_forever_returns_at_once(ours, peer, tape, dispatcher):
    line = tape(ours, peer(hello).url)
    assert line.app.run_forever(dispatcher=dispatcher) is False
    assert line.events == [] and line.app.keep_running
    dispatch(dispatcher)
    assert line.events == [("open",), ("message", "hello"),
                           ("close", 1001, "restart")]


@pytest.mark.parametrize("script, error", [
    (vanish, "WebSocketConnectionClosedException"),
    (reset, "ConnectionResetError"),
    (broken, "WebSocketProtocolException"),
    (silent, "WebSocketTimeoutException"),
], ids=["eof", "reset", "protocol", "ping timeout"])
def test_every_end_is_told(ours, peer, tape, dispatcher, script, error):
    """Mended: with rel these are raised from dispatch(), or not told at all."""
    line = tape(ours, peer(script).url)
    if script is reset:
        line.on("on_open", lambda app: app.send("go"))
    line.app.run_forever(dispatcher=dispatcher, ping_interval=0.2,
                         ping_timeout=0.1)
    dispatch(dispatcher)
    assert line.names == ["open", "error", "close"]
    assert type(line.of("error")[0][0]).__name__ == error


def test_reconnects_do_not_storm(ours, peer, tape, dispatcher):
    """Mended: one connection after the other, whatever ends it."""
    server = peer(hello, vanish, hello, echo)
    line = tape(ours, server.url)
    line.listen("on_reconnect")
    line.on("on_reconnect",
            lambda app: len(line.of("reconnect")) == 3 and app.close())
    line.app.run_forever(dispatcher=dispatcher, reconnect=0.01)
    dispatch(dispatcher)
    assert [name for name in line.names if name != "message"] == [
        "open", "error", "reconnect", "error", "reconnect", "error",
        "reconnect", "close"]
    assert len(server.conns) == 4


def test_close_in_a_callback_says_goodbye(ours, peer, tape, dispatcher):
    """Mended: with rel on_close never comes, and no close frame leaves."""
    server = peer(lambda conn: conn.accept().polite())
    line = tape(ours, server.url)
    line.on("on_open", lambda app: app.close(status=4000))
    line.app.run_forever(dispatcher=dispatcher)
    dispatch(dispatcher)
    assert line.names == ["open", "close"]
    server.close()
    assert server.results == [(4000).to_bytes(2, "big")]


def test_what_is_sent_before_dispatch_waits(ours, peer, tape, dispatcher):
    line = tape(ours, peer(echo).url)
    line.on("on_message", lambda app, message: app.close())
    line.app.run_forever(dispatcher=dispatcher)
    dispatcher.timeout(0, lambda: line.app.send("early"))
    dispatch(dispatcher)
    assert line.of("message") == [("early",)]


def test_two_apps_share_a_loop(ours, peer, tape, dispatcher):
    lines = [tape(ours, peer(hello).url) for _ in range(2)]
    for line in lines:
        line.app.run_forever(dispatcher=dispatcher)
    dispatch(dispatcher)
    assert [line.of("message") for line in lines] == [[("hello",)]] * 2


def test_a_burst_is_drained_in_few_turns(ours, peer, tape):
    """Mended: not one message for each turn of the dispatcher."""
    def burst(conn):
        conn.accept().raw(conn.frame(1, b"x" * 100) * 5000)
        conn.farewell()
    foreign = Foreign()
    line = tape(ours, peer(burst).url)
    line.app.run_forever(dispatcher=foreign)
    foreign.dispatch()
    assert len(line.of("message")) == 5000
    assert foreign.turns < 500


def test_rel_dispatch_ends_with_the_last_app(ours, peer, tape, fresh):
    """Mended: the SIGINT handler that came with the app goes with it."""
    before = signal.getsignal(signal.SIGINT)
    line = tape(ours, peer(hello).url)
    line.app.run_forever(dispatcher=rel)
    assert rel.report()["signals"] == 1
    rel.dispatch()
    assert rel.report()["signals"] == 0
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_leaves_dispatch_and_closes(ours, peer, tape, fresh):
    """Mended: rel leaves the socket open, and on_close uncalled."""
    line = tape(ours, peer(silent).url)
    line.on("on_open", lambda app: os.kill(os.getpid(), signal.SIGINT))
    line.app.run_forever(dispatcher=rel)
    rel.dispatch()
    assert line.names == ["open", "close"]


def test_the_users_signal_stays_the_users(ours, peer, tape, fresh):
    line = tape(ours, peer(hello).url)
    line.app.run_forever(dispatcher=rel)
    rel.signal(2, rel.abort)
    line.on("on_close", lambda app, *_: rel.abort())
    rel.dispatch()
    assert rel.report()["signals"] == 1


def test_classes_of_dispatchers(ours, peer, tape):
    app = tape(ours, "ws://127.0.0.1/").app
    part = ours.part("_dispatcher")
    assert type(app.create_dispatcher(5)) is part.Dispatcher
    assert app.create_dispatcher(None).ping_timeout == 10
    assert type(app.create_dispatcher(5, is_ssl=True)) is part.SSLDispatcher
    wrapped = app.create_dispatcher(5, Foreign())
    assert type(wrapped) is part.WrappedDispatcher


def knocked(ours, peer, tape, dispatcher, is_enough=lambda: False):
    """Echo after echo: each is a knock. A busy machine hides some of them."""
    line = tape(ours, peer(echo).url)

    def on_message(app, message):
        if len(line.of("message")) < 100 and not is_enough():
            app.send(message)
        else:
            app.close()
            dispatcher.abort()
    line.on("on_open", lambda app: app.send("x")).on("on_message", on_message)
    line.app.run_forever(dispatcher=dispatcher)
    dispatch(dispatcher)
    assert line.of("message")


def test_a_dispatcher_that_sleeps_is_warned_about(ours, peer, tape):
    with pytest.warns(RuntimeWarning) as told:
        knocked(ours, peer, tape, Sleeper(), lambda: told.list)
    words, = [str(one.message) for one in told]
    assert "'Sleeper' 0.4.9.99 sleeps while a descriptor is ready" in words
    assert "hawser.rel" in words


def test_no_warning_of_one_that_waits(ours, peer, tape):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        knocked(ours, peer, tape, Foreign())


def test_a_program_without_patience_for_warnings_goes_on(ours, peer, tape):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        knocked(ours, peer, tape, Sleeper())
