"""The loop by itself: descriptors, deadlines, calls from other threads."""
import os
import socket
import threading

import pytest

import hawser


@pytest.mark.parametrize("poller", hawser.pollers())
def test_watch_is_called_while_it_is_ready(poller):
    loop = hawser.EventLoop(poller)
    assert loop.poller == poller
    left, right = socket.socketpair()
    seen = []
    watch = hawser.Watch(loop, seen.append)
    watch.set(left.fileno(), hawser.READ)
    assert not loop.turn(0)
    right.send(b"x")
    assert loop.turn(5) and loop.turn(5)
    assert seen == [hawser.READ, hawser.READ]
    watch.set(left.fileno(), hawser.READ | hawser.WRITE)
    loop.turn(5)
    assert seen[-1] == hawser.READ | hawser.WRITE
    watch.set(left.fileno(), 0)
    assert watch.interest == 0
    assert not loop.turn(0)
    left.close()
    right.close()


def test_watch_that_another_forgot_is_not_called(loop):
    pairs = [socket.socketpair() for _ in range(2)]
    seen = []

    def make(number):
        def ready(what):
            seen.append(number)
            other = watches[1 - number]
            other.set(pairs[1 - number][0].fileno(), 0)
        return hawser.Watch(loop, ready)
    watches = [make(0), make(1)]
    for watch, (left, right) in zip(watches, pairs):
        watch.set(left.fileno(), hawser.READ)
        right.send(b"x")
    loop.turn(5)
    assert len(seen) == 1
    for watch, pair in zip(watches, pairs):
        watch.set(pair[0].fileno(), 0)
        pair[0].close()
        pair[1].close()


def test_timers_fire_in_order_and_once(loop):
    order = []
    timers = [hawser.Timer(loop, lambda n=n: order.append(n))
              for n in range(3)]
    for number in (2, 0, 1):
        timers[number].after(number / 1000)
    loop.run(until=lambda: len(order) == 3)
    assert order == [0, 1, 2]
    assert not any(timer.armed for timer in timers)
    assert not loop.turn(0)


def test_timer_rearmed_late_forgets_its_past(loop):
    order = []
    first = hawser.Timer(loop, lambda: (order.append("first"),
                                        second.after(None)))
    second = hawser.Timer(loop, lambda: order.append("second"))
    first.after(0)
    second.after(0)
    loop.turn(5)
    assert order == ["first"]


def test_timer_may_rearm_itself(loop):
    count = []

    def again():
        count.append(1)
        if len(count) < 5:
            timer.after(0)
    timer = hawser.Timer(loop, again)
    timer.after(0)
    loop.run(until=lambda: len(count) == 5)


def test_post_wakes_the_loop_from_another_thread(loop):
    seen = []
    thread = threading.Thread(
        target=lambda: [loop.post(lambda n=n: seen.append(n))
                        for n in range(100)])
    thread.start()
    loop.run(until=lambda: len(seen) == 100)
    thread.join()
    assert seen == list(range(100))


def test_exception_ends_the_turn_and_keeps_the_rest(loop):
    seen = []

    def fail():
        raise ValueError("first")
    loop.post(fail)
    loop.post(lambda: seen.append("second"))
    with pytest.raises(ValueError, match="first"):
        loop.turn(5)
    loop.turn(0)
    assert seen == ["second"]


def test_stop_ends_run_from_another_thread(loop):
    threading.Thread(target=loop.stop).start()
    loop.run()


def test_turn_in_a_callback_is_a_turn(loop):
    seen = []
    inner = hawser.Timer(loop, lambda: seen.append("inner"))

    def outer():
        inner.after(0)
        loop.turn(5)
        seen.append("outer")
    loop.post(outer)
    loop.turn(5)
    assert seen == ["inner", "outer"]


def test_bad_descriptors_and_interests_are_refused(loop):
    watch = hawser.Watch(loop, print)
    with pytest.raises(hawser.Error, match="cannot watch"):
        watch.set(-1, hawser.READ)
    with pytest.raises(ValueError, match="READ, WRITE"):
        watch.set(0, 8)
    with pytest.raises(ValueError, match="number"):
        hawser.Timer(loop, print).after(float("nan"))
    with pytest.raises(hawser.Error, match="nonsense"):
        hawser.EventLoop("nonsense")


def test_loop_in_a_child_after_fork_says_so(loop):
    pid = os.fork()
    if pid == 0:
        try:
            loop.turn(0)
        except hawser.Error as error:
            os._exit(0 if error.status == "fork" else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_stats_count(loop):
    loop.post(lambda: None)
    loop.turn(5)
    stats = loop.stats()
    assert stats["turns"] >= 1 and stats["idle_turns"] == 0
