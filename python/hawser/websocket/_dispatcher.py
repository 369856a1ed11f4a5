"""Dispatchers as websocket-client names them: who calls read_callback when a
socket is readable. WebSocketApp has its own ways (_host.py); these are for
programs that drive a WebSocket by one."""
from __future__ import annotations

import selectors
import threading
from typing import Any, Callable, Optional

from ._socket import send


class DispatcherBase:
    """`app` runs while its keep_running is true."""

    def __init__(self, app: Any, ping_timeout: Optional[float]) -> None:
        self.app = app
        self.ping_timeout = ping_timeout

    def timeout(self, seconds: Optional[float], callback: Callable) -> None:
        """Call callback() after so many seconds; close() of the app does not
        wait for it."""
        if seconds:
            threading.Event().wait(seconds)
        callback()

    def reconnect(self, seconds: float,
                  reconnector: Callable[[bool], Any]) -> None:
        """Call reconnector(True) after so many seconds."""
        self.timeout(seconds, lambda: reconnector(True))

    def send(self, sock: Any, data: Any) -> int:
        return send(sock, data)


class Dispatcher(DispatcherBase):
    """By a selector."""

    def read(self, sock: Any, read_callback: Callable,
             check_callback: Callable) -> None:
        """Call read_callback() at each readiness while it returns something
        true, and check_callback() after each wait."""
        sock = _plain(self.app, sock)
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            while self.app.keep_running:
                if self._wait(selector, sock) and not read_callback():
                    return
                check_callback()

    def _wait(self, selector: Any, sock: Any) -> Any:
        return selector.select(self.ping_timeout)


class SSLDispatcher(Dispatcher):
    """The same for TLS, which may hold bytes that no selector sees."""

    def _wait(self, selector: Any, sock: Any) -> Any:
        if sock.pending():
            return [sock]
        return selector.select(self.ping_timeout)


class WrappedDispatcher(DispatcherBase):
    """By a dispatcher of another maker, such as rel."""

    def __init__(self, app: Any, ping_timeout: Optional[float],
                 dispatcher: Any, handleDisconnect: Any = None) -> None:
        super().__init__(app, ping_timeout)
        self.dispatcher = dispatcher
        self.handleDisconnect = handleDisconnect
        if threading.current_thread() is threading.main_thread():
            dispatcher.signal(2, dispatcher.abort)

    def read(self, sock: Any, read_callback: Callable,
             check_callback: Callable) -> None:
        self.dispatcher.read(sock, read_callback)
        if self.ping_timeout:
            self.timeout(self.ping_timeout, check_callback)

    def timeout(self, seconds: Optional[float], callback: Callable,
                *args: Any) -> None:
        self.dispatcher.timeout(seconds, callback, *args)

    def reconnect(self, seconds: float,
                  reconnector: Callable[[bool], Any]) -> None:
        self.timeout(seconds, reconnector, True)

    def send(self, sock: Any, data: Any) -> int:
        self.dispatcher.buffwrite(sock, data, send, self.handleDisconnect)
        return len(data)


def _plain(app: Any, sock: Any) -> Any:
    """The socket of a WebSocket, or the socket itself."""
    if app.sock and getattr(app.sock, "sock", None):
        return app.sock.sock
    return sock
