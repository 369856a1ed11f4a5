"""Real servers made by others, started on free ports, plain and over TLS.

A server that cannot be had on this machine is reported as skipped by name.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

HERE = pathlib.Path(__file__).parent
SERVERS = HERE / "servers"
DRIVER = os.environ["PEER_DRIVER"]
HAWSER = os.environ["HAWSER"]
CERTS_MAKER = os.environ["MAKE_CERTS"]
LWS_ECHO = os.environ.get("LWS_ECHO", "")
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") \
    else sys.executable
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
LIMIT = 40  # seconds until something that should happen counts as hanging


def _has_python(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"],
                          capture_output=True).returncode == 0


def _has_node_ws():
    if not shutil.which("node"):
        return False
    return subprocess.run(["node", "-e", "require('ws')"], env=_node_env(),
                          capture_output=True).returncode == 0


def _node_env():
    path = os.environ.get("NODE_PATH", "")
    return dict(os.environ, NODE_PATH=f"/usr/share/nodejs:{path}")


class Process:
    """A child whose lines are collected as they come."""

    def __init__(self, command, env=None):
        self.lines = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env=env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self.lines.append(None)
            self._changed.notify_all()

    def wait_for(self, match, after=0):
        """The first line from `after` on for which match(line) holds."""
        end = time.monotonic() + LIMIT
        with self._changed:
            while True:
                for line in self.lines[after:]:
                    if line is None:
                        raise AssertionError(
                            f"ended without the line: {self.lines}")
                    if match(line):
                        return line
                left = end - time.monotonic()
                assert left > 0, f"no such line in {LIMIT} s: {self.lines}"
                self._changed.wait(left)

    def kill(self, number=signal.SIGKILL):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        self.process.stdout.close()


class Server:
    """One of servers/, able to die and to come back on the same port."""

    def __init__(self, command, tls, env=None):
        self.command, self.tls, self.env = command, tls, env
        self.port = 0
        self.process = None
        self.start()

    def start(self):
        self.process = Process(
            [*self.command, str(self.port), *(self.tls or [])], self.env)
        line = self.process.wait_for(lambda l: l.startswith("listening "))
        self.port = int(line.split()[1])

    def kill(self):
        self.process.kill()

    def closed(self, text):
        self.process.wait_for(lambda l: l.strip() == f"closed {text}".strip())

    def end(self):
        self.kill()

    @property
    def url(self):
        scheme = "wss" if self.tls else "ws"
        return f"{scheme}://127.0.0.1:{self.port}/"


def commands():
    return {
        "websockets": ([PYTHON, str(SERVERS / "websockets_echo.py")],
                       lambda: _has_python("websockets"), None),
        "aiohttp": ([PYTHON, str(SERVERS / "aiohttp_echo.py")],
                    lambda: _has_python("aiohttp"), None),
        "libwebsockets": ([LWS_ECHO], lambda: bool(LWS_ECHO), None),
        "ws": (["node", str(SERVERS / "ws_echo.js")], _has_node_ws,
               _node_env()),
    }


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certs")
    made = subprocess.run([CERTS_MAKER, str(folder)], check=True,
                          capture_output=True, text=True)
    return json.loads(made.stdout)


@pytest.fixture(scope="session")
def tls_files(certs):
    return [certs["leaf"], certs["key"]]


@pytest.fixture(scope="session")
def ca_file(certs):
    return certs["ca"]


class Proxied:
    """An echo server behind nginx, which does the TLS."""

    def __init__(self, behind, tls_files, folder):
        self.behind, self.folder = behind, folder
        template = (SERVERS / "nginx.conf.in").read_text()
        # The port must be known before: try until one is free.
        for _ in range(20):
            self.port = free_port()
            values = {"folder": folder,
                      "listen": f"listen 127.0.0.1:{self.port} ssl;",
                      "certificate": tls_files[0], "key": tls_files[1],
                      "target": behind.port}
            text = template
            for name, value in values.items():
                text = text.replace(f"@{name}@", str(value))
            (folder / "nginx.conf").write_text(text)
            if self._start():
                return
        raise AssertionError("nginx found no free port")

    def _start(self):
        self.proxy = Process([NGINX, "-p", str(self.folder), "-c",
                              str(self.folder / "nginx.conf")])
        while self.proxy.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
        return False

    url = property(lambda self: f"wss://127.0.0.1:{self.port}/")

    def start(self):
        self.behind.start()

    def kill(self):
        self.behind.kill()

    def closed(self, text):
        self.behind.closed(text)

    def end(self):
        self.proxy.kill()
        self.behind.kill()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _make_server(way, peer, tls_files, folder):
    command, env = peer
    if way == "nginx" and not NGINX:
        pytest.skip("nginx is not installed on this machine")
    server = Server(command, tls_files if way == "tls" else None, env)
    if way != "nginx":
        return server
    return Proxied(server, tls_files, folder)


def pytest_generate_tests(metafunc):
    """Every server plain and over TLS; one of them behind nginx, too."""
    if "server" in metafunc.fixturenames:
        cells = [(name, way) for name in commands()
                 for way in ("plain", "tls")] + [("websockets", "nginx")]
        metafunc.parametrize("server", cells, indirect=True,
                             ids=["-".join(cell) for cell in cells])


@pytest.fixture
def server(request, tls_files, tmp_path):
    name, way = request.param
    command, is_here, env = commands()[name]
    if not is_here():
        pytest.skip(f"{name} is not installed on this machine")
    server = _make_server(way, (command, env), tls_files, tmp_path)
    yield server
    server.end()


@pytest.fixture
def drive(ca_file):
    """Run the driver; its report, after it said that all was well. `patience`
    is what a long exchange may take beyond LIMIT, in seconds."""

    def run(mode, url, *rest, patience=0):
        done = subprocess.run([DRIVER, mode, url, ca_file, *map(str, rest)],
                              capture_output=True, text=True,
                              timeout=LIMIT + patience)
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert report["ok"] and done.returncode == 0, (report, done.stderr)
        return report

    return run


@pytest.fixture
def hawser():
    """Start the program; it is ended with the test."""
    running = []

    def start(*arguments):
        process = Process([HAWSER, *map(str, arguments)])
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
