"""The doctor, with healthy servers and with a ward full of sick ones."""
import base64
import hashlib
import json
import signal
import socket
import threading

import pytest

NONE = {name: "" for name in (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")}
SHORT = ("--for", "200ms")


class Patient:
    """A server of one thread that does as its script says, once for each
    connection."""

    def __init__(self, script):
        self.script = script
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.url = f"ws://{self.address}/"
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while True:
            end, _ = self.listener.accept()
            with end:
                if self.over.is_set():
                    return
                end.settimeout(30)
                self.script(self, end, self._head(end))

    @staticmethod
    def _head(end):
        head = b""
        while b"\r\n\r\n" not in head:
            got = end.recv(4096)
            if not got:
                break
            head += got
        return head.decode()

    def stop(self):
        self.over.set()
        socket.create_connection(self.listener.getsockname()).close()
        self.thread.join()
        self.listener.close()


@pytest.fixture
def patient():
    patients = []

    def admit(script):
        patients.append(Patient(script))
        return patients[-1]
    yield admit
    for one in patients:
        one.stop()


def says(answer):
    def script(_, end, head):
        if head:
            end.sendall(answer.replace("\n", "\r\n").encode())
    return script


def key_of(head):
    for line in head.split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "sec-websocket-key":
            return value
    raise AssertionError(head)


def accept(end, head, extra=""):
    proof = key_of(head) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    proof = base64.b64encode(hashlib.sha1(proof.encode()).digest()).decode()
    end.sendall(f"HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: Upgrade"
                f"\r\nSec-WebSocket-Accept: {proof}\r\n{extra}\r\n".encode())


def frames(end):
    """Opcode and payload of each frame of the client's, all of them short."""
    with end.makefile("rb") as stream:
        while head := stream.read(2):
            mask = stream.read(4)
            payload = stream.read(head[1] & 127)
            yield head[0] & 15, bytes(
                byte ^ mask[i % 4] for i, byte in enumerate(payload))


def read_out(end):
    """Until the peer hangs up."""
    try:
        while end.recv(4096):
            pass
    except ConnectionError:
        pass


@pytest.fixture
def doctor(run):
    """Run the doctor; its object has the exit code beside the checks."""
    def ask(url, *arguments, env=None):
        done = run("doctor", url, "--json", *SHORT, *arguments,
                   env=dict(NONE, **(env or {})))
        assert len(done.lines) == 1, done.err
        said = json.loads(done.out)
        said["code"] = done.code
        return said
    return ask


def marks(said, mark):
    return [key for key, check in said["checks"].items()
            if check["mark"] == mark]


def advice(said, key):
    return " ".join(said["checks"][key]["advice"])


# ---- the healthy

def test_healthy_server_is_called_so(serve, doctor):
    server = serve("feed", "--rate=200")
    said = doctor(server.url)
    checks = said["checks"]
    assert (said["code"], said["mark"], said["url"]) == (0, "good", server.url)
    assert list(checks) == [
        "dns", "race", "tcp", "proxy", "handshake", "messages", "compression",
        "ping", "clock", "kernel", "close"]
    assert checks["race"]["winner"] == server.url[5:-1]
    assert checks["tcp"]["peer"] == server.url[5:-1]
    assert checks["handshake"]["http_status"] == 101
    assert checks["messages"]["count"] > 0
    assert checks["messages"]["bytes"] >= checks["messages"]["count"]
    assert (checks["ping"]["sent"], checks["ping"]["answered"]) == (5, 5)
    assert 0 < checks["ping"]["min_ms"] <= checks["ping"]["median_ms"]
    assert checks["ping"]["median_ms"] <= checks["ping"]["max_ms"]
    assert checks["kernel"]["receive_buffer"] > 0
    assert checks["close"]["received_code"] == 1000


def test_tls_shows_chain_days_pin_and_resumes(serve, doctor, certs):
    server = serve("feed", "--cert", certs["leaf"], "--key", certs["key"])
    said = doctor(server.url, "--ca-file", certs["ca"])
    checks = said["checks"]
    assert said["code"] == 0 and not marks(said, "bad")
    assert checks["tls"]["mark"] == "good"
    assert checks["tls"]["version"] == "TLSv1.3"
    assert checks["certificate"]["subject"] == "CN=feed.example"
    assert checks["certificate"]["issuer"] == "CN=test authority"
    assert checks["certificate"]["days"] == 0  # made for this run
    assert "expires within a day: renew it" in advice(said, "certificate")
    assert checks["certificate"]["pin"].startswith("sha256//")
    assert "chain and name hold" in checks["certificate"]["text"]
    assert checks["resumption"]["resumed"] == 1
    assert checks["resumption"]["mark"] == "good"


def test_pin_that_is_shown_is_the_one_that_fits(serve, doctor, certs):
    server = serve("--cert", certs["leaf"], "--key", certs["key"])
    ca = ("--ca-file", certs["ca"])
    pin = doctor(server.url, *ca)["checks"]["certificate"]["pin"]
    assert doctor(server.url, *ca, "--pin", pin)["code"] == 0
    other = "sha256//" + "A" * 43 + "="
    assert doctor(server.url, *ca, "--pin", other)["code"] == 1


def test_unchecked_certificate_is_not_called_good(serve, doctor, certs):
    server = serve("--cert", certs["leaf"], "--key", certs["key"])
    said = doctor(server.url, "--insecure")
    assert said["code"] == 0
    assert "without --insecure it is checked" in advice(said, "certificate")


def test_clock_is_read_from_the_messages(say, doctor):
    behind = [json.dumps({"T": 1_000_000 + n}) for n in range(3)]
    said = doctor(say(*behind).url, "--lag", "/T:ms")
    clock = said["checks"]["clock"]
    assert (clock["mark"], clock["by"]) == ("warn", "lag")
    assert clock["offset_ms"] > 1e12  # 1970 is long ago
    assert "NTP" in advice(said, "clock")
    said = doctor(say("{}").url, "--lag", "/T:ms")
    assert "no message has a time" in advice(said, "clock")


def test_date_of_the_answer_stands_in_for_a_time(patient, doctor):
    def script(_, end, head):
        if head:
            accept(end, head, "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n")
            read_out(end)
    clock = doctor(patient(script).url)["checks"]["clock"]
    assert (clock["mark"], clock["by"]) == ("warn", "date")
    assert clock["offset_ms"] > 1e11


def test_compression_is_measured_or_left(serve, doctor):
    server = serve("feed", "--rate=500")
    said = doctor(server.url)["checks"]["compression"]
    assert said["mark"] == "good"
    assert said["offered"].startswith("permessage-deflate")
    assert said["answered"].startswith("permessage-deflate")
    assert 0 < said["bytes_after"] < said["bytes_before"]
    assert said["ratio"] == pytest.approx(
        said["bytes_before"] / said["bytes_after"], abs=0.001)
    said = doctor(server.url, "--no-compression")["checks"]["compression"]
    assert (said["mark"], said["text"]) == ("none", "not offered")


def test_subscription_is_sent_and_its_answer_counted(serve, doctor):
    said = doctor(serve("echo").url, "--on-open", "subscribe")["checks"]
    assert said["messages"]["count"] == 1
    assert said["messages"]["bytes"] == len("subscribe")
    said = doctor(serve("echo").url)["checks"]["messages"]
    assert said["mark"] == "none" and "--on-open" in said["advice"][0]


def test_unix_socket_needs_no_name_and_no_race(doctor, tmp_path):
    path = tmp_path / "feed"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve_one():
            end, _ = listener.accept()
            with end:
                accept(end, end.recv(4096).decode())
                for opcode, payload in frames(end):
                    if opcode in (8, 9):
                        kind = 0x88 if opcode == 8 else 0x8a
                        end.sendall(bytes([kind, len(payload)]) + payload)
                    if opcode == 8:
                        return
        server = threading.Thread(target=serve_one)
        server.start()
        said = doctor(f"ws+unix://{path}:/")
        server.join()
    assert said["code"] == 0 and not marks(said, "warn")
    assert said["checks"]["tcp"]["text"] == "a Unix socket"
    path.unlink()
    said = doctor(f"ws+unix://{path}:/")
    assert (said["code"], marks(said, "bad")) == (1, ["race"])
    assert "check the path" in advice(said, "race")


# ---- the sick

@pytest.mark.parametrize("leaf, text, told", [
    ("expired", "certificate has expired", "must renew it"),
    ("wrong_name", "IP address mismatch", "for other names"),
])
def test_bad_certificates_are_named(serve, doctor, certs, leaf, text, told):
    path = certs["leaf"].parent / f"{leaf}.pem"
    server = serve("--cert", path, "--key", certs["key"])
    said = doctor(server.url, "--ca-file", certs["ca"])
    assert (said["code"], marks(said, "bad")) == (1, ["certificate"])
    assert text in said["checks"]["certificate"]["text"]
    assert told in advice(said, "certificate")
    assert said["checks"]["certificate"]["subject"].startswith("CN=")


def test_unknown_authority_is_named(serve, doctor, certs):
    server = serve("--cert", certs["leaf"], "--key", certs["key"])
    said = doctor(server.url)
    assert (said["code"], marks(said, "bad")) == (1, ["certificate"])
    assert "--ca-file" in advice(said, "certificate")


def test_plain_port_is_told_from_tls(serve, doctor, certs):
    plain = serve("echo")
    said = doctor(plain.url.replace("ws:", "wss:"))
    assert (said["code"], marks(said, "bad")) == (1, ["tls"])
    assert "ws://" in advice(said, "tls")
    secret = serve("--cert", certs["leaf"], "--key", certs["key"])
    said = doctor(secret.url.replace("wss:", "ws:"))
    assert (said["code"], marks(said, "bad")) == (1, ["handshake"])
    assert "wss://" in advice(said, "handshake")


def test_refused_port_is_named(doctor):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        said = doctor(f"ws://127.0.0.1:{port}/")
    assert (said["code"], marks(said, "bad")) == (1, ["race"])
    assert f"listens on port {port}" in advice(said, "race")
    assert said["checks"]["handshake"]["text"] == "not reached"


def test_name_without_address_is_named(doctor):
    said = doctor("ws://nowhere.invalid/")
    assert (said["code"], marks(said, "bad")) == (1, ["dns"])
    assert advice(said, "dns")


def test_address_that_does_not_listen_is_pointed_at(serve, doctor):
    server = serve("echo")
    said = doctor(server.url.replace("127.0.0.1", "localhost"))
    assert said["code"] == 0 and marks(said, "warn") == ["race"]
    assert said["checks"]["race"]["tried"] == 2
    assert "[::1]" in advice(said, "race")
    assert "from the hosts file" in said["checks"]["dns"]["text"]


def test_refusal_shows_both_heads_and_the_body(patient, doctor):
    sick = patient(says("HTTP/1.1 403 Not You\nServer: guard\n"
                        "Set-Cookie: hush=1\n\nno\n\x1b[2J"))
    said = doctor(sick.url, "--header", "X-Token: hush")
    shown = said["checks"]["handshake"]["details"]
    assert (said["code"], marks(said, "bad")) == (1, ["handshake"])
    assert "> GET / HTTP/1.1" in shown
    assert "> Sec-WebSocket-Version: 13" in shown
    assert "> X-Token: (not shown)" in shown
    assert "< HTTP/1.1 403 Not You" in shown
    assert "< Server: guard" in shown
    assert "< Set-Cookie: (not shown)" in shown
    assert "| no" in shown
    assert "X-Token: hush" not in json.dumps(said)
    assert "Origin" in advice(said, "handshake")


def test_wrong_accept_is_shown_beside_the_right_one(patient, doctor):
    sick = patient(says("HTTP/1.1 101 Ok\nUpgrade: websocket\n"
                        "Connection: close\nSec-WebSocket-Accept: bm9wZQ==\n"
                        "Sec-WebSocket-Protocol: b\n\n"))
    said = doctor(sick.url, "--subprotocol", "a")
    told = said["checks"]["handshake"]["advice"]
    assert (said["code"], marks(said, "bad")) == (1, ["handshake"])
    assert told[0] == "Connection must be 'Upgrade', the server says 'close'"
    assert told[1].startswith("Sec-WebSocket-Accept must be '")
    assert told[1].endswith("=', the server says 'bm9wZQ=='")
    assert "'b' was answered, 'a' was offered" in told[3]


def test_redirect_is_followed_and_pointed_at(serve, patient, doctor):
    server = serve("echo")
    sick = patient(says(f"HTTP/1.1 302 Found\nLocation: {server.url}\n"
                        "Content-Length: 0\n\n"))
    said = doctor(sick.url)
    assert said["code"] == 0 and said["url"] == server.url
    assert said["checks"]["handshake"]["redirects"] == 1
    assert f"302 led to {server.url}" in said["checks"]["handshake"]["details"]
    assert f"use {server.url}" in advice(said, "handshake")
    said = doctor(sick.url, "--redirects", "0")
    assert (said["code"], marks(said, "bad")) == (1, ["handshake"])


def test_proxy_that_wants_a_login_is_named(patient, doctor):
    sick = patient(says("HTTP/1.1 407 Who Are You\n"
                        "Proxy-Authenticate: Basic realm=x\n\n"))
    said = doctor("ws://feed.example/", env={"http_proxy": sick.address})
    proxy = said["checks"]["proxy"]
    assert (said["code"], marks(said, "bad")) == (1, ["proxy"])
    assert proxy["proxy"] == f"http://{sick.address}"
    assert proxy["why"] == "environment variable 'http_proxy'"
    assert proxy["http_status"] == 407
    assert "USER:PASSWORD" in advice(said, "proxy")


def test_proxy_that_cannot_be_reached_is_not_taken_for_the_server(doctor):
    said = doctor("ws://feed.example/", "--proxy", "http://127.0.0.1:1")
    assert (said["code"], marks(said, "bad")) == (1, ["race", "proxy"])
    assert said["checks"]["proxy"]["why"] == "option 'proxy'"
    assert "the proxy's" in advice(said, "proxy")


def test_slow_server_is_told(patient, doctor):
    def script(sick, end, head):
        if head:
            sick.over.wait(1.1)  # its slowness
            accept(end, head)
            read_out(end)
    said = doctor(patient(script).url)
    assert "takes long to answer" in advice(said, "handshake")
    assert said["checks"]["handshake"]["ms"] >= 1000


def test_server_that_ignores_frames_fails_ping_and_close(patient, doctor):
    def script(_, end, head):
        if head:
            accept(end, head)
            read_out(end)
    said = doctor(patient(script).url)
    assert (said["code"], marks(said, "bad")) == (1, ["ping", "close"])
    assert "5.5.2" in advice(said, "ping")
    assert "must answer a close frame" in advice(said, "close")


def test_server_that_stays_after_its_close_frame_is_told(patient, doctor):
    def script(_, end, head):
        if head:
            accept(end, head)
            end.sendall(b"\x88\x02\x03\xe9")  # 1001
            read_out(end)
    said = doctor(patient(script).url)
    assert said["checks"]["close"]["received_code"] == 1001
    assert "closed with 1001" in advice(said, "close")
    assert "left its end of the connection open" in advice(said, "close")


def test_server_that_does_not_hang_up_is_told(patient, doctor):
    def script(_, end, head):
        if not head:
            return
        accept(end, head)
        for opcode, payload in frames(end):
            if opcode == 9:
                end.sendall(bytes([0x8a, len(payload)]) + payload)
            if opcode == 8:
                end.sendall(bytes([0x88, len(payload)]) + payload)
    said = doctor(patient(script).url)
    assert (said["code"], marks(said, "warn")) == (0, ["close"])
    assert said["checks"]["ping"]["answered"] == 5
    assert "left its end of the connection open" in advice(said, "close")


def test_line_that_is_cut_is_told(patient, doctor):
    def script(_, end, head):
        if head:
            accept(end, head)
    said = doctor(patient(script).url)
    assert said["code"] == 1 and "close" in marks(said, "bad")
    assert "cut without a goodbye" in advice(said, "close")


# ---- the screen

def test_screen_fits_80_columns_and_has_words_for_every_mark(
        serve, run, certs):
    server = serve("feed", "--cert", certs["leaf"], "--key", certs["key"])
    done = run("doctor", server.url, "--ca-file", certs["ca"], *SHORT,
               env=NONE)
    assert done.code == 0 and done.err == ""
    assert max(map(len, done.lines)) <= 80
    assert done.lines[0] == f"hawser doctor {server.url}"
    assert "\x1b" not in done.out
    assert any(line.startswith("  good  TLS ") for line in done.lines)
    assert any(line.startswith("  warn  certificate ") for line in done.lines)
    assert "=> certificate expires within a day: renew it" in done.out
    assert done.lines[-1].startswith("  nothing bad, ")


def test_steps_that_were_not_reached_share_a_line(run):
    done = run("doctor", "ws://127.0.0.1:1/", *SHORT, env=NONE)
    assert done.code == 1
    assert done.out.count("not reached") == 1
    assert "  bad   race " in done.out and done.lines[-1] == "  1 bad"


def test_interrupt_reports_what_is_known(patient, start):
    asked = threading.Event()

    def script(_, end, head):
        if head:
            accept(end, head)
            asked.set()
            read_out(end)
    sick = patient(script)
    program = start("doctor", sick.url, "--for", "1h", env=NONE)
    assert asked.wait(30)
    program.interrupt(signal.SIGINT)
    assert program.end() == 128 + signal.SIGINT
    assert program.out.seen[0] == f"hawser doctor {sick.url}"
