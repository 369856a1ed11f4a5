"""Servers for the Python package to talk to: the command's own, and those of
other makers. Nothing waits by time: every wait is for an event, with a limit
after which it counts as hanging."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

BUILD = pathlib.Path(os.environ["HAWSER_BUILD"])
SOURCE = pathlib.Path(__file__).parents[2]
LIMIT = 30  # seconds
RECONNECTS = int(os.environ.get("HAWSER_RECONNECTS", 200))
sys.path.insert(0, str(BUILD / "python"))


class Server:
    """`hawser serve` while it runs."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.url = None
        self.process = None
        self.start("127.0.0.1:0")

    def start(self, listen):
        self.process = subprocess.Popen(
            [os.environ["HAWSER"], "serve", "--listen", listen, "--quiet",
             *map(str, self.arguments)],
            stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.url = self.process.stdout.readline().split()[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def revive(self):
        """On the same port."""
        self.start(self.url.split("/")[2])


def clean_environment():
    """Without the sanitizer that is loaded ahead for Python's sake."""
    return {name: value for name, value in os.environ.items()
            if name != "LD_PRELOAD"}


@pytest.fixture
def serve():
    servers = []

    def start(*arguments):
        servers.append(Server(*arguments))
        return servers[-1]
    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    """Paths of a certificate authority, a leaf and its key."""
    folder = tmp_path_factory.mktemp("certs")
    made = subprocess.run([os.environ["MAKE_CERTS"], folder], check=True,
                          capture_output=True, text=True,
                          env=clean_environment())
    return json.loads(made.stdout)


@pytest.fixture
def loop():
    """A loop that ends a test that hangs."""
    import hawser
    loop = hawser.EventLoop()
    watchdog = hawser.Timer(loop, hang)
    watchdog.after(max(LIMIT, RECONNECTS / 50))
    yield loop
    watchdog.cancel()


def hang():
    raise TimeoutError(f"nothing happened for {LIMIT} s")


class Line:
    """A client and what its handler was told."""

    def __init__(self, loop, url, **options):
        import hawser
        self.loop = loop
        self.events = []
        self.hooks = {}
        options.setdefault("decode", True)
        options.setdefault("retry_delay_min", 0.001)
        options.setdefault("retry_delay_max", 0.05)
        self.client = hawser.Client(loop, self.handle, url=url, **options)

    def handle(self, kind, payload):
        self.events.append((kind, payload))
        if kind in self.hooks:
            self.hooks[kind](payload)

    def on(self, kind, hook):
        self.hooks[kind] = hook
        return self

    def open(self):
        self.client.open()
        return self

    def of(self, kind):
        return [payload for name, payload in self.events if name == kind]

    @property
    def messages(self):
        return [message for batch in self.of("messages") for message in batch]

    def until(self, condition):
        self.loop.run(until=condition)
        return self

    def until_up(self, count=1):
        return self.until(lambda: len(self.of("up")) >= count)

    def until_messages(self, count):
        return self.until(lambda: len(self.messages) >= count)

    def until_stopped(self):
        self.until(lambda: any(d["final"] for d in self.of("down")))
        return self.of("down")[-1]


@pytest.fixture
def line(loop):
    lines = []

    def make(url, **options):
        lines.append(Line(loop, url, **options))
        return lines[-1]
    yield make
    for one in lines:
        one.client.free()
