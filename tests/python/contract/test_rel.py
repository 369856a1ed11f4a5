"""What users of rel rely on, played to rel itself and to hawser.rel."""
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

REAL = os.environ.get("REL")
if REAL:
    sys.path.insert(0, REAL)


@pytest.fixture(params=["hawser.rel", "rel"])
def rel(request):
    module = pytest.importorskip(request.param)
    inner = importlib.import_module(request.param + ".rel")
    inner.registrar = None
    inner.running = False  # rel's own keeps it beyond an end
    module.initialize()
    yield module
    inner.registrar.init()
    part(module, "buff").writings.clear()
    inner.SAFE_READ = False


def need(rel, name):
    """Tests of what changed with the release that brought `name`."""
    if not hasattr(rel, name):
        pytest.skip(f"rel {rel.__version__} has no {name}()")


def run(rel):
    """dispatch(), which rel's own does once only (docs/MOVING.md)."""
    part(rel, "rel").running = False
    rel.dispatch()


def part(rel, name):
    return importlib.import_module(f"{rel.__name__}.{name}")


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    yield left, right
    left.close()
    right.close()


def read_all(sock, size, got):
    while size:
        got.append(sock.recv(1 << 16))
        size -= len(got[-1])


def test_read_stays_while_its_callback_is_true(rel, pair):
    left, right = pair
    got = []

    def readable(name):
        got.append((name, left.recv(1)))
        return len(got) < 3
    event = rel.read(left, readable, "name")
    right.send(b"abcd")
    rel.dispatch()
    assert got == [("name", b"a"), ("name", b"b"), ("name", b"c")]
    assert event.pending() == 0


def test_write_is_called_when_writable(rel, pair):
    calls = []
    rel.write(pair[0], lambda: calls.append(1))
    rel.dispatch()
    assert calls == [1]


def test_persistent_stays_whatever_its_callback_says(rel, pair):
    left, right = pair
    got = []

    def readable():
        got.append(left.recv(1))
        if len(got) == 3:
            event.delete()
    event = rel.read(left, readable)
    event.persistent()
    right.send(b"abc")
    rel.dispatch()
    assert got == [b"a", b"b", b"c"]


def test_second_registration_replaces_the_first(rel, pair):
    left, right = pair
    seen = []
    rel.read(left, lambda: seen.append("first"))
    rel.read(left, lambda: seen.append("second"))
    right.send(b"x")
    rel.dispatch()
    assert seen == ["second"]


def test_error_events_alone_keep_nothing_running(rel, pair):
    rel.error(pair[0], lambda: None)
    rel.dispatch()


def test_timeouts_come_in_order_and_again_while_true(rel):
    order = []
    rel.timeout(0.002, lambda: order.append("late"))
    rel.timeout(0.001, lambda: order.append("early"))

    def again():
        order.append("again")
        return order.count("again") < 3
    rel.timeout(0, again)
    rel.dispatch()
    assert order.count("again") == 3
    assert order.index("early") < order.index("late")


def test_timeout_without_delay_waits_for_add(rel):
    seen = []
    timer = rel.timeout(None, lambda: seen.append(1))
    assert timer.pending() == 0
    timer.add(0)
    assert timer.pending() == 1
    rel.dispatch()
    assert seen == [1]


def test_deleted_timeout_never_comes(rel):
    seen = []
    timer = rel.timeout(0, lambda: seen.append(1))
    timer.delete()
    rel.dispatch()
    assert seen == []


def test_signal_is_heard_while_nothing_happens(rel):
    seen = []

    def caught(word):
        seen.append(word)
        rel.abort()
        event.delete()
    event = rel.signal(signal.SIGUSR1, caught, "usr1")
    rel.thread(lambda: os.kill(os.getpid(), signal.SIGUSR1))
    rel.dispatch()
    assert seen == ["usr1"]
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL


def test_signal_abort_leaves_dispatch(rel):
    event = rel.signal(signal.SIGINT, rel.abort)
    rel.timeout(0, lambda: rel.thread(
        lambda: os.kill(os.getpid(), signal.SIGINT)))
    rel.dispatch()
    event.delete()


def test_pause_keeps_what_is_waited_for(rel, pair):
    need(rel, "pause")
    left, right = pair
    seen = []

    def readable():
        seen.append(left.recv(1))
        rel.pause()
        return len(seen) < 2
    rel.read(left, readable)
    right.send(b"ab")
    rel.dispatch()
    assert seen == [b"a"] and rel.report()["reads"] == 1
    rel.resume()
    assert seen == [b"a", b"b"]


def test_abort_drops_descriptors_and_keeps_timers(rel, pair):
    need(rel, "release_buff")
    rel.read(pair[0], lambda: True)
    rel.timeout(60, lambda: None)
    rel.timeout(0, rel.abort)
    rel.dispatch()
    assert rel.report() == {"timers": 1, "signals": 0, "reads": 0,
                            "writes": 0}


def test_abort_branch_ends_one_callback_only(rel, pair):
    left, right = pair
    seen = []

    def leave():
        seen.append("left")
        left.recv(1)
        rel.abort_branch()
        seen.append("never")
    rel.read(left, leave)
    right.send(b"x")
    rel.timeout(0.001, lambda: seen.append("other") or rel.abort())
    rel.dispatch()
    assert sorted(seen) == ["left", "other"]


def test_thread_swallows_abort_branch_only(rel):
    def work():
        raise part(rel, "errors").AbortBranch()
    rel.thread(work)


def test_events_of_pyevent(rel, pair):
    left, right = pair
    seen = []
    event = rel.event(lambda *args: seen.append(args), "argument",
                      rel.EV_READ, left)
    right.send(b"x")
    run(rel)
    assert seen == [] and event.pending() == 0
    event.add()
    assert event.pending() == 1
    run(rel)
    assert seen == [(event, left, rel.EV_READ, "argument")]
    timer = rel.event(lambda *args: seen.append("timeout"))
    timer.add(0)
    run(rel)
    assert seen[-1] == "timeout"


def test_persistent_event_of_pyevent(rel, pair):
    left, right = pair
    seen = []

    def readable(event, handle, evtype, arg):
        seen.append(handle.recv(1))
        if len(seen) == 2:
            event.delete()
    rel.event(readable, None, rel.EV_READ | rel.EV_PERSIST, left).add()
    right.send(b"ab")
    rel.dispatch()
    assert seen == [b"a", b"b"]


def test_initialize_takes_the_first_that_can_be_had(rel):
    assert rel.initialize(["nonsense", "poll"]) == "poll"
    assert rel.initialize(["select"], ["strict"]) == "select"


def test_override_gives_pyevents_name(rel, pair):
    rel.override()
    import event
    assert event.dispatch is rel.dispatch and event.EV_READ == rel.EV_READ
    del sys.modules["event"]


def test_safe_read_drops_arguments(rel, pair):
    left, right = pair
    seen = []
    rel.safe_read()
    rel.read(left, lambda *args: seen.append(args), "dropped")
    right.send(b"x")
    rel.dispatch()
    assert seen == [()]


def test_buffwrite_delivers_everything_in_order(rel, pair):
    need(rel, "release_buff")
    left, right = pair
    data = os.urandom(3 << 20)
    got = []
    reader = threading.Thread(target=read_all, args=(right, len(data), got))
    reader.start()
    for at in range(0, len(data), 1 << 20):
        rel.buffwrite(left, data[at:at + (1 << 20)],
                      lambda sock, piece: sock.sendall(piece) or len(piece),
                      pytest.fail)
    rel.dispatch()
    reader.join()
    assert b"".join(got) == data
    rel.release_buff(left)


def test_channels_and_happenings(rel):
    util = part(rel, "util")
    heard = []
    util.listen("channel", heard.append)
    util.emit("channel", 1)
    assert util.ask("channel", 2) is None
    util.when("event", heard.append, 3)
    util.transpire("event")
    util.when("event", heard.append, 4)
    util.transpire("event")
    assert heard == [1, 2, 3, 4]
    assert util.ask("silence") is None


def test_start_and_stop(rel):
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
import {rel.__name__} as rel
rel.timeout(0, rel.stop)
rel.start()
print("left")
rel.stop()
print("never")
"""
    done = subprocess.run([sys.executable, "-c", code], text=True,
                          capture_output=True, timeout=30, check=False)
    assert done.stdout == "left\n" and done.returncode == 0
