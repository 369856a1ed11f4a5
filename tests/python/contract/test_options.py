"""The options of run_forever(): sockets, TLS, pings, proxies, names."""
import base64
import socket
import ssl
import struct
import threading

import pytest

from .peer import Conn, Peer, echo


def hello(conn):
    conn.accept().text("hello")
    conn.farewell()


def run(tape, ws, url, **options):
    line = tape(ws, url)
    line.facts = []
    line.on("on_open", lambda app: line.facts.append(app.sock))
    return line.run(**options)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# -- sockets


@pytest.mark.since(1, 6)
def test_sockopt(ws, peer, tape):
    option = (socket.SOL_SOCKET, socket.SO_PRIORITY, 3)
    line = tape(ws, peer(hello).url)
    seen = []
    line.on("on_open", lambda app: seen.append(
        app.sock.sock.getsockopt(*option[:2])))
    line.run(sockopt=[option])
    assert seen == [3] and line.of("message") == [("hello",)]


def test_sockopt_that_the_core_knows(ours, peer, tape):
    """Those keep the fast way."""
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536),
               (socket.IPPROTO_TCP, socket.TCP_NODELAY, 0),
               (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)]
    line = run(tape, ours, peer(hello).url, sockopt=options)
    assert line.of("message") == [("hello",)]
    assert line.facts[0].sock is None


# -- TLS


def make_context(certs):
    return ssl.create_default_context(cafile=certs["ca"])


SSLOPT = {
    "ca_certs": lambda certs: {"ca_certs": certs["ca"]},
    "cert_none": lambda certs: {"cert_reqs": ssl.CERT_NONE},
    "cert_none, no name": lambda certs: {
        "cert_reqs": ssl.CERT_NONE, "check_hostname": False},
    "no name": lambda certs: {"ca_certs": certs["ca"],
                              "check_hostname": False},
    "context": lambda certs: {"context": make_context(certs)},
    "server_hostname": lambda certs: {"ca_certs": certs["ca"],
                                      "server_hostname": "localhost"},
    "ciphers": lambda certs: {"ca_certs": certs["ca"],
                              "ciphers": "ECDHE+AESGCM"},
    "ecdh_curve": lambda certs: {"ca_certs": certs["ca"],
                                 "ecdh_curve": "prime256v1"},
    "ssl_version": lambda certs: {"ca_certs": certs["ca"],
                                  "ssl_version": ssl.PROTOCOL_TLS_CLIENT},
    "certfile": lambda certs: {"ca_certs": certs["ca"],
                               "certfile": certs["leaf"],
                               "keyfile": certs["key"]},
    "password": lambda certs: {"ca_certs": certs["ca"],
                               "certfile": certs["leaf"],
                               "keyfile": certs["key"], "password": "x"},
    "cert_chain": lambda certs: {
        "ca_certs": certs["ca"],
        "cert_chain": (certs["leaf"], certs["key"], None)},
    "suppress_ragged_eofs": lambda certs: {"ca_certs": certs["ca"],
                                           "suppress_ragged_eofs": False},
}


@pytest.mark.since(1, 6)
@pytest.mark.parametrize("key", SSLOPT)
def test_sslopt(ws, tls_peer, tape, certs, key):
    line = run(tape, ws, tls_peer(hello).url, sslopt=SSLOPT[key](certs))
    assert line.of("message") == [("hello",)], line.events
    assert line.facts[0].is_ssl() in (True, False)
    assert line.facts[0].is_ssl() or not ws.is_ours


@pytest.mark.since(1, 6)
def test_an_unknown_authority_is_an_error(ws, tls_peer, tape):
    line = tape(ws, tls_peer(hello).url).run()
    assert line.names == ["error", "close"]
    assert isinstance(line.of("error")[0][0], ssl.SSLCertVerificationError)


@pytest.mark.since(1, 6)
def test_the_name_is_checked(ws, tls_peer, tape, certs):
    line = tape(ws, tls_peer(hello).url)
    line.run(sslopt={"ca_certs": certs["ca"], "server_hostname": "other"})
    assert line.names == ["error", "close"]
    assert isinstance(line.of("error")[0][0], ssl.SSLCertVerificationError)


@pytest.mark.since(1, 6)
def test_authorities_of_the_environment(ws, tls_peer, tape, certs,
                                        monkeypatch):
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", certs["ca"])
    line = tape(ws, tls_peer(hello).url).run()
    assert line.of("message") == [("hello",)]


def test_a_slow_tls_connect_stops_nobody(ours, peer, tls_peer, tape, certs):
    """An app whose TLS is Python's connects in a thread: another one on the
    same loop goes on."""
    from hawser import rel
    go = threading.Event()

    def late(conn):
        assert go.wait(20)
        hello(conn)
    first = tape(ours, tls_peer(late).url)
    second = tape(ours, peer(hello).url)
    second.on("on_close", lambda app, *_: go.set())
    first.app.run_forever(dispatcher=rel,
                          sslopt={"context": make_context(certs)})
    second.app.run_forever(dispatcher=rel)
    rel.dispatch()
    assert first.of("message") == second.of("message") == [("hello",)]


# -- pings


@pytest.mark.parametrize("options", [
    {"ping_timeout": 0}, {"ping_timeout": -1}, {"ping_interval": -1},
    {"ping_interval": 1, "ping_timeout": 1},
    {"ping_interval": 1, "ping_timeout": 2}])
@pytest.mark.since(1, 6)
def test_pings_that_make_no_sense(ws, tape, options):
    with pytest.raises(ws.WebSocketException):
        tape(ws, "ws://127.0.0.1/").run(**options)


@pytest.mark.parametrize("payload", ["words", b"words"])
def test_ping_payload(ws, peer, tape, payload):
    if isinstance(payload, bytes) and not ws.is_ours:
        pytest.skip("websocket-client takes bytes by luck")
    line = tape(ws, peer(echo).url)
    times = []

    def answered(app, data):
        times.extend([app.last_ping_tm, app.last_pong_tm])
        app.close()
    line.on("on_pong", answered)
    line.run(ping_interval=0.05, ping_payload=payload)
    assert line.of("pong")[0] == (b"words",)
    assert all(times)


# -- names


def test_host_and_origin(ws, peer, tape):
    server = peer(hello)
    tape(ws, server.url).run()
    tape(ws, server.url).run(host="other:1", origin="https://me.example")
    tape(ws, server.url).run(suppress_origin=True)
    first, second, third = [conn.headers for conn in server.conns]
    here = f"127.0.0.1:{server.port}"
    assert (first["host"], first["origin"]) == (here, f"http://{here}")
    assert (second["host"], second["origin"]) == ("other:1",
                                                  "https://me.example")
    assert "origin" not in third


@pytest.mark.since(1, 9)
def test_set_reconnect_is_for_those_who_name_none(ws, peer, tape):
    def vanish(conn):
        conn.accept()
    ws.set_reconnect(0.01)
    try:
        line = tape(ws, peer(vanish, hello).url)
        line.on("on_message", lambda app, message: app.close())
        line.run()
    finally:
        ws.set_reconnect(0)
    assert line.names == ["open", "error", "open", "message", "close"]


# -- proxies


class Proxy(Peer):
    """CONNECT, to wherever it is asked to."""

    def __init__(self, answer="HTTP/1.1 200 OK", login=None):
        self.answer = answer
        self.login = login
        super().__init__(self.tunnel)

    def tunnel(self, conn):
        conn.read_request()
        if self.login:
            given = conn.headers.get("proxy-authorization", "")
            wanted = base64.b64encode(self.login.encode()).decode()
            if given != f"Basic {wanted}":
                conn.answer("HTTP/1.1 407 Proxy Authentication Required\n"
                            "Proxy-Authenticate: Basic realm=\"x\"\n"
                            "Content-Length: 0\nConnection: close")
                return
        conn.answer(self.answer)
        if " 200 " not in self.answer:
            return
        host, port = conn.request.split()[1].rsplit(":", 1)
        there = Conn(socket.create_connection((host, int(port))))
        self.start(pump, there, conn)
        pump(conn, there)


def pump(source, target):
    try:
        if source.buffer:
            target.raw(source.buffer)
        while True:
            data = source.sock.recv(65536)
            if not data:
                break
            target.raw(data)
    except OSError:
        pass
    try:
        target.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Socks(Peer):
    """SOCKS 5 with a login (RFC 1929) if one is wanted, and SOCKS 4a."""

    def __init__(self, login=None):
        self.login = login
        self.asked = []  # (version, host, port)
        super().__init__(self.tunnel)

    def tunnel(self, conn):
        version = conn._take(1)[0]
        host, port = self.four(conn) if version == 4 else self.five(conn)
        self.asked.append((version, host, port))
        there = Conn(socket.create_connection((host, port)))
        conn.raw(b"\0\x5a" + bytes(6) if version == 4
                 else b"\5\0\0\1" + bytes(6))
        self.start(pump, there, conn)
        pump(conn, there)

    def four(self, conn):
        command, port, address = struct.unpack("!BH4s", conn._take(7))
        assert command == 1 and address[:3] == b"\0\0\0"
        self.word(conn)  # the user
        return self.word(conn).decode(), port

    def word(self, conn):
        taken = b""
        while not taken.endswith(b"\0"):
            taken += conn._take(1)
        return taken[:-1]

    def five(self, conn):
        methods = conn._take(conn._take(1)[0])
        method = 2 if self.login else 0
        assert method in methods
        conn.raw(bytes([5, method]))
        if self.login:
            assert conn._take(1) == b"\1"
            given = tuple(conn._take(conn._take(1)[0]).decode()
                          for _ in range(2))
            conn.raw(b"\1\0")
            assert given == self.login
        assert conn._take(3) == b"\5\1\0"
        kind = conn._take(1)[0]
        host = socket.inet_ntoa(conn._take(4)) if kind == 1 \
            else conn._take(conn._take(1)[0]).decode()
        return host, struct.unpack("!H", conn._take(2))[0]


@pytest.fixture
def proxy():
    proxies = []

    def start(*arguments, kind=Proxy, **options):
        proxies.append(kind(*arguments, **options))
        return proxies[-1]
    yield start
    for one in proxies:
        one.close()


def through(proxy, **options):
    # "localhost" and "127.0.0.1" need no proxy unless a list says otherwise.
    return {"http_proxy_host": "127.0.0.1", "http_proxy_port": proxy.port,
            "proxy_type": "http", "http_no_proxy": ["none.example"], **options}


@pytest.mark.since(1, 6)
def test_http_proxy(ws, peer, tape, proxy):
    server, way = peer(hello), proxy()
    line = tape(ws, server.url).run(**through(way))
    assert line.of("message") == [("hello",)]
    assert way.conns[0].request == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"


def test_proxy_type_has_a_default(ours, peer, tape, proxy):
    """Mended: without it websocket-client refuses its own None."""
    server, way = peer(hello), proxy()
    line = tape(ours, server.url).run(**through(way, proxy_type=None))
    assert line.of("message") == [("hello",)] and len(way.conns) == 1


@pytest.mark.since(1, 6)
def test_proxy_login(ws, peer, tape, proxy):
    way = proxy(login="us er:p@ss")
    line = tape(ws, peer(hello).url).run(
        **through(way, http_proxy_auth=("us er", "p@ss")))
    assert line.of("message") == [("hello",)]


@pytest.mark.since(1, 6)
@pytest.mark.parametrize("answer", ["HTTP/1.1 403 Forbidden",
                                    "HTTP/1.1 407 No"])
def test_a_proxy_that_refuses(ws, peer, tape, proxy, answer):
    way = proxy(answer + "\nContent-Length: 0\nConnection: close")
    line = tape(ws, peer(hello).url).run(**through(way))
    assert line.names == ["error", "close"]
    assert type(line.of("error")[0][0]) is ws.WebSocketProxyException


@pytest.mark.since(1, 6)
def test_a_proxy_without_a_port(ws, peer, tape):
    line = tape(ws, peer(hello).url).run(
        http_proxy_host="127.0.0.1", proxy_type="http",
        http_no_proxy=["none.example"])
    assert line.names == ["error", "close"]
    error = line.of("error")[0][0]
    assert type(error) is ws.WebSocketProxyException
    assert str(error) == "Cannot use port 0 when proxy_host specified"


@pytest.mark.since(1, 6)
def test_proxy_of_the_environment(ws, peer, tape, proxy, monkeypatch):
    way = proxy(login="user:a b")
    monkeypatch.setenv("http_proxy",
                       f"http://user:a%20b@127.0.0.1:{way.port}")
    monkeypatch.setenv("no_proxy", "none.example")
    line = tape(ws, peer(hello).url).run()
    assert line.of("message") == [("hello",)] and way.conns


@pytest.mark.since(1, 6)
def test_no_proxy_of_the_environment(ws, peer, tape, proxy, monkeypatch):
    way = proxy()
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{way.port}")
    monkeypatch.setenv("no_proxy", "10.0.0.0/8,127.0.0.0/8")
    line = tape(ws, peer(hello).url).run()
    assert line.of("message") == [("hello",)] and way.conns == []


def test_tls_through_a_proxy(ours, tls_peer, tape, certs, proxy):
    for sslopt in ({"ca_certs": certs["ca"]},
                   {"context": make_context(certs)}):
        way = proxy()
        line = tape(ours, tls_peer(hello).url).run(
            **through(way, sslopt=sslopt))
        assert line.of("message") == [("hello",)] and len(way.conns) == 1


@pytest.mark.parametrize("kind, name, host", [
    ("socks5", None, "127.0.0.1"),
    ("socks5h", ("us er", "p@ss"), "localhost"),
    ("socks4a", None, "localhost"),
])
def test_socks_proxies(ours, peer, tape, proxy, kind, name, host):
    """websocket-client needs a package for them."""
    server, way = peer(hello), proxy(kind=Socks, login=name)
    url = f"ws://{host}:{server.port}/"
    line = tape(ours, url).run(
        **through(way, proxy_type=kind, http_proxy_auth=name))
    assert line.of("message") == [("hello",)]
    assert way.asked == [(int(kind[5]), host, server.port)]
