"""Through real proxies: every kind to plain and TLS targets, wrong passwords,
and proxies that die."""
import json

import pytest

from conftest import PYTHON, SERVERS, Server, _has_python
from proxies import KINDS

CELLS = [(kind, way) for kind, proxy in KINDS.items() for way in proxy.ways]
LOGINS = [cell for cell in CELLS if KINDS[cell[0]].login]


@pytest.fixture(scope="module")
def proxies(certs):
    """Proxies by kind, started when they are first asked for."""
    running = {}

    def get(kind):
        missing = KINDS[kind].missing()
        if missing:
            pytest.skip(f"{missing} is not installed on this machine")
        if kind not in running:
            running[kind] = KINDS[kind](certs)
        return running[kind]

    yield get
    for proxy in running.values():
        proxy.end()


@pytest.fixture(scope="module")
def targets(tls_files):
    """An echo server, plain and over TLS."""
    if not _has_python("websockets"):
        pytest.skip("websockets is not installed on this machine")
    command = [PYTHON, str(SERVERS / "websockets_echo.py")]
    running = {"plain": Server(command, None),
               "tls": Server(command, tls_files)}
    yield running
    for server in running.values():
        server.end()


def url_of(target, name):
    scheme = "wss" if target.tls else "ws"
    return f"{scheme}://{name}:{target.port}/"


def text_is(wanted):
    return lambda line: line.startswith("{") and \
        json.loads(line).get("text") == wanted


def name_for(kind):
    # Squid alone can be told of a name that nobody else knows.
    return "feed.example" if kind.startswith("squid") else "localhost"


@pytest.mark.parametrize("target", ["plain", "tls"])
@pytest.mark.parametrize("kind, way", CELLS)
def test_messages_pass_both_ways(kind, way, target, proxies, targets, hawser,
                                 ca_file):
    proxy, server = proxies(kind), targets[target]
    tail = hawser("tail", url_of(server, name_for(kind)), "--json",
                  "--proxy", proxy.url(way), "--ca-file", ca_file,
                  "--on-open", "!ping through", "--on-open", "hello",
                  "--count", 2)
    tail.wait_for(text_is("hello"))
    tail.wait_for(text_is("ponged through"))
    assert tail.process.wait(20) == 0


@pytest.mark.parametrize("login", ["anna:wrong", "bert:secret", ""])
@pytest.mark.parametrize("kind, way", LOGINS)
def test_wrong_login_is_named_and_final(kind, way, login, proxies, targets,
                                        hawser):
    proxy = proxies(kind)
    tail = hawser("tail", url_of(targets["plain"], name_for(kind)),
                  "--proxy", proxy.url(way, login))
    line = tail.wait_for(lambda line: "down" in line)
    assert f"proxy '127.0.0.1:{proxy.port}' " in line, line
    assert ("does not accept the user and password" if login else
            "no user and password given") in line, line
    assert "(proxy), no retry" in line, line
    assert tail.process.wait(20) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_killed_proxy_is_taken_up_again(kind, proxies, targets, hawser,
                                        ca_file):
    proxy = proxies(kind)
    tail = hawser("tail", url_of(targets["tls"], name_for(kind)), "--json",
                  "--proxy", proxy.url(proxy.ways[-1]), "--on-open", "hello",
                  "--ca-file", ca_file)
    tail.wait_for(text_is("hello"))
    seen = len(tail.lines)
    proxy.kill()
    tail.wait_for(lambda line: "down" in line, seen)
    assert proxy.start()
    tail.wait_for(text_is("hello"), seen)


def test_name_is_resolved_where_the_scheme_says(proxies, hawser):
    proxy = proxies("microsocks")
    for way, wanted in (("socks5", "(dns)"), ("socks5h", "(proxy)")):
        tail = hawser("tail", "ws://nowhere.invalid/", "--no-reconnect",
                      "--proxy", proxy.url(way))
        line = tail.wait_for(lambda line: "down" in line)
        assert wanted in line, line


def test_refusal_of_squid_has_its_own_words(proxies, hawser):
    proxy = proxies("squid")
    tail = hawser("tail", "ws://nowhere.invalid/", "--no-reconnect",
                  "--proxy", proxy.url("http"))
    line = tail.wait_for(lambda line: "down" in line)
    assert "refuses a tunnel to 'nowhere.invalid:80': 50" in line, line
    assert "(ERR_" in line, line


@pytest.mark.parametrize("kind, way", [("squid", "http"), ("dante", "socks5")])
def test_target_that_refuses_is_told_apart(kind, way, proxies, hawser):
    proxy = proxies(kind)
    tail = hawser("tail", f"ws://{name_for(kind)}:1/", "--no-reconnect",
                  "--proxy", proxy.url(way))
    line = tail.wait_for(lambda line: "down" in line)
    assert f"refuses a tunnel to '{name_for(kind)}:1'" in line, line


def test_certificate_of_the_proxy_is_checked(proxies, targets, hawser):
    proxy = proxies("squid-tls")
    tail = hawser("tail", url_of(targets["plain"], "feed.example"),
                  "--proxy", proxy.url("https"), "--no-reconnect")
    line = tail.wait_for(lambda line: "down" in line)
    assert "cannot reach the proxy: certificate of '127.0.0.1'" in line, line
