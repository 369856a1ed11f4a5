"""The proxy of a command line, and that of the environment."""
import socket

import pytest

NONE = {name: "" for name in (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD")}
FEED = "ws://feed.example/"


@pytest.fixture
def proxy():
    """A listener that says no to the first who asks, and what it was asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def refuse():
            end, _ = listener.accept()
            with end:
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += end.recv(4096)
                end.sendall(b"HTTP/1.1 403 Not Here\r\n\r\n")
            return asked.decode()

        refuse.address = "127.0.0.1:%d" % listener.getsockname()[1]
        yield refuse


def end_of(program, wanted):
    program.err.until(wanted)
    return program.end()


@pytest.mark.parametrize("command", ["tail", "send", "echo"])
def test_option_names_the_proxy(start, proxy, command):
    program = start(command, FEED, "--proxy", proxy.address, env=NONE)
    assert proxy().startswith("CONNECT feed.example:80 HTTP/1.1\r\n")
    assert end_of(program, "403 Not Here") == 1


def test_environment_names_the_proxy(start, proxy):
    program = start("tail", FEED, env=dict(
        NONE, http_proxy=f"http://{proxy.address}/"))
    assert proxy().startswith("CONNECT feed.example:80")
    assert end_of(program, "403 Not Here") == 1
    program = start("tail", "wss://feed.example/", env=dict(
        NONE, HTTPS_PROXY=proxy.address, http_proxy="127.0.0.1:1"))
    assert proxy().startswith("CONNECT feed.example:443")
    assert end_of(program, "403 Not Here") == 1


def test_file_keeps_the_password_off_the_command_line(start, proxy, tmp_path):
    secret = tmp_path / "proxy"
    secret.write_text(f"http://anna:hush@{proxy.address}\n")
    program = start("tail", FEED, "--proxy", f"@{secret}", env=NONE)
    assert proxy().startswith("CONNECT feed.example:80")
    assert end_of(program, "403 Not Here") == 1
    assert not any("hush" in line for line in program.err.seen)


def test_direct_and_exceptions_go_past_the_proxy(serve, run):
    server = serve("feed", "--rate=100")
    dead = dict(NONE, http_proxy="http://127.0.0.1:1")
    rest = ("--count=1", "--quiet", "--no-reconnect")
    # this machine needs none of the environment's
    assert run("tail", server.url, *rest, env=dead).code == 0
    assert run("tail", server.url, *rest, "--proxy", "127.0.0.1:1",
               env=NONE).code == 1
    assert run("tail", server.url, *rest, "--proxy", "127.0.0.1:1",
               "--no-proxy", "127.0.0.0/8", env=NONE).code == 0
    assert run("tail", server.url, *rest, "--proxy", "direct",
               env=dead).code == 0


def test_bad_proxies_are_usage(run):
    done = run("tail", FEED, "--proxy", "ftp://anna:hush@p", env=NONE)
    assert done.code == 2 and "is no proxy: its scheme" in done.err
    assert "hush" not in done.err
    done = run("tail", FEED, "--proxy", "p:1", "--no-proxy", "1.2.3.*",
               env=NONE)
    assert done.code == 2 and "option 'no_proxy': '1.2.3.*'" in done.err
    done = run("tail", FEED, env=dict(NONE, ALL_PROXY="http://p:0"))
    assert done.code == 2
    assert "environment variable 'ALL_PROXY': 'http://p:0' is no" in done.err
