"""hawser.rel: what rel's users rely on, and what they should have got."""
import os
import resource
import signal
import socket
import subprocess
import sys
import threading

import pytest

from hawser.rel import buff, errors, util
from hawser import rel
from hawser.rel import rel as inner


@pytest.fixture(autouse=True)
def fresh():
    inner.registrar = None
    rel.initialize()
    yield rel
    inner.registrar.init()
    buff.writings.clear()
    inner.SAFE_READ = False


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    yield left, right
    left.close()
    right.close()


def test_read_stays_while_its_callback_is_true(pair):
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


def test_write_is_called_when_writable(pair):
    calls = []
    rel.write(pair[0], lambda: calls.append(1))
    rel.dispatch()
    assert calls == [1]


def test_persistent_stays_whatever_its_callback_says(pair):
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


def test_second_registration_replaces_the_first(pair):
    left, right = pair
    seen = []
    rel.read(left, lambda: seen.append("first"))
    rel.read(left, lambda: seen.append("second"))
    right.send(b"x")
    rel.dispatch()
    assert seen == ["second"]


def test_number_that_another_socket_has_now_is_watched(pair):
    left, right = pair
    event = rel.read(left, lambda: True)
    number = left.fileno()
    left.close()
    fresh_left, fresh_right = socket.socketpair()
    assert fresh_left.fileno() == number
    seen = []
    rel.read(fresh_left, lambda: seen.append(fresh_left.recv(9)))
    fresh_right.send(b"new")
    rel.dispatch()
    assert seen == [b"new"]
    event.delete()
    fresh_left.close()
    fresh_right.close()


def test_error_event_is_told_of_a_hang_up(pair):
    left, right = pair
    seen = []
    rel.error(left, lambda: seen.append("error"))
    rel.timeout(30, rel.abort)
    right.close()
    while not seen:
        rel.loop()
    assert seen == ["error"]
    rel.init()


def test_error_events_alone_keep_nothing_running(pair):
    rel.error(pair[0], lambda: None)
    rel.dispatch()
    assert not rel.is_running()


def test_timeouts_come_in_order_and_again_while_true():
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


def test_timeout_without_delay_waits_for_add():
    seen = []
    timer = rel.timeout(None, lambda: seen.append(1))
    assert timer.pending() == 0
    timer.add(0)
    assert timer.pending() == 1
    rel.dispatch()
    assert seen == [1] and timer.expiration is None


def test_deleted_timeout_never_comes():
    seen = []
    timer = rel.timeout(0, lambda: seen.append(1))
    timer.delete()
    rel.dispatch()
    assert seen == []


def test_signal_is_heard_while_nothing_happens():
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


def test_signal_abort_leaves_dispatch():
    event = rel.signal(signal.SIGINT, rel.abort)
    rel.timeout(0, lambda: rel.thread(
        lambda: os.kill(os.getpid(), signal.SIGINT)))
    rel.dispatch()
    event.delete()


def test_dispatch_runs_again_after_its_end():
    """rel's own returns at once the second time."""
    seen = []
    for number in range(2):
        rel.timeout(0, lambda n=number: seen.append(n))
        rel.dispatch()
    assert seen == [0, 1]


def test_dispatch_runs_again_after_an_exception():
    def fail():
        raise ValueError("in a callback")
    rel.timeout(0, fail)
    with pytest.raises(ValueError, match="in a callback"):
        rel.dispatch()
    assert not rel.is_running()
    seen = []
    rel.timeout(0, lambda: seen.append(1))
    rel.dispatch()
    assert seen == [1]


def test_pause_keeps_what_is_waited_for(pair):
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


def test_abort_drops_descriptors_and_keeps_timers(pair):
    rel.read(pair[0], lambda: True)
    rel.timeout(60, lambda: None)
    rel.timeout(0, rel.abort)
    rel.dispatch()
    assert rel.report() == {"timers": 1, "signals": 0, "reads": 0,
                            "writes": 0}


@pytest.mark.parametrize("where", ["read", "timeout"])
def test_abort_branch_ends_one_callback_only(pair, where):
    left, right = pair
    seen = []

    def leave():
        seen.append("left")
        if where == "read":
            left.recv(1)
        rel.abort_branch()
        seen.append("never")
    if where == "read":
        rel.read(left, leave)
        right.send(b"x")
    else:
        rel.timeout(0, leave)
    rel.timeout(0.001, lambda: seen.append("other") or rel.abort())
    rel.dispatch()
    assert "never" not in seen and seen[0] == "left" and "other" in seen


def test_thread_swallows_abort_branch_only():
    def work():
        raise errors.AbortBranch()
    rel.thread(work)


def test_timeout_from_another_thread_wakes_the_loop():
    """rel's own waits for its next tick."""
    seen = []
    keep = rel.timeout(60, lambda: None)
    started = threading.Event()
    rel.timeout(0, started.set)

    def work():
        started.wait()
        rel.timeout(0, lambda: seen.append(1) or keep.delete())
    rel.thread(work)
    rel.dispatch()
    assert seen == [1]


def test_events_of_pyevent(pair):
    left, right = pair
    seen = []
    event = rel.event(lambda *args: seen.append(args), "argument",
                      rel.EV_READ, left)
    right.send(b"x")
    rel.dispatch()
    assert seen == [] and event.pending() == 0
    event.add()
    assert event.pending() == 1
    rel.dispatch()
    assert seen == [(event, left, rel.EV_READ, "argument")]
    timer = rel.event(lambda *args: seen.append("timeout"))
    timer.add(0)
    rel.dispatch()
    assert seen[-1] == "timeout"


def test_persistent_event_of_pyevent(pair):
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


def test_initialize_takes_the_first_that_can_be_had():
    assert rel.initialize(["nonsense", "poll"]) == "poll"
    assert rel.initialize(["select"], ["strict"]) == "select"
    assert inner.registrar.engine.poller == "select"
    wanted = ["select"]
    rel.initialize(wanted)
    assert wanted == ["select"]
    with pytest.raises(ImportError, match="nonsense"):
        rel.initialize(["nonsense"], ["strict"])


def test_override_gives_pyevents_name(pair):
    rel.override()
    import event
    assert event.dispatch is rel.dispatch and event.EV_READ == rel.EV_READ
    del sys.modules["event"]


def test_safe_read_drops_arguments(pair):
    left, right = pair
    seen = []
    rel.safe_read()
    rel.read(left, lambda *args: seen.append(args), "dropped")
    right.send(b"x")
    rel.dispatch()
    assert seen == [()]


def test_buffwrite_delivers_everything_in_order(pair):
    left, right = pair
    left.setblocking(False)
    data = os.urandom(3 << 20)
    got = []
    reader = threading.Thread(target=read_all, args=(right, len(data), got))
    reader.start()
    sent = []

    def sender(sock, piece):
        size = sock.send(piece)
        sent.append(size)
        return size
    for at in range(0, len(data), 1 << 20):
        rel.buffwrite(left, data[at:at + (1 << 20)], sender, pytest.fail)
    rel.dispatch()
    reader.join()
    assert b"".join(got) == data
    assert buff.writings[left].size == 0
    rel.release_buff(left)
    assert left not in buff.writings


def read_all(sock, size, got):
    while size:
        got.append(sock.recv(1 << 16))
        size -= len(got[-1])


def test_buffwrite_is_bounded_and_says_so(pair, monkeypatch):
    """rel's own grows without end when the peer does not read."""
    monkeypatch.setattr(buff, "QUEUE_MAX", 100000)
    left, _ = pair
    left.setblocking(False)
    errors_seen = []
    for _ in range(100):
        rel.buffwrite(left, b"x" * 50000, lambda s, p: s.send(p),
                      errors_seen.append)
        if errors_seen:
            break
    assert "would exceed 100000" in errors_seen[0]
    rel.release_buff(left)


def test_buffwrite_tells_of_a_broken_socket(pair):
    left, right = pair
    left.setblocking(False)
    right.close()
    errors_seen = []
    rel.buffwrite(left, b"x", lambda s, p: s.send(p), errors_seen.append)
    assert errors_seen and errors_seen[0].startswith("write error: ")


def test_tls_frames_that_wait_inside_are_handed_over(pair):
    """A socket that holds more is read again without becoming ready."""
    left, right = pair

    class Holding:
        held = 0
        fileno = left.fileno

        def pending(self):
            return self.held
    sock = Holding()
    seen = []

    def readable():
        if sock.held == 0 and not seen:
            left.recv(1)
            sock.held = 49
        else:
            sock.held -= 1
        seen.append(1)
        return len(seen) < 50
    rel.read(sock, readable)
    right.send(b"x")
    rel.dispatch()
    assert len(seen) == 50


def test_idle_dispatch_makes_no_turn(pair):
    """rel's own wakes 1,380 times a second."""
    rel.read(pair[0], lambda: True)
    rel.timeout(0.2, rel.abort)
    before = inner.registrar.engine.stats()["turns"]
    switches = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
    rel.dispatch()
    assert inner.registrar.engine.stats()["turns"] - before <= 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw - switches < 20


def test_channels_and_happenings():
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


def test_start_and_stop():
    code = ("import sys; sys.path.insert(0, {path!r})\n"
            "from hawser import rel\n"
            "rel.timeout(0, rel.stop)\n"
            "rel.start()\n"
            "print('left')\n"
            "rel.stop()\n"
            "print('never')\n").format(
                path=os.environ["HAWSER_BUILD"] + "/python")
    done = subprocess.run([sys.executable, "-c", code], text=True,
                          capture_output=True, timeout=30, check=False)
    assert done.stdout == "left\n" and done.returncode == 0
