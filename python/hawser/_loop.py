"""The library's loop, run by Python: until it is stopped, with Ctrl-C and other
signals heard at once."""
from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import Callable, Iterator, Optional

from . import _hawser


class EventLoop(_hawser.Loop):
    """An event loop of the library: epoll, poll or select, never asleep while
    something is ready and never awake without a reason.

    A loop belongs to the thread that runs it. Only post(), stop() and the
    calls of a Client may come from other threads.
    """

    def __init__(self, poller: Optional[str] = None) -> None:
        del poller  # Loop.__new__ has taken it
        self._running = False
        self._wake: Optional[_hawser.Watch] = None

    def run(self, until: Optional[Callable[[], object]] = None) -> None:
        """Turn until stop() is called, or until `until()` is true after a
        turn. Exceptions of callbacks end it and are raised here."""
        self._running = True
        with self.listening():
            while self._running and not (until and until()):
                self.turn()

    def stop(self) -> None:
        """Make run() return. From any thread."""
        self.post(self._halt)

    def _halt(self) -> None:
        self._running = False

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of signals while waiting: Python notes them in a handler, and
        this wakes the loop so that the handler of Python's runs. Only the main
        thread gets signals; elsewhere, and inside another listening(), this
        does nothing."""
        if self._wake or threading.current_thread() \
                is not threading.main_thread():
            yield
            return
        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        self._wake = _hawser.Watch(self, lambda ready: _drain(reader))
        self._wake.set(reader.fileno(), _hawser.READ)
        before = signal.set_wakeup_fd(writer.fileno(),
                                      warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            self._wake.set(reader.fileno(), 0)
            self._wake = None
            reader.close()
            writer.close()


def _drain(reader: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while reader.recv(4096):
            pass
