"""The counterparts of the matrix: servers made by others, and reverse proxies
in front of one of them. Each listens plain and over TLS at the same time.
"""
import os
import pathlib
import subprocess

from conftest import (NGINX, PYTHON, SERVERS, Process, Server, free_port,
                      _has_python, commands)
from proxies import answers, find

BEAST_ECHO = os.environ.get("BEAST_ECHO", "")
COMPRESSING = {"PEER_COMPRESSION": "1"}


class Counterpart:
    """`title` and `package` stand in the table; what cannot be had has a
    reason."""

    title = package = ""
    compresses = True

    @classmethod
    def missing(cls):
        return ""

    @classmethod
    def version(cls):
        """As the package has it; "" where no package does."""
        try:
            asked = subprocess.run(
                ["dpkg-query", "-W", "-f", "${Version}", cls.package],
                capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return ""
        # Neither the epoch nor what the distribution changed.
        return asked.stdout.split(":")[-1].split("-")[0].split("+")[0]


class Echo(Counterpart):
    """An echo server, once plain and once over TLS; both may compress."""

    program = None  # as in commands(): command, is it here, environment

    @classmethod
    def missing(cls):
        return "" if cls.program[1]() else cls.package

    def __init__(self, certs, folder):
        command, _, env = self.program
        env = dict(env or os.environ, **COMPRESSING)
        self.servers = {
            "plain": Server(command, None, env),
            "tls": Server(command, [certs["leaf"], certs["key"]], env)}

    def port(self, transport):
        return self.servers[transport].port

    def process(self, transport):
        """The one that prints how each connection was closed."""
        return self.servers[transport].process

    def end(self):
        for server in self.servers.values():
            server.end()


class NodeWs(Echo):
    title, package, program = "Node ws", "node-ws", commands()["ws"]


class Websockets(Echo):
    title, package = "Python websockets", "python3-websockets"
    program = commands()["websockets"]


class Aiohttp(Echo):
    title, package = "aiohttp", "python3-aiohttp"
    program = commands()["aiohttp"]


class Tornado(Echo):
    title, package = "tornado", "python3-tornado"
    program = ([PYTHON, str(SERVERS / "tornado_echo.py")],
               lambda: _has_python("tornado"), None)


class Autobahn(Echo):
    title, package = "autobahn", "python3-autobahn"
    program = ([PYTHON, str(SERVERS / "autobahn_echo.py")],
               lambda: _has_python("autobahn"), None)


class Libwebsockets(Echo):
    title, package = "libwebsockets", "libwebsockets-dev"
    # Version 4.1.6 aborts when it is to compress an empty message after
    # others.
    compresses = False
    program = commands()["libwebsockets"]


class Beast(Echo):
    title, package = "Boost.Beast", "libboost1.74-dev"
    program = ([BEAST_ECHO], lambda: bool(BEAST_ECHO), None)


class Front(Counterpart):
    """A reverse proxy before Python's websockets; it does the TLS. Its
    configuration is servers/`template`, with the values filled in."""

    program = template = ""

    @classmethod
    def missing(cls):
        if not find(cls.program):
            return cls.package
        return Websockets.missing()

    def __init__(self, certs, folder):
        self.folder, self.certs = pathlib.Path(folder), certs
        command, _, env = Websockets.program
        self.behind = Server(command, None,
                             dict(env or os.environ, **COMPRESSING))
        # The ports must be known before: try until both are free.
        for _ in range(20):
            self.ports = {"plain": free_port(), "tls": free_port()}
            if self._start():
                return
        self.behind.end()
        raise AssertionError(f"{self.program} found no free ports: "
                             f"{self.front.lines}")

    def values(self):
        return dict(self.ports, folder=self.folder, target=self.behind.port,
                    certificate=self.certs["leaf"], key=self.certs["key"])

    def command(self, path):
        raise NotImplementedError

    def _start(self):
        text = (SERVERS / self.template).read_text()
        for name, value in self.values().items():
            text = text.replace(f"@{name}@", str(value))
        path = self.folder / self.template.removesuffix(".in")
        path.write_text(text)
        self.front = Process(self.command(path))
        while self.front.process.poll() is None:
            if all(answers(port) for port in self.ports.values()):
                return True
        return False

    def port(self, transport):
        return self.ports[transport]

    def process(self, transport):
        return self.behind.process

    def end(self):
        self.front.kill()
        self.behind.end()


class Nginx(Front):
    title, package, program = "nginx", "nginx-light", "nginx"
    template = "nginx.conf.in"

    def values(self):
        listen = (f"listen 127.0.0.1:{self.ports['plain']}; "
                  f"listen 127.0.0.1:{self.ports['tls']} ssl;")
        return dict(super().values(), listen=listen)

    def command(self, path):
        return [NGINX, "-p", str(self.folder), "-c", str(path)]


class Haproxy(Front):
    title = package = program = "haproxy"
    template = "haproxy.cfg.in"

    def values(self):
        pem = self.folder / "both.pem"
        pem.write_text("".join(pathlib.Path(self.certs[name]).read_text()
                               for name in ("leaf", "key")))
        return dict(super().values(), pem=pem)

    def command(self, path):
        """-db: one process, in the foreground."""
        return [find("haproxy"), "-db", "-f", str(path)]


class Apache(Front):
    title, package = "Apache mod_proxy_wstunnel", "apache2"
    program, template = "apache2", "apache.conf.in"

    def values(self):
        return dict(super().values(), modules="/usr/lib/apache2/modules")

    def command(self, path):
        """-X: one process, in the foreground."""
        return [find("apache2"), "-X", "-f", str(path)]


COUNTERPARTS = {
    "ws": NodeWs, "websockets": Websockets, "aiohttp": Aiohttp,
    "tornado": Tornado, "autobahn": Autobahn, "libwebsockets": Libwebsockets,
    "beast": Beast, "nginx": Nginx, "haproxy": Haproxy, "apache": Apache,
}
