"""hawser.rel where rel's own does what nobody wants: what its users should have
got. What both do stands in contract/test_rel.py."""
import os
import resource
import socket
import threading

import pytest

from hawser.rel import buff
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


def test_initialize_refuses_and_leaves_its_list_alone():
    """rel's own adds to the list, and fails later."""
    assert rel.initialize(["select"], ["strict"]) == "select"
    assert inner.registrar.engine.poller == "select"
    wanted = ["select"]
    rel.initialize(wanted)
    assert wanted == ["select"]
    with pytest.raises(ImportError, match="nonsense"):
        rel.initialize(["nonsense"], ["strict"])


def read_all(sock, size, got):
    while size:
        got.append(sock.recv(1 << 16))
        size -= len(got[-1])


def test_buffwrite_delivers_everything_over_a_socket_that_takes_less(pair):
    """rel's own ignores how much was sent."""
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


def test_error_event_is_told_of_a_hang_up(pair):
    """rel's own waits for ever."""
    left, right = pair
    seen = []
    rel.error(left, lambda: seen.append("error"))
    rel.timeout(30, rel.abort)
    right.close()
    while not seen:
        rel.loop()
    assert seen == ["error"]
    rel.init()


def test_abort_branch_of_a_timer_stays_in_it():
    """It leaves rel's own dispatch()."""
    seen = []

    def leave():
        seen.append("left")
        rel.abort_branch()
    rel.timeout(0, leave)
    rel.timeout(0.001, lambda: seen.append("other"))
    rel.dispatch()
    assert seen == ["left", "other"]


def test_it_runs_no_more_after_its_end():
    """rel's own says that it does."""
    rel.timeout(0, lambda: None)
    rel.dispatch()
    assert not rel.is_running()


def test_a_timeout_that_came_waits_no_more():
    """rel's own says that it does."""
    timer = rel.timeout(0, lambda: None)
    rel.dispatch()
    assert timer.pending() == 0 and timer.expiration is None
