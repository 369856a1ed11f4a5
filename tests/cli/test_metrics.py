"""--metrics: what a scraper, a liveness check and a browser are given."""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest
from conftest import LIMIT

FORMAT = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.fixture
def show(start):
    """A command that serves its metrics; the program has their `base`."""
    def start_command(command, *arguments):
        program = start(command, "--metrics", "127.0.0.1:0", *arguments)
        line = program.err.next()
        if "built without libmicrohttpd" in line:
            pytest.skip(line)
        program.base = re.fullmatch(r"-- metrics: (http://127.0.0.1:\d+/)",
                                    line).group(1)
        return program
    return start_command


@pytest.fixture
def watch(show):
    """The same for a tail."""
    return lambda *arguments: show("tail", *arguments)


def get(tail, path, **headers):
    """(status, type, body)"""
    request = urllib.request.Request(tail.base + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return (answer.status, answer.headers["Content-Type"],
                    answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], \
                error.read().decode()


def samples(text):
    """{name{labels}: value}; every line has to be one, or a comment."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# "):
            assert re.match(r"# (TYPE|HELP|UNIT) hawser_[a-z_]+ .+|# EOF$",
                            line), line
            continue
        name, value = re.fullmatch(
            r'(hawser_[a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})'
            r' (-?[0-9.]+)', line).groups()
        assert name not in found
        found[name] = float(value)
    return found


def test_a_scraper_gets_every_connection(say, watch):
    first, second = say("a", "b"), say("c")
    tail = watch(first.url, second.url)
    tail.out.until("b")
    tail.err.until(second.url)
    status, kind, text = get(tail, "metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = samples(text)
    labels = f'{{connection="1",url="{first.url}"}}'
    assert found["hawser_up" + labels] == 1
    assert found["hawser_messages_received_total" + labels] == 2
    assert found[f'hawser_up{{connection="2",url="{second.url}"}}'] == 1


def test_openmetrics_is_given_to_who_asks(say, watch):
    tail = watch(say("a").url)
    tail.out.until("a")
    status, kind, text = get(tail, "metrics", Accept=FORMAT)
    assert (status, kind) == (200, FORMAT)
    assert text.endswith("# EOF\n")
    assert "# TYPE hawser_messages_received counter\n" in text
    assert samples(text)


def test_promtool_finds_no_fault(say, watch):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    tail = watch("--lag", "/t:ms", say('{"t":1}').url)
    tail.out.until("t")
    done = subprocess.run(["promtool", "check", "metrics"], text=True,
                          input=get(tail, "metrics")[2], capture_output=True,
                          check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_health_is_good_while_up_and_says_why_when_not(say, watch):
    server = say("a")
    tail = watch(server.url)
    tail.out.until("a")
    status, kind, text = get(tail, "health")
    assert (status, kind) == (200, "application/json")
    assert json.loads(text) == {"healthy": True, "connections": [
        {"name": "1", "url": server.url, "state": "up"}]}
    server.stop()
    tail.err.until("-- down")
    status, _, text = get(tail, "health")
    assert status == 503
    health = json.loads(text)
    assert health["healthy"] is False
    assert health["connections"][0]["reason"].startswith("down: ")


def test_health_fails_before_the_first_connection(watch):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        tail = watch(f"ws://127.0.0.1:{mute.getsockname()[1]}/")
        status, _, text = get(tail, "health")
    assert status == 503
    assert "down: not up yet" in text


def test_snapshots_are_json(say, watch):
    server = say("a")
    tail = watch("--header", "Authorization: secret", server.url)
    tail.out.until("a")
    status, kind, text = get(tail, "snapshot.json")
    assert (status, kind) == (200, "application/json")
    one, = json.loads(text)["connections"]
    assert (one["name"], one["url"], one["state"]) == ("1", server.url, "up")
    assert one["snapshot"]["messages_in"] == 1
    assert "secret" not in text


def test_other_paths_and_methods_are_refused(say, watch):
    tail = watch(say("a").url)
    assert get(tail, "nothing")[0] == 404
    request = urllib.request.Request(tail.base, data=b"x", method="POST")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=LIMIT)
    assert error.value.code == 405
    error.value.close()


def test_an_address_that_is_taken_is_a_clear_error(say, watch, run):
    server = say("a")
    taken = watch(server.url).base.rstrip("/").rsplit("/", 1)[1]
    done = run("tail", "--metrics", taken, server.url)
    assert done.code == 3
    port = taken.rsplit(":", 1)[1]
    assert done.err.startswith("hawser tail: cannot listen on '127.0.0.1' "
                               f"port {port}: ")
    assert "in use" in done.err


def test_a_client_that_sends_nothing_holds_nothing_up(say, watch):
    tail = watch(say("a").url)
    port = int(tail.base.rstrip("/").rsplit(":", 1)[1])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    assert get(tail, "health")[0] in (200, 503)
    for one in idle:
        one.close()


@pytest.fixture
def browse(tmp_path):
    """The page of a URL once its scripts ran for a while."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        pytest.skip("chromium is not installed")

    def run(url, *options):
        return subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", f"--user-data-dir={tmp_path}",
             *options, "--virtual-time-budget=5000", "--dump-dom", url],
            capture_output=True, text=True, timeout=120, check=False).stdout
    if "it runs" not in run("data:text/html,<p>it runs</p>"):
        pytest.skip("chromium does not run here")
    return run


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_draws_in_a_browser(serve, watch, browse, theme):
    tail = watch("--verdict", "--lag", "/T:ns",
                 serve("feed", "--rate", 500).url)
    tail.err.until("verdict: ok")
    scheme = ["dark", "light"].index(theme)
    page = browse(tail.base, f"--blink-settings=preferredColorScheme={scheme}")
    assert "<span class=\"ok\">up</span>" in page, page
    assert "Verdict: " in page
    drawn = re.findall(r'<path d="M[0-9]+ [0-9.]+L', page)
    assert len(drawn) >= 4, page


EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
ALERTS = EXAMPLES / "prometheus" / "alerts.yml"
BOARD = EXAMPLES / "grafana" / "hawser.json"


@pytest.mark.parametrize("path", [ALERTS, BOARD], ids=["alerts", "board"])
def test_examples_name_what_is_exported(serve, watch, path):
    tail = watch("--verdict", serve("feed", "--rate", 100).url)
    tail.err.until("verdict: ")
    # The round trip is known once the first ping was answered.
    text = until(tail, lambda text: "hawser_round_trip_seconds{" in text)
    exported = {name.partition("{")[0] for name in samples(text)}
    named = set(re.findall(r"hawser_[a-z_]+", path.read_text()))
    assert named and named <= exported, named - exported


def test_the_board_is_json_whose_panels_do_not_overlap():
    board = json.loads(BOARD.read_text())
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"])
              for panel in board["panels"]]
    assert len(set(places)) == len(places) == 10
    assert all(panel["targets"] for panel in board["panels"])


def test_echo_serves_them(say, show):
    server = say("ball")
    echo = show("echo", server.url)
    echo.err.until("up")
    text = until(echo, lambda text: value(text, "messages_sent_total") == 1)
    assert value(text, "up") == 1


def test_demo_serves_them(show):
    demo = show("demo", "--rate", 500, "--kill-every", "0s", "--json")
    text = until(demo, lambda text: value(text, "up") == 1)
    assert 'url="ws://127.0.0.1:' in text
    demo.interrupt()
    assert demo.end() == 0


def test_serve_has_a_line_for_each_client(show, start):
    server = show("serve", "feed", "--rate", 1000)
    url = server.out.next().split()[-1]
    assert get(server, "health")[0] == 200
    assert json.loads(get(server, "snapshot.json")[2]) == {"connections": []}
    tails = [start("tail", url) for _ in range(2)]
    for tail in tails:
        tail.out.next()
    connections = json.loads(get(server, "snapshot.json")[2])["connections"]
    assert sorted(one["name"] for one in connections) == ["1", "2"]
    for one in connections:
        assert one["state"] == "up" and one["url"].startswith("127.0.0.1:")
        assert one["snapshot"]["messages_out"] > 0
        assert one["snapshot"]["bytes_out"] > 0
    tails[0].interrupt().end()
    server.err.until("[1]")
    text = until(server, lambda text: text.count("hawser_up{") == 1)
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], text=True,
                              input=text, capture_output=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def value(text, name):
    """Of the only connection."""
    found, = [number for sample, number in samples(text).items()
              if sample.startswith(f"hawser_{name}{{")]
    return found


def until(program, condition):
    """The metrics once they meet the condition."""
    for _ in range(LIMIT * 100):
        text = get(program, "metrics")[2]
        if condition(text):
            return text
    raise AssertionError(text)


def test_promtool_takes_the_alerts():
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    done = subprocess.run(["promtool", "check", "rules", ALERTS], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
