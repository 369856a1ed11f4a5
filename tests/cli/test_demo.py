"""demo: a feed that dies and comes back, and arithmetic that holds."""
import re
import signal


def test_summary_counts_every_message(run):
    done = run("demo", "--for", 3, "--json", "--rate", 2000,
               "--kill-every", "600ms", "--down-for", "150ms")
    assert (done.code, done.err) == (0, "")
    total, = done.objects
    assert total["sent"] == total["received"] + total["lost_between"]
    assert total["disordered"] == 0
    assert total["received"] > 0 and total["lost_between"] > 0
    assert total["sent_while_down"] <= total["lost_between"]
    assert total["kills"] >= 2 and 1 <= total["reconnects"] <= total["kills"]
    assert 2.9 <= total["seconds"] < 30
    lag = total["lag_ms"]
    assert lag["count"] == total["received"]
    assert lag["min"] <= lag["p50"] <= lag["p99"] <= lag["p999"] <= lag["max"]
    assert 0 < total["client_cpu_seconds"] <= total["cpu_seconds"]
    assert 0 < total["wakeups"] and total["last_fault"]


def test_first_kill_is_a_crash_that_is_survived(run):
    total, = run("demo", "--for", "3s", "--json", "--kill-every", "2s",
                 "--down-for", "100ms").objects
    assert (total["kills"], total["reconnects"]) == (1, 1)
    assert "reset" in total["last_fault"] or "refused" in total["last_fault"]
    assert total["lost_between"] > 0


def test_nothing_is_lost_while_the_server_lives(run):
    total, = run("demo", "--for", "1500ms", "--json", "--rate", 5000,
                 "--kill-every", 0).objects
    assert total["sent"] == total["received"] > 1000
    assert (total["lost_between"], total["reconnects"]) == (0, 0)
    assert (total["kills"], total["last_fault"]) == (0, "")


def test_pipe_gets_a_line_a_second_and_a_table(run):
    done = run("demo", "--for", "2500ms", "--kill-every", "1s")
    assert done.code == 0 and "\x1b" not in done.out
    lines = [line for line in done.lines if re.match(r" *\d+ s  ", line)]
    assert len(lines) in (2, 3)
    assert all("lag p50 " in line and "messages/s" in line for line in lines)
    for label in ("rate", "messages", "reconnects", "lag", "cpu", "wake-ups",
                  "last fault"):
        assert f"\n  {label} " in done.out


def test_interrupt_ends_with_the_summary(start):
    program = start("demo", "--rate", 500)
    program.out.next()
    assert program.interrupt(signal.SIGINT).end() == 0
    assert any(line.startswith("  messages ") for line in program.out.seen)


def test_every_dispatcher_runs_the_demo(run):
    for name in ("epoll", "poll", "select"):
        total, = run("demo", "--for", "400ms", "--json", "--dispatcher",
                     name).objects
        assert total["dispatcher"] == name and total["received"] > 0
