"""--log: the life of connections, as lines of JSON."""
import json
import os
import stat

import pytest


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_tail_logs_every_connection(serve, start, tmp_path):
    path = tmp_path / "life.json"
    first, second = serve("echo"), serve("echo")
    tail = start("tail", first.url + "?token=secret", second.url,
                 "--on-open", "hello", "--log", path)
    assert all("hello" in tail.out.next() for _ in range(2))
    tail.interrupt()
    assert tail.end() == 130
    assert "secret" not in path.read_text()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    lines = lines_of(path)
    for number, server in (("1", first), ("2", second)):
        own = [line for line in lines if line["connection"] == number]
        assert [line["event"] for line in own] == ["up", "closing", "down"]
        assert own[0]["peer"] in server.url
        assert own[2]["final"] and own[2]["by"] == "local"


def test_a_log_is_appended_to(serve, run, tmp_path):
    path = tmp_path / "life.json"
    url = serve("echo").url
    for _ in range(2):
        assert run("send", url, "hello", "--log", path).code == 0
    events = [line["event"] for line in lines_of(path)]
    assert events.count("up") == events.count("down") == 2


def test_the_log_may_go_to_standard_error(serve, run):
    done = run("send", serve("echo").url, "hello", "--log", "-")
    logged = [json.loads(line) for line in done.err.splitlines()
              if line.startswith("{")]
    assert [line["event"] for line in logged][0] == "up"


def test_a_failure_has_its_cause(run, tmp_path):
    path = tmp_path / "life.json"
    assert run("send", "ws://127.0.0.1:1/", "x", "--log", path).code == 1
    down = lines_of(path)[-1]
    assert (down["event"], down["phase"], down["os_error"]) == (
        "down", "tcp", 111)


@pytest.mark.parametrize("path, why", [("/nowhere/at/all", "No such file"),
                                       ("/", "Is a directory")])
def test_a_file_that_cannot_be_opened(run, path, why):
    done = run("tail", "ws://127.0.0.1:1/", "--log", path)
    assert done.code == 3
    assert f"option '--log': cannot open '{path}': {why}" in done.err


def test_a_full_disk_ends_the_log_only(serve, run):
    done = run("send", serve("echo").url, "hello", "--log", "/dev/full")
    assert done.code == 0
    assert done.err.count("--log: cannot write") == 1
