"""The loop that an app lives on: one of its own, that of hawser.rel, or any
dispatcher's, inside which ours is turned."""
import signal
import threading
import time

from .._loop import EventLoop
from ._knock import Knock, nothing

# How long one wake-up of a foreign dispatcher may take (s) before it gets its
# turn again. What is left then is told at its next look.
SLICE = 0.02


class OwnHost:
    """A loop for one run, turned inside run_forever()."""

    def __init__(self):
        self.loop = EventLoop()

    def begin(self, run):
        """The loop is turned by serve()."""

    def serve(self, run):
        self.loop.run(until=lambda: run.over)

    def poke(self):
        """Its deadlines are its own."""

    def end(self, run):
        """Nothing is left to do: serve() looks by itself."""


class RelHost:
    """hawser.rel: the same kind of loop, which its dispatch() turns."""

    def __init__(self, registrar):
        self.registrar = registrar
        self.loop = registrar.engine
        self._signal = None

    def begin(self, run):
        self.registrar.keep(run)
        if signal.SIGINT in self.registrar.signals or not _is_main_thread():
            return
        self._signal = self.registrar.signal(signal.SIGINT,
                                             self.registrar.abort)

    def poke(self):
        """Its deadlines are its own."""

    def end(self, run):
        """Without the app, Ctrl-C is no reason for rel to go on."""
        self.registrar.drop(run)
        ours, self._signal = self._signal, None
        if ours and self.registrar.signals.get(signal.SIGINT) is ours and \
                _is_main_thread():
            if self.registrar.reasons:
                heir = next(iter(self.registrar.reasons))
                heir.host._signal = ours
            else:
                ours.delete()


class ForeignHost:
    """Any object with read(sock, callback) and timeout(seconds, callback).
    Our loop has one descriptor that is readable while anything in it is; the
    dispatcher watches that, and waits for our next deadline."""

    def __init__(self, dispatcher):
        self.dispatcher = dispatcher
        self.loop = EventLoop("epoll,kqueue")
        self._armed = None  # when the dispatcher will call _due()
        self._over = False
        self._knock = Knock(self.loop, dispatcher)

    def fileno(self):
        return self.loop.fileno()

    def begin(self, run):
        self.dispatcher.read(self, self._ready)
        if _is_main_thread() and hasattr(self.dispatcher, "signal"):
            self.dispatcher.signal(signal.SIGINT, self.dispatcher.abort)
        self._arm()

    def poke(self):
        """A call from outside may have moved the first deadline."""
        self.loop.post(nothing)

    def end(self, run):
        self._over = True

    def _ready(self):
        """Drain: the dispatcher may come again late. True: go on."""
        self._knock.heard()
        until = time.monotonic() + SLICE
        while self.loop.turn(0) and time.monotonic() < until:
            pass
        if self._over:
            return False
        self._arm()
        self._knock.knock()
        return True

    def _arm(self):
        remaining = self.loop.remaining()
        if remaining is None:
            return
        due = time.monotonic() + remaining
        if self._armed is not None and self._armed <= due:
            return
        self._armed = due
        self.dispatcher.timeout(remaining, self._due)

    def _due(self):
        self._armed = None
        if not self._over and not self._ready():
            self.loop.post(nothing)  # so that read()'s callback says so, too
        return False


def _is_main_thread():
    return threading.current_thread() is threading.main_thread()


def host_for(dispatcher):
    """Where an app lives that was given this dispatcher."""
    if dispatcher is None:
        return OwnHost()
    from .. import rel
    from ..rel.registrar import Registrar
    if isinstance(dispatcher, Registrar):
        return RelHost(dispatcher)
    if dispatcher in (rel, rel.rel):
        return RelHost(rel.rel.check_init())
    return ForeignHost(dispatcher)


__all__ = ["ForeignHost", "OwnHost", "RelHost", "host_for"]
