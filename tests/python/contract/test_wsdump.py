"""wsdump, as a command."""
import gzip
import os
import subprocess
import sys
import zlib

import hawser

PATH = hawser.__path__[0].rsplit("/", 1)[0]


def wsdump(*arguments, given=""):
    return subprocess.run(
        [sys.executable, "-m", "hawser.websocket._wsdump", *arguments],
        input=given, capture_output=True, text=True, timeout=30, check=False,
        env={**os.environ, "PYTHONPATH": PATH})


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def talk(conn):
    conn.accept("Sec-WebSocket-Protocol: chat")
    conn.lines_in = [conn.recv()[1].decode() for _ in range(3)]
    conn.text("ö")
    conn.send(2, gzip.compress(b"gzip"))
    conn.send(2, raw_deflate(b"deflate"))
    conn.send(2, b"\x00\xff")
    conn.send(9, b"ping")
    conn.pong = conn.recv_until(10)
    conn.farewell()


def test_a_session(peer):
    server = peer(talk)
    done = wsdump(server.url, "--text", "first", "--eof-wait", "20",
                  "-s", "chat", "-o", "https://me.example",
                  "--headers", "X-One: 1,X-Two: 2", given="one\ntwo\n")
    assert done.stdout.splitlines() == [
        "< ö", "< gzip", "< deflate", "< b'\\x00\\xff'"], done.stderr
    assert done.returncode == 0
    conn = server.conns[0]
    assert conn.lines_in == ["first", "one", "two"]
    assert conn.pong == b"ping"
    assert (conn.headers["x-one"], conn.headers["x-two"]) == ("1", "2")
    assert conn.headers["origin"] == "https://me.example"


def test_verbose_names_opcodes_and_raw_shows_data_only(peer):
    server = peer(talk)
    given = "one\ntwo\nthree\n"
    verbose = wsdump(server.url, "-v", "--eof-wait", "20", given=given)
    assert "< text: ö" in verbose.stdout and "< ping: " in verbose.stdout
    raw = wsdump(server.url, "-r", "--eof-wait", "20", given=given)
    assert raw.stdout.splitlines()[0] == "ö"


def test_no_connection_is_said(peer):
    def refuse(conn):
        conn.read_request()
        conn.answer("HTTP/1.1 404 Not Found\nContent-Length: 0")
    done = wsdump(peer(refuse).url)
    assert done.returncode == 1
    assert "cannot connect" in done.stderr and "404" in done.stderr
    assert done.stdout == ""


def test_help_names_every_option():
    words = wsdump("--help").stdout
    for option in ("--proxy --verbose --nocert --raw --subprotocols --origin "
                   "--eof-wait --text --timings --headers").split():
        assert option in words
