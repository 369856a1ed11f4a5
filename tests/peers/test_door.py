"""Redirects, logins and cookies, against a real server, with the command."""
import http.cookiejar
import json
import subprocess
import urllib.parse

import pytest

from conftest import HAWSER, LIMIT, PYTHON, SERVERS, Server, _has_python


@pytest.fixture(scope="module")
def door(tls_files):
    """A door, plain or over TLS; `another` is one at another port. They keep
    nothing between visits, so that all tests may share them."""
    if not _has_python("aiohttp"):
        pytest.skip("aiohttp is not installed on this machine")
    doors = {}

    def find(tls=False, another=False):
        if (tls, another) not in doors:
            command = [PYTHON, str(SERVERS / "aiohttp_door.py")]
            doors[tls, another] = Server(command, tls_files if tls else None)
        return doors[tls, another]

    yield find
    for one in doors.values():
        one.end()


@pytest.fixture
def tail(ca_file):
    """Run `hawser tail` up to one message, or to its end for good."""

    def run(url, *options):
        return subprocess.run(
            [HAWSER, "tail", "--count", "1", "--ca-file", ca_file,
             *map(str, options), url],
            capture_output=True, text=True, timeout=LIMIT, check=False)

    return run


def entered(done):
    """What the door said."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def to(server, target, status=302):
    query = urllib.parse.urlencode({"to": target, "status": status})
    return f"{server.url}to?{query}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_each_redirect_leads_to_the_door(door, tail, status, tls):
    server = door(tls)
    done = tail(to(server, "../x/../door?a=1#part", status),
                "--header", "X-Key: k")
    said = entered(done)
    assert said["path"] == "/door?a=1"
    assert said["headers"]["x-key"] == "k"
    assert f"-- redirect: {status} to {server.url}door?a=1\n" in done.stderr
    assert f"-- up: {server.url}door?a=1" in done.stderr


def test_fault_08_secrets_stay_behind_at_another_port(door, tail, tmp_path):
    first, other = door(), door(another=True)
    jar = tmp_path / "jar.txt"
    options = ["--bearer", "sesame", "--header", "X-Api-Key: k",
               "--header", "User-Agent: me"]
    url = to(first, other.url + "door")
    headers = entered(tail(url, *options))["headers"]
    assert not {"authorization", "x-api-key", "cookie"} & headers.keys()
    assert headers["user-agent"] == "me"
    assert headers["host"] == f"127.0.0.1:{other.port}"
    headers = entered(tail(url, *options, "--redirect-trusted",
                           "--cookies", jar))["headers"]
    assert headers["authorization"] == "Bearer sesame"
    assert headers["x-api-key"] == "k"


def test_fault_08_wss_to_ws_needs_to_be_asked_for(door, tail):
    locked, plain = door(tls=True), door()
    url = to(locked, f"http://127.0.0.1:{plain.port}/door")
    done = tail(url)
    assert done.returncode == 1 and done.stdout == ""
    assert "it leads from wss to ws" in done.stderr
    assert entered(tail(url, "--redirect-insecure"))["path"] == "/door"


def test_fault_08_loop_ends(door, tail):
    server = door()
    circle = "/to?to=" + urllib.parse.quote("/to?to=/never")
    done = tail(to(server, circle), "--no-reconnect", "--redirects", 2)
    assert done.returncode == 1
    assert "2 in a row are enough" in done.stderr
    done = tail(to(server, "/door"), "--redirects", 0)
    assert done.returncode == 1 and "is not followed" in done.stderr


def test_logins_open_the_door(door, tail, tmp_path):
    server = door()
    secret = tmp_path / "secret"
    secret.write_text("u:p:w\n")
    entered(tail(server.url + "basic", "--user", "u:p:w"))
    entered(tail(server.url + "basic", "--user", f"@{secret}"))
    entered(tail(server.url.replace("//", "//u:p%3Aw@") + "basic"))
    secret.write_text("sesame\n")
    entered(tail(server.url + "bearer", "--bearer", f"@{secret}"))
    secret.write_text("Authorization: Bearer sesame\r\n\nX-Key: k\n")
    said = entered(tail(server.url + "bearer", "--header", f"@{secret}"))
    assert said["headers"]["x-key"] == "k"


def test_wrong_login_is_final_and_not_shown(door, tail):
    server = door()
    done = tail(server.url + "basic", "--user", "u:guess")
    assert done.returncode == 1
    assert "it asks for 'Basic realm=\"door\"'" in done.stderr
    assert "no retry" in done.stderr and "guess" not in done.stderr


def test_cookies_are_kept_for_the_next_run(door, tail, tmp_path):
    server = door()
    jar = tmp_path / "jar.txt"
    said = entered(tail(server.url + "cookie?set=a=1&set=b=2",
                        "--cookies", jar))
    assert said["headers"]["cookie"] == "a=1; b=2"
    assert jar.stat().st_mode & 0o777 == 0o600
    said = entered(tail(server.url + "door", "--cookies", jar))
    assert said["headers"]["cookie"] == "a=1; b=2"
    assert "cookie" not in entered(tail(server.url + "door"))["headers"]


def test_cookie_file_is_what_other_tools_read_and_write(door, tail, tmp_path):
    server = door()
    jar = tmp_path / "jar.txt"
    entered(tail(server.url + "cookie?set=a=1", "--cookies", jar))
    theirs = http.cookiejar.MozillaCookieJar(jar)
    theirs.load()
    [cookie] = list(theirs)
    assert (cookie.name, cookie.value, cookie.domain, cookie.path) == \
        ("a", "1", "127.0.0.1", "/")
    cookie.value = "theirs"
    theirs.save()
    said = entered(tail(server.url + "door", "--cookies", jar))
    assert said["headers"]["cookie"] == "a=theirs"
