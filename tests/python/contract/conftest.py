"""Two implementations of one contract: ours always, and websocket-client
where it can be imported: of the system, or from the folder that
WEBSOCKET_CLIENT names."""
import importlib
import os
import ssl
import sys
import threading

import pytest

from .peer import LIMIT, Peer

REAL = os.environ.get("WEBSOCKET_CLIENT")
if REAL:
    sys.path.insert(0, REAL)


def _version(text):
    return tuple(int(part) for part in text.split(".")[:3])


class Implementation:
    """A module `websocket`, and what its maker is known to do."""

    def __init__(self, name, module):
        self.name = name
        self.module = module
        self.is_ours = name == "hawser"
        self.version = _version(module.__version__)

    def __getattr__(self, name):
        return getattr(self.module, name)

    def part(self, name):
        """A submodule, such as "_abnf"."""
        return importlib.import_module(f"{self.module.__name__}.{name}")


def _implementation(name):
    if name == "hawser":
        import hawser.websocket
        return Implementation(name, hawser.websocket)
    return Implementation(name, pytest.importorskip(
        "websocket", reason="websocket-client is not installed"))


@pytest.fixture(params=["hawser", "websocket-client"])
def ws(request):
    impl = _implementation(request.param)
    mark = request.node.get_closest_marker("since")
    if mark and impl.version < mark.args:
        pytest.skip(f"websocket-client {impl.module.__version__} is older "
                    f"than {'.'.join(map(str, mark.args))}")
    impl.setdefaulttimeout(None)
    return impl


@pytest.fixture
def ours():
    return _implementation("hawser")


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "since(major, minor): the first websocket-client with it")


@pytest.fixture
def peer():
    peers = []

    def start(*scripts, context=None):
        peers.append(Peer(*scripts, context=context))
        return peers[-1]
    yield start
    for one in peers:
        one.close()


@pytest.fixture
def tls_peer(peer, certs):
    def start(*scripts, **attributes):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certs["leaf"], certs["key"])
        for name, value in attributes.items():
            setattr(context, name, value)
        return peer(*scripts, context=context)
    return start


NAMES = ("on_open", "on_message", "on_error", "on_close", "on_ping",
         "on_pong")


class Tape:
    """An app whose callbacks are noted, and its run in a thread with an
    end."""

    def __init__(self, impl, url, callbacks=NAMES, **options):
        self.events = []
        self.hooks = {}
        self.told = threading.Condition()
        self.app = impl.WebSocketApp(url, **options)
        for name in callbacks:
            self.listen(name)

    def listen(self, name):
        def callback(app, *arguments):
            with self.told:
                self.events.append((name[3:], *arguments))
                self.told.notify_all()
            hook = self.hooks.get(name)
            if hook:
                hook(app, *arguments)
        setattr(self.app, name, callback)

    def on(self, name, hook):
        self.hooks[name] = hook
        return self

    def of(self, name):
        return [event[1:] for event in self.events if event[0] == name]

    @property
    def names(self):
        return [event[0] for event in self.events]

    def until(self, name, count=1):
        with self.told:
            assert self.told.wait_for(lambda: len(self.of(name)) >= count,
                                      LIMIT), (name, self.events)
        return self

    def start(self, **options):
        self.result = self.failure = None

        def work():
            try:
                self.result = self.app.run_forever(**options)
            except BaseException as why:  # handed to the test
                self.failure = why
        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        return self

    def join(self):
        self.thread.join(LIMIT)
        assert not self.thread.is_alive(), f"hangs after {self.events}"
        if self.failure:
            raise self.failure
        return self

    def run(self, **options):
        return self.start(**options).join()


@pytest.fixture
def tape():
    tapes = []

    def make(impl, url, *arguments, **options):
        tapes.append(Tape(impl, url, *arguments, **options))
        return tapes[-1]
    yield make
    for one in tapes:
        if getattr(one, "thread", None) and one.thread.is_alive():
            one.app.close()
