"""An app of websocket-client's that is taken up again for months: nothing
grows, with its own loop and with rel."""
import gc
import sys

import pytest

from conftest import RECONNECTS
from hawser import rel, websocket
from hawser.rel import rel as inner

WARM = 50  # reconnects before the first look


class Life:
    """A connection that is cut after its first message, again and again."""

    def __init__(self, url):
        self.connections = 0
        self.errors = 0
        self.looks = []
        self.app = websocket.WebSocketApp(
            url, on_open=self.greet, on_reconnect=self.greet,
            on_message=self.cut, on_error=self.note)

    def greet(self, app):
        app.send("hello")

    def note(self, app, error):
        del app, error
        self.errors += 1

    def cut(self, app, message):
        del message
        self.connections += 1
        if self.connections in (WARM, WARM + RECONNECTS):
            self.look()
        if self.connections < WARM + RECONNECTS:
            app.sock.shutdown()
        else:
            app.close()
            rel.abort()

    def look(self):
        gc.collect()
        self.looks.append((len(gc.get_objects()), sys.getrefcount(self.app),
                           sys.getallocatedblocks()))


@pytest.mark.parametrize("dispatcher", [None, rel], ids=["own", "rel"])
def test_nothing_grows_over_reconnects(serve, dispatcher):
    life = Life(serve("echo").url)
    life.app.run_forever(dispatcher=dispatcher, reconnect=0.0001,
                         ping_interval=20, ping_timeout=10)
    if dispatcher:
        rel.dispatch()
        rel.loop()  # what close() has posted
        inner.registrar.init()
    (objects, references, blocks), after = life.looks
    assert after[0] - objects < 20
    assert after[1] == references
    assert after[2] - blocks < 200
    assert life.errors == WARM + RECONNECTS - 1
