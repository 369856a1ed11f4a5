"""The registrar: which descriptors, timers and signals a program waits for, on
one loop of hawser's. One class serves every back end."""
import contextlib
import select
import time

from .. import _hawser
from .._loop import EventLoop
from .errors import AbortBranch
from .listener import (Event, Signal, SocketIO, Timer,  # noqa: F401
                       contains)
from .util import Basic

SLEEP_SEC = 0
SLEEP_TURBO = 0
# Frames that a TLS socket still holds are handed over within the same turn,
# as long as this (s): then others get theirs.
PENDING_SLICE = 0.005


def set_sleep(s):
    """Accepted for rel's sake: nothing sleeps."""


def set_turbo(s):
    """Accepted for rel's sake: nothing sleeps."""


class _Descriptor:
    """One descriptor: its events, and the one watch that serves them."""

    def __init__(self, registrar, fd):
        self.registrar = registrar
        self.fd = fd
        self.events = {}
        self.watch = _hawser.Watch(registrar.engine, self.ready)

    def rearm(self, anew=False):
        """Watch for what is waited for. `anew`: the number may belong to
        another socket than before, of which the kernel knows nothing yet."""
        if anew:
            self.watch.set(self.fd, 0)
        interest = (_hawser.READ if "read" in self.events else 0) | \
            (_hawser.WRITE if "write" in self.events else 0)
        self.watch.set(self.fd, interest)

    def ready(self, what):
        for bit, kind in ((_hawser.READ, "read"), (_hawser.WRITE, "write")):
            event = self.events.get(kind)
            if event and what & bit:
                self.registrar.fire(event)


class Registrar(Basic):
    """Knows what is waited for. Not a word here is about how: that is the
    loop's."""

    method = None

    def __init__(self):
        self.events = {"read": {}, "write": {}, "error": {}}
        self.timers = set()
        self.signals = {}
        self.reasons = set()
        self.run_dispatch = False
        self.tick = 0
        self.engine = EventLoop(self.method)
        self._descriptors = {}
        self._errors = _Errors(self)

    # -- what is waited for

    def read(self, sock, cb, *args):
        return SocketIO(self, "read", sock, cb, *args)

    def write(self, sock, cb, *args):
        return SocketIO(self, "write", sock, cb, *args)

    def error(self, sock, cb, *args):
        return SocketIO(self, "error", sock, cb, *args)

    def timeout(self, delay, cb, *args):
        return Timer(self, delay, cb, *args)

    def signal(self, sig, cb, *args):
        return Signal(self, sig, cb, *args)

    def event(self, callback, arg, evtype, handle):
        return Event(self, callback, arg, evtype, handle)

    def report(self):
        return {"timers": len(self.timers), "signals": len(self.signals),
                "reads": len(self.events["read"]),
                "writes": len(self.events["write"])}

    def here(self, call):
        """Call now, or on the loop's thread while that is at work."""
        if self.engine.elsewhere:
            self.engine.post(call)
        else:
            call()

    def add(self, event):
        """A SocketIO waits. It takes the place of another for the same
        descriptor and kind."""
        self.here(lambda: self._add(event))

    def remove(self, event):
        """A SocketIO waits no longer. Its descriptor may be closed already."""
        self.here(lambda: self._remove(event))

    def _add(self, event):
        before = self.events[event.evtype].get(event.fd)
        if before is not None and before is not event:
            before.active = 0
        self.events[event.evtype][event.fd] = event
        if event.evtype == "error":
            self._errors.add(event.fd)
            return
        descriptor = self._descriptors.get(event.fd)
        if descriptor is None:
            descriptor = _Descriptor(self, event.fd)
            self._descriptors[event.fd] = descriptor
        descriptor.events[event.evtype] = event
        descriptor.rearm(anew=True)

    def _remove(self, event):
        if self.events[event.evtype].get(event.fd) is not event:
            return
        del self.events[event.evtype][event.fd]
        if event.evtype == "error":
            self._errors.remove(event.fd)
            return
        descriptor = self._descriptors[event.fd]
        del descriptor.events[event.evtype]
        descriptor.rearm()
        if not descriptor.events:
            del self._descriptors[event.fd]

    def make_timer(self, due):
        return _hawser.Timer(self.engine, due)

    def signal_add(self, sig):
        self.signals[sig.sig] = sig

    def signal_remove(self, sig):
        self.signals.pop(sig, None)

    def keep(self, reason):
        """Run for the sake of something that lives on the engine by itself,
        until drop(). abort() calls its abort()."""
        self.reasons.add(reason)

    def drop(self, reason):
        self.reasons.discard(reason)

    # -- calling back

    def guard(self, callback, *args):
        """Call; AbortBranch ends the callback and nothing else."""
        try:
            return callback(*args)
        except AbortBranch:
            self.log("AbortBranch")
            return None

    def fire(self, event):
        """Call back, again while the socket holds more that no descriptor
        tells of: bytes that TLS has decrypted."""
        pending = getattr(event.sock, "pending", None)
        until = time.monotonic() + PENDING_SLICE
        self.guard(event.callback)
        while event.evtype == "read" and event.active and pending and \
                _holds(pending):
            if time.monotonic() >= until:
                self.engine.post(lambda: event.active and self.fire(event))
                return
            self.guard(event.callback)

    def abort_branch(self):
        raise AbortBranch()

    # -- running

    def _has_reason(self):
        return bool(self.events["read"] or self.events["write"] or
                    self.timers or self.signals or self.reasons)

    def dispatch(self):
        """Run until nothing is waited for, or abort() or pause()."""
        self.run_dispatch = True
        with self.engine.listening():
            while self.run_dispatch and self._has_reason():
                self._turn(None)
        self.run_dispatch = False

    def loop(self):
        """One turn: what is ready and due by now."""
        with self.engine.listening():
            self._turn(0)

    def _turn(self, timeout):
        self.engine.turn(timeout)
        self.tick = int(time.time() * 1e6) % 1000000

    def pause(self):
        self._halt()

    def _halt(self):
        """End dispatch() after the present turn, from any thread."""
        self.run_dispatch = False
        self.engine.post(lambda: None)

    def abort(self):
        """Stop, and wait for no descriptor any more; timers and signals
        stay."""
        self._halt()
        for reason in list(self.reasons):
            reason.abort()
        for events in self.events.values():
            for event in list(events.values()):
                event.delete()

    def init(self):
        """Begin anew."""
        for sig in self.signals.values():
            sig.reset()
        self.abort()
        for timer in list(self.timers):
            timer.delete()
        self._errors.close()
        Registrar.__init__(self)


def _holds(pending):
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return pending() > 0
    return False


class _Errors:
    """Errors of descriptors that may be read from or written to by nobody: an
    epoll of their own, which the loop watches like any descriptor."""

    def __init__(self, registrar):
        self.registrar = registrar
        self.epoll = None
        self.watch = None
        self.count = 0

    def add(self, fd):
        if not hasattr(select, "epoll"):
            return  # elsewhere an error is found by reading or writing
        if self.epoll is None:
            self.epoll = select.epoll()
            self.watch = _hawser.Watch(self.registrar.engine, self.ready)
        with contextlib.suppress(FileExistsError):
            self.epoll.register(fd, 0)
            self.count += 1
        self.watch.set(self.epoll.fileno(), _hawser.READ)

    def remove(self, fd):
        if self.epoll is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self.epoll.unregister(fd)
        self.count -= 1
        if self.count == 0:
            self.close()

    def ready(self, what):
        for fd, _ in self.epoll.poll(0):
            event = self.registrar.events["error"].get(fd)
            if event:
                self.registrar.fire(event)
            if self.epoll is None:
                return

    def close(self):
        if self.epoll is None:
            return
        self.watch.set(self.epoll.fileno(), 0)
        self.epoll.close()
        self.epoll = self.watch = None
        self.count = 0


class EpollRegistrar(Registrar):
    method = "epoll"


class PollRegistrar(Registrar):
    method = "poll"


class SelectRegistrar(Registrar):
    method = "select"


class KqueueRegistrar(Registrar):
    method = "kqueue"

    def __init__(self):
        if self.method not in _hawser.pollers():
            raise ImportError("no kqueue on this machine")
        super().__init__()
