"""nginx as the server of TLS: tickets, client certificates, stapled OCSP."""
import re
import socket
import subprocess

import pytest
from conftest import NGINX, Process, free_port

CONFIG = """
daemon off;
master_process off;
pid @folder@/nginx.pid;
error_log stderr warn;
events {}
http {
    log_format tls "$ssl_protocol $ssl_session_reused $ssl_client_verify";
    access_log @folder@/access tls;
    client_body_temp_path @folder@/body;
    proxy_temp_path @folder@/proxy;
    fastcgi_temp_path @folder@/fastcgi;
    uwsgi_temp_path @folder@/uwsgi;
    scgi_temp_path @folder@/scgi;
    server {
        listen 127.0.0.1:@port@ ssl;
        ssl_certificate @leaf@;
        ssl_certificate_key @key@;
        ssl_protocols TLSv1.2 TLSv1.3;
        @more@
        location / {
            proxy_pass http://@target@;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }
    }
}
"""


class Nginx:
    """TLS by nginx before `hawser serve`, which can be cut."""

    def __init__(self, hawser, certs, folder, more):
        self.hawser, self.folder, self.address = hawser, folder, "127.0.0.1:0"
        self.serve()
        for _ in range(20):
            port = free_port()
            values = dict(certs, folder=folder, port=port, more=more,
                          target=self.address)
            text = re.sub("@([a-z_]+)@", lambda m: str(values[m[1]]), CONFIG)
            (folder / "nginx.conf").write_text(text)
            self.process = Process([NGINX, "-p", str(folder), "-c",
                                    str(folder / "nginx.conf")])
            self.url = f"wss://127.0.0.1:{port}/"
            if self.is_listening(port):
                return
        raise AssertionError("nginx found no free port")

    def is_listening(self, port):
        while self.process.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return True
        return False

    def serve(self):
        self.behind = self.hawser("serve", "feed", "--listen", self.address)
        line = self.behind.wait_for(lambda l: l.startswith("listening on "))
        self.address = re.search("//(.*)/", line).group(1)

    def cut(self):
        self.behind.kill()
        self.serve()

    def requests(self):
        return (self.folder / "access").read_text().splitlines()


@pytest.fixture
def nginx(hawser, certs, tmp_path):
    if not NGINX:
        pytest.skip("nginx is not installed on this machine")
    made = []

    def make(more=""):
        made.append(Nginx(hawser, certs, tmp_path, more))
        return made[-1]
    yield make
    for each in made:
        each.process.kill()


@pytest.mark.parametrize("version, more", [
    ("1.2", ""), ("1.3", ""),
    ("1.2", "ssl_session_tickets off; ssl_session_cache shared:s:1m;"),
    ("1.3", "ssl_session_tickets off; ssl_session_cache shared:s:1m;"),
], ids=["1.2-tickets", "1.3-tickets", "1.2-cache", "1.3-cache"])
def test_every_reconnect_is_resumed(nginx, hawser, ca_file, version, more):
    server = nginx(more)
    tail = hawser("tail", server.url, "--ca-file", ca_file, "--tls-min",
                  version, "--tls-max", version)
    for _ in range(4):
        seen = len(tail.lines)
        tail.wait_for(lambda line: "-- up: " in line, seen)
        tail.wait_for(lambda line: line.startswith("{"), seen)
        seen = len(tail.lines)
        server.cut()
        tail.wait_for(lambda line: "-- down: " in line, seen)
    tail.kill()
    # One line for each request that was served, or failed behind nginx.
    reused = [line.split()[1] for line in server.requests()]
    assert reused[0] == "." and len(reused) >= 4
    assert set(reused[1:]) == {"r"}
    assert {line.split()[0] for line in server.requests()} == {f"TLSv{version}"}


def test_client_certificate_is_verified(nginx, hawser, certs):
    server = nginx(f"ssl_verify_client on; ssl_client_certificate "
                   f"{certs['ca']};")
    common = ["tail", server.url, "--ca-file", certs["ca"], "--no-reconnect",
              "--count", "1"]
    shown = hawser(*common, "--cert", certs["leaf"], "--key", certs["key"])
    shown.wait_for(lambda line: line.startswith("{"))
    # nginx does not end the handshake; it answers the request with 400.
    hidden = hawser(*common)
    hidden.wait_for(lambda line: "-- down: " in line and "400" in line)
    strange = hawser(*common, "--cert", certs["rotated"], "--key",
                     certs["key"])
    strange.wait_for(lambda line: "-- down: " in line and "400" in line)


def respond(certs, folder, revoked):
    """A response as the authority's own responder gives it."""
    def openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], check=True,
                              capture_output=True, text=True)
        return done.stdout
    serial = openssl("x509", "-in", certs["leaf"], "-noout",
                     "-serial").strip().split("=")[1]
    state = "R\t991231235959Z\t260101000000Z,superseded" if revoked \
        else "V\t991231235959Z\t"
    (folder / "index").write_text(f"{state}\t{serial}\tunknown\t/CN=x\n")
    openssl("ocsp", "-issuer", certs["ca"], "-cert", certs["leaf"], "-reqout",
            folder / "request", "-no_nonce")
    openssl("ocsp", "-index", folder / "index", "-CA", certs["ca"],
            "-rsigner", certs["ca"], "-rkey", certs["ca_key"], "-reqin",
            folder / "request", "-respout", folder / "staple", "-ndays", 1)
    return f"ssl_stapling on; ssl_stapling_file {folder / 'staple'};"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_stapled_response_is_judged(nginx, hawser, certs, tmp_path, version):
    def tail(server):
        return hawser("tail", server.url, "--ca-file", certs["ca"],
                      "--no-reconnect", "--count", "1", "--ocsp", "require",
                      "--tls-max", version)
    good = nginx(respond(certs, tmp_path, False))
    tail(good).wait_for(lambda line: line.startswith("{"))
    good.process.kill()
    revoked = nginx(respond(certs, tmp_path, True))
    told = tail(revoked).wait_for(lambda line: "-- down: " in line)
    assert "is revoked since 2026-01-01 00:00:00Z, says its ocsp response " \
        "(reason: superseded) (tls)" in told
