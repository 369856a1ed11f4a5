"""What a program waits for: descriptors, timers, signals, and pyevent's events
that are any of these. Each is known to one registrar."""
import functools
import signal
import time

from .util import Basic

EV_TIMEOUT = 1
EV_READ = 2
EV_WRITE = 4
EV_SIGNAL = 8
EV_PERSIST = 16


def contains(mode, bit):
    return mode & bit == bit


def _named(callback):
    return getattr(callback, "__qualname__", repr(callback))


class SocketIO(Basic):
    """Readiness of a descriptor. Stays while its callback returns something
    true, or for ever after persistent()."""

    def __init__(self, registrar, evtype, sock, cb, *args, wait=True):
        self.registrar = registrar
        self.evtype = evtype
        self.sock = sock
        self.fd = sock.fileno() if hasattr(sock, "fileno") else sock
        self.subname = f"{evtype}-{self.fd}"
        self.cb = cb
        self.args = args
        self.persist = False
        self.active = 0
        self.timeout = registrar.timeout(None, self.callback)
        if wait:
            self.add()

    def __repr__(self):
        return f'<SocketIO Object | Callback:"{_named(self.cb)}">'

    def persistent(self):
        self.persist = True

    def add(self, delay=None):
        """Wait, and call back after `delay` seconds in any case."""
        if delay is not None:
            self.timeout.add(delay)
        self.registrar.add(self)
        self.active = 1

    def delete(self):
        self.registrar.remove(self)
        self.active = 0

    def dereference(self):
        """Forget the callback as well."""
        if self.pending():
            self.delete()
        self.timeout.delete()
        self.cb = self.args = None

    def pending(self):
        return self.active

    def callback(self):
        if self.cb(*self.args) or self.persist:
            return
        if self.active:
            self.delete()


class Timer(Basic):
    """A point in time. Armed anew, as long after its call as at first, while
    its callback returns something true."""

    def __init__(self, registrar, delay, cb, *args):
        self.registrar = registrar
        self.delay = delay
        self.cb = cb
        self.args = args
        self.expiration = None
        self._timer = registrar.make_timer(self._due)
        self.add(delay)

    def __repr__(self):
        return f'<Timer Object | Callback:"{_named(self.cb)}">'

    def add(self, delay=None):
        """Call back in `delay` seconds; None disarms."""
        self.delay = delay
        if delay is None:
            self.delete()
            return
        self.expiration = time.monotonic() + delay
        self.registrar.timers.add(self)
        self.registrar.here(lambda: self._timer.after(delay))

    def delete(self, dereference=False):
        self.expiration = None
        self.registrar.timers.discard(self)
        self.registrar.here(self._timer.cancel)
        if dereference:
            self.cb = self.args = None

    def pending(self):
        return 1 if self.expiration is not None else 0

    def _due(self):
        armed = self.expiration
        self.registrar.timers.discard(self)
        again = self.registrar.guard(self.cb, *self.args)
        if self.expiration is not armed:
            return  # the callback has armed or deleted it
        self.expiration = None
        if again and self.delay is not None:
            self.add(self.delay)

    def check(self, t=None):
        """Whether it is still armed; calls back when it is due by `t`."""
        due = self.expiration is not None and \
            (time.monotonic() if t is None else t) >= self.expiration
        if due:
            self._timer.cancel()
            self._due()
        return bool(self.pending())


class Signal(Basic):
    """A signal, handled between two callbacks. Main thread only."""

    def __init__(self, registrar, sig, cb, *args, wait=True):
        self.registrar = registrar
        self.sig = sig
        self.default = signal.getsignal(sig)
        self.cb = cb
        self.args = args
        self.active = 0
        self.timeout = registrar.timeout(None, self.callback)
        if wait:
            self.add()

    def __repr__(self):
        return f'<Signal Object | Callback:"{_named(self.cb)}">'

    def add(self, delay=None):
        if delay is not None:
            self.timeout.add(delay)
        signal.signal(self.sig, self.callback)
        self.active = 1
        self.registrar.signal_add(self)

    def delete(self):
        self.reset()
        self.active = 0
        self.registrar.signal_remove(self.sig)

    def reset(self):
        """Back to what handled it before."""
        signal.signal(self.sig, self.default)

    def pending(self):
        return self.active

    def callback(self, *args):
        self.cb(*self.args)


class Event(Basic):
    """pyevent's event: cb(event, handle, evtype, arg), waits after add()."""

    def __init__(self, registrar, cb, arg, evtype, handle):
        self.registrar = registrar
        self.cb = cb
        self.arg = arg
        self.evtype = evtype or EV_TIMEOUT
        self.handle = handle
        self.timeout = registrar.timeout(None, self.callback)
        self.children = []
        self.spawn_children()

    def spawn_children(self):
        make = {
            EV_SIGNAL: functools.partial(Signal, self.registrar, self.handle),
            EV_READ: functools.partial(SocketIO, self.registrar, "read",
                                       self.handle),
            EV_WRITE: functools.partial(SocketIO, self.registrar, "write",
                                        self.handle),
        }
        for bit, kind in make.items():
            if not contains(self.evtype, bit):
                continue
            child = kind(self.callback, wait=False)
            if bit != EV_SIGNAL and contains(self.evtype, EV_PERSIST):
                child.persistent()
            self.children.append(child)

    def add(self, delay=None):
        if delay is not None:
            self.timeout.add(delay)
        for child in self.children:
            child.add()

    def delete(self):
        self.timeout.delete()
        for child in self.children:
            child.delete()

    def pending(self):
        waits = any(child.pending() for child in self.children)
        return 1 if waits else self.timeout.pending()

    def callback(self):
        self.cb(self, self.handle, self.evtype, self.arg)
