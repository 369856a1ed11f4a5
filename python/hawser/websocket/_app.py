"""WebSocketApp: a connection that calls back, and is taken up again."""
from __future__ import annotations

import threading
from typing import Any, Callable, Optional, Union

from ._abnf import ABNF
from ._dispatcher import (Dispatcher, DispatcherBase, SSLDispatcher,
                          WrappedDispatcher)
from ._exceptions import (WebSocketConnectionClosedException,
                          WebSocketException)
from ._host import OwnHost, host_for
from ._logging import error
from ._options import Target
from ._run import Run

__all__ = ["WebSocketApp", "set_reconnect", "setReconnect"]

RECONNECT = 0


def set_reconnect(reconnectInterval: float) -> None:
    """Seconds between attempts of every run_forever() that names none; 0: no
    further attempt."""
    global RECONNECT
    RECONNECT = reconnectInterval


setReconnect = set_reconnect  # its name up to websocket-client 1.8


class WebSocketApp:
    """Callbacks for what happens on a connection; run_forever() connects.

    on_open(app), on_reconnect(app), on_message(app, message),
    on_data(app, data, opcode, fin), on_cont_message(app, data, fin),
    on_ping(app, data), on_pong(app, data), on_error(app, exception),
    on_close(app, code, reason). All may be changed at any time.

    `header` is a list of lines, a dict, or a callable that returns either and
    is called before each attempt. send() and close() may come from any thread.
    """

    def __init__(
        self,
        url: str,
        header: Union[list, dict, Callable, None] = None,
        on_open: Optional[Callable] = None,
        on_reconnect: Optional[Callable] = None,
        on_message: Optional[Callable] = None,
        on_error: Optional[Callable] = None,
        on_close: Optional[Callable] = None,
        on_ping: Optional[Callable] = None,
        on_pong: Optional[Callable] = None,
        on_cont_message: Optional[Callable] = None,
        keep_running: bool = True,
        get_mask_key: Optional[Callable] = None,
        cookie: Optional[str] = None,
        subprotocols: Optional[list] = None,
        on_data: Optional[Callable] = None,
        socket: Any = None,
    ) -> None:
        del keep_running  # it is what it is while the app runs
        self.url = url
        self.header = header if header is not None else []
        self.cookie = cookie
        self.on_open = on_open
        self.on_reconnect = on_reconnect
        self.on_message = on_message
        self.on_data = on_data
        self.on_error = on_error
        self.on_close = on_close
        self.on_ping = on_ping
        self.on_pong = on_pong
        self.on_cont_message = on_cont_message
        self.get_mask_key = get_mask_key
        self.subprotocols = subprotocols
        self.prepared_socket = socket
        self.sock: Any = None
        self.last_ping_tm = 0.0
        self.last_pong_tm = 0.0
        self.ping_thread: Optional[threading.Thread] = None  # there is none
        self.stop_ping: Optional[threading.Event] = None
        self.ping_interval: float = 0
        self.ping_timeout: Optional[float] = None
        self.ping_payload: Union[str, bytes] = ""
        self.has_errored = False
        self.has_done_teardown = False
        self.has_done_teardown_lock = threading.Lock()
        self._keep_running = False
        self._run: Optional[Run] = None

    @property
    def keep_running(self) -> bool:
        """Whether it runs. Setting it to False ends the run, from any thread,
        at once."""
        return self._keep_running

    @keep_running.setter
    def keep_running(self, value: bool) -> None:
        self._keep_running = bool(value)
        run = self._run
        if run and not value:
            run.stop()

    # -- sending

    def send(self, data: Union[str, bytes],
             opcode: int = ABNF.OPCODE_TEXT) -> None:
        """Send a message."""
        if not self.sock or self.sock.send(data, opcode) == 0:
            raise WebSocketConnectionClosedException(
                "Connection is already closed.")

    def send_text(self, text_data: str) -> None:
        self.send(text_data, ABNF.OPCODE_TEXT)

    def send_bytes(self, data: Union[bytes, bytearray]) -> None:
        self.send(data, ABNF.OPCODE_BINARY)

    def ready(self) -> Any:
        """Whether it is connected."""
        return self.sock and self.sock.connected

    def close(self, **kwargs: Any) -> None:
        """End the run: status=1000, reason=b"", timeout=3. Does not wait for
        it; on_close does tell."""
        if self.sock:
            self.sock.close(**kwargs)
        elif self._run:
            self._run.stop(**kwargs)
        self._keep_running = False
        self.sock = None

    # -- running

    def run_forever(
        self,
        sockopt: Any = None,
        sslopt: Optional[dict] = None,
        ping_interval: float = 0,
        ping_timeout: Optional[float] = None,
        ping_payload: Union[str, bytes] = "",
        http_proxy_host: Optional[str] = None,
        http_proxy_port: Optional[int] = None,
        http_no_proxy: Optional[list] = None,
        http_proxy_auth: Optional[tuple] = None,
        http_proxy_timeout: Optional[float] = None,
        skip_utf8_validation: bool = False,
        host: Optional[str] = None,
        origin: Optional[str] = None,
        dispatcher: Any = None,
        suppress_origin: bool = False,
        proxy_type: Optional[str] = None,
        reconnect: Optional[float] = None,
    ) -> bool:
        """Connect, and call back until close() or an end of the connection;
        with `reconnect` seconds between attempts, until close(). Whether an
        error was told. With a `dispatcher` it returns at once, and that
        dispatcher's loop calls back."""
        _check_pings(ping_interval, ping_timeout)
        if self.sock:
            raise WebSocketException("socket is already opened")
        Target(self.url)
        options = {
            "sockopt": sockopt, "sslopt": sslopt, "host": host,
            "origin": origin, "suppress_origin": suppress_origin,
            "http_proxy_host": http_proxy_host,
            "http_proxy_port": http_proxy_port,
            "http_no_proxy": http_no_proxy,
            "http_proxy_auth": http_proxy_auth,
            "http_proxy_timeout": http_proxy_timeout,
            "proxy_type": proxy_type,
            "skip_utf8_validation": skip_utf8_validation,
        }
        self.ping_interval = ping_interval or 0
        self.ping_timeout = ping_timeout
        self.ping_payload = ping_payload
        self.has_errored = False
        self.has_done_teardown = False
        place = host_for(dispatcher)
        run = Run(self, place, options,
                  RECONNECT if reconnect is None else reconnect)
        self._run = run
        self._keep_running = True
        if isinstance(place, OwnHost):
            return self._serve(run)
        place.begin(run)
        run.loop.post(run.dial)
        return False

    def _serve(self, run: Run) -> bool:
        try:
            run.dial()
            run.host.serve(run)
        except (KeyboardInterrupt, SystemExit) as why:
            try:
                run.interrupted(why)
                run.host.serve(run)
            finally:
                run.finish()
            if isinstance(why, SystemExit):
                raise
        finally:
            run.finish()
        return run.has_errored

    def create_dispatcher(self, ping_timeout: Optional[float],
                          dispatcher: Any = None, is_ssl: bool = False,
                          handleDisconnect: Any = None) -> DispatcherBase:
        """A dispatcher as websocket-client has them, for programs that drive
        a WebSocket by one. Apps here need none."""
        if dispatcher:
            return WrappedDispatcher(self, ping_timeout, dispatcher,
                                     handleDisconnect)
        kind = SSLDispatcher if is_ssl else Dispatcher
        return kind(self, ping_timeout or 10)

    # -- for the run

    def _forget(self, run: Run) -> None:
        if self._run is not run:
            return
        self._keep_running = False
        self.sock = None
        self._run = None
        self.has_done_teardown = True

    def _callback(self, callback: Optional[Callable], *args: Any) -> None:
        """Call; what it raises goes to on_error, once."""
        if not callback:
            return
        try:
            callback(self, *args)
        except Exception as why:  # noqa: BLE001
            self._failed(callback, why)

    def _failed(self, callback: Callable, why: Exception) -> None:
        error(f"error from callback {callback}: {why}")
        if callback is self.on_error or not self.on_error:
            return
        try:
            self.on_error(self, why)
        except Exception as again:  # noqa: BLE001
            error(f"error from callback {self.on_error}: {again}")


def _check_pings(interval: Optional[float], timeout: Optional[float]) -> None:
    if timeout is not None and timeout <= 0:
        raise WebSocketException("Ensure ping_timeout > 0")
    if interval is not None and interval < 0:
        raise WebSocketException("Ensure ping_interval >= 0")
    if timeout and interval and interval <= timeout:
        raise WebSocketException("Ensure ping_interval > ping_timeout")
