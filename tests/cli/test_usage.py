"""Help, and what is said to those who got it wrong."""
import pathlib
import re

import pytest

HERE = pathlib.Path(__file__).parent

COMMANDS = ["tail", "top", "echo", "send", "serve", "demo", "probe", "doctor",
            "version"]


def test_help_lists_every_command(run):
    done = run("--help")
    assert done.code == 0 and done.err == ""
    for command in COMMANDS:
        assert f"\n  {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_within_80_columns(run, command):
    done = run(command, "--help")
    assert done.code == 0 and done.err == ""
    assert done.out.startswith(f"usage: hawser {command} ")
    assert "exit code: 0 done, 1 " in done.out
    assert max(map(len, done.lines)) <= 80


def test_no_command_is_a_mistake(run):
    done = run()
    assert done.code == 2 and "usage: hawser COMMAND" in done.err


def test_unknown_command_is_named(run):
    done = run("tale")
    assert (done.code, done.out) == (2, "")
    assert done.err == "hawser: 'tale' is no command; see 'hawser --help'\n"


@pytest.mark.parametrize("arguments, told", [
    (["tail", "--cuont", "3", "ws://h/"], "did you mean '--count'?"),
    (["tail", "--frobnicate"], "option '--frobnicate' is unknown"),
    (["tail", "-x"], "option '-x' is unknown"),
    (["tail", "--count"], "option '--count' needs a whole number"),
    (["tail", "--count", "many", "ws://h/"],
     "option '--count': 'many' is not a whole number, such as '100'"),
    (["tail", "--for", "30x", "ws://h/"],
     "option '--for': '30x' is not a duration, such as '250ms'"),
    (["tail", "--max-size=big", "ws://h/"], "'big' is not a size"),
    (["tail", "--json=yes", "ws://h/"], "option '--json' takes no value"),
    (["tail"], "no URL is given"),
    (["tail", "http://h/"], "http"),
    (["tail", "--lag", "T:ms", "ws://h/"], "option '--lag'"),
    (["tail", "--lag", "/T:fortnights", "ws://h/"], "option '--lag'"),
    (["tail", "--header", "no colon", "ws://h/"],
     "option '--header': 'no colon' has no name and colon"),
    (["tail", "--header", "Bad Name: x", "ws://h/"], "Bad Name"),
    (["tail", "--redirects", "51", "ws://h/"], "'redirects.max' is above 50"),
    (["tail", "--redirects", "99999999999", "ws://h/"], "is above 50"),
    (["tail", "--user", "nobody", "ws://h/"],
     "option '--user' has no colon, write 'USER:PASSWORD' or '@FILE'"),
    (["send", "--user", "a:b", "--bearer", "c", "ws://h/"],
     "options '--user' and '--bearer' exclude each other"),
    (["echo", "--bearer", "a b", "ws://h/"], "cannot stand in a token"),
    (["tail", "--subprotocol", "a b", "ws://h/"], "a b"),
    (["tail", "--dispatcher", "magic", "ws://h/"], "magic"),
    (["echo"], "one URL is needed, 0 are given"),
    (["echo", "ws://a/", "ws://b/"], "one URL is needed, 2 are given"),
    (["send"], "no URL is given"),
    (["serve", "frobnicate"], "'frobnicate' is no mode"),
    (["serve", "--listen", "8080"], "'8080' is not an address and a port"),
    (["serve", "--rate", "0"], "'0' is not a positive number"),
    (["serve", "--cert", "x.pem"], "'--cert' and '--key' need each other"),
    (["serve", "--when-full", "panic"], "option '--when-full': 'panic'"),
    (["demo", "ws://h/"], "'ws://h/' is not expected"),
    (["demo", "--rate", "fast"], "'fast' is not a positive number"),
    (["probe", "--dispatcher", "epoll,magic"], "'magic' is none of this build"),
    (["probe", "--dispatcher", ","], "option '--dispatcher' names none"),
    (["probe", "--for", "99ms"], "option '--for' must be 100ms to 1h"),
    (["probe", "--connections", "0"], "'--connections' must be 1 to 10000"),
    (["probe", "ws://h/", "ws://i/"], "'ws://i/' is not expected"),
    (["probe", "http://h/"], "http"),
    (["doctor"], "one URL is needed, 0 are given"),
    (["doctor", "--for", "99ms", "ws://h/"], "'--for' must be 100ms to 1h"),
    (["doctor", "--lag", "T:ms", "ws://h/"], "option '--lag'"),
    (["doctor", "http://h/"], "http"),
    (["version", "--verbose"], "option '--verbose' is unknown"),
])
def test_mistake_is_named_with_its_place(run, arguments, told):
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"hawser {arguments[0]}: ")
    assert told in done.err
    assert f"see 'hawser {arguments[0]} --help'" in done.err


@pytest.mark.parametrize("option", ["user", "bearer", "header"])
def test_secrets_in_files_are_not_shown_when_bad(run, tmp_path, option):
    secret = tmp_path / "secret"
    done = run("tail", f"--{option}", f"@{secret}", "ws://127.0.0.1:1/")
    assert done.code == 3
    assert f"option '--{option}': cannot read '{secret}': " in done.err
    for content in (b"has no colon\x00", b"hush hush"):
        secret.write_bytes(content)
        done = run("tail", f"--{option}", f"@{secret}", "ws://127.0.0.1:1/")
        assert done.code == 2 and "hush" not in done.err
        assert "bearer" in done.err or f"'--{option}'" in done.err


def test_unusable_cookie_files_are_named(run, tmp_path):
    jar = tmp_path / "jar.txt"
    jar.write_text("nonsense\n")
    done = run("tail", "--cookies", jar, "ws://127.0.0.1:1/")
    assert done.code == 2 and "line 1 has not seven columns" in done.err
    done = run("tail", "--cookies", tmp_path, "ws://127.0.0.1:1/")
    assert done.code == 3 and "option '--cookies': cannot read" in done.err
    done = run("tail", "--cookies", "/dev/null", "ws://127.0.0.1:1/")
    assert done.code == 3 and "no regular file" in done.err
    assert jar.read_text() == "nonsense\n"


def test_missing_files_are_named(run, tmp_path):
    nowhere = tmp_path / "nowhere"
    done = run("tail", "--on-open", f"@{nowhere}", "ws://127.0.0.1:1/")
    assert done.code == 3 and str(nowhere) in done.err
    done = run("serve", "--cert", nowhere, "--key", nowhere)
    assert done.code == 3 and str(nowhere) in done.err


def test_values_may_stand_behind_an_equals_sign(serve, run):
    server = serve("feed", "--rate=100")
    done = run("tail", "--count=2", "--quiet", server.url)
    assert done.code == 0 and len(done.lines) == 2


def test_port_in_use_is_a_local_failure(serve, run):
    server = serve()
    port = server.url.rstrip("/").rsplit(":", 1)[1]
    done = run("serve", "--listen", f"127.0.0.1:{port}")
    assert done.code == 3 and port in done.err


def test_manual_names_every_option(run):
    page = (HERE / "../../docs/hawser.1").read_text().replace("\\-", "-")
    for command in COMMANDS:
        assert f"\n.SS {command}\n" in page
        offered = run(command, "--help").out
        for option in re.findall(r"^  (--[a-z-]+)", offered, re.M):
            assert option in page, f"{command} {option}"
