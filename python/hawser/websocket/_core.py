"""WebSocket: one connection, used by blocking calls."""
import socket
import struct
import threading
import time

from ._abnf import ABNF, STATUS_NORMAL, continuous_frame, frame_buffer
from ._exceptions import (WebSocketConnectionClosedException,
                          WebSocketException, WebSocketProtocolException)
from ._handshake import SUPPORTED_REDIRECT_STATUSES, handshake
from ._http import connect, proxy_info
from ._logging import debug, error, isEnabledForError, isEnabledForTrace, trace
from ._socket import getdefaulttimeout, recv, send, sock_opt
from ._ssl_compat import ssl
from ._utils import NoLock

__all__ = ["WebSocket", "create_connection"]


class WebSocket:
    """A connection: connect(), then send() and recv(). `sock` is the socket,
    or any object with a socket's methods."""

    def __init__(self, get_mask_key=None, sockopt=None, sslopt=None,
                 fire_cont_frame=False, enable_multithread=True,
                 skip_utf8_validation=False, dispatcher=None, **_):
        self.sock_opt = sock_opt(sockopt, sslopt)
        self.handshake_response = None
        self.sock = None
        self.connected = False
        self.get_mask_key = get_mask_key
        self.frame_buffer = frame_buffer(self._recv, skip_utf8_validation)
        self.cont_frame = continuous_frame(fire_cont_frame,
                                           skip_utf8_validation)
        self.dispatcher = dispatcher
        self.lock = threading.Lock() if enable_multithread else NoLock()
        self.readlock = threading.Lock() if enable_multithread else NoLock()

    def __iter__(self):
        """Messages for ever, as recv() gives them."""
        while True:
            yield self.recv()

    def __next__(self):
        return self.recv()

    def next(self):
        return self.__next__()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def fileno(self):
        return self.sock.fileno()

    def set_mask_key(self, func):
        """func(4) gives the masking key of each frame."""
        self.get_mask_key = func

    def gettimeout(self):
        """Seconds that a call may take, or None."""
        return self.sock_opt.timeout

    def settimeout(self, timeout):
        self.sock_opt.timeout = timeout
        if self.sock:
            self.sock.settimeout(timeout)

    timeout = property(gettimeout, settimeout)

    def getsubprotocol(self):
        """The subprotocol that the server chose, or None."""
        response = self.handshake_response
        return response.subprotocol if response else None

    subprotocol = property(getsubprotocol)

    def getstatus(self):
        """The status of the server's answer, or None."""
        response = self.handshake_response
        return response.status if response else None

    status = property(getstatus)

    def getheaders(self):
        """The headers of the server's answer, or None."""
        response = self.handshake_response
        return response.headers if response else None

    headers = property(getheaders)

    def is_ssl(self):
        try:
            return isinstance(self.sock, ssl.SSLSocket)
        except AttributeError:
            return False

    def connect(self, url, **options):
        """Connect to a ws:// or wss:// URL. Options: header, cookie, origin,
        suppress_origin, host, connection, subprotocols, timeout, socket,
        redirect_limit, http_proxy_host, http_proxy_port, http_proxy_auth,
        http_no_proxy, http_proxy_timeout, proxy_type."""
        self.sock_opt.timeout = options.get("timeout", self.sock_opt.timeout)
        prepared = options.pop("socket", None)
        for _ in range(options.pop("redirect_limit", 3) + 1):
            self.sock, place = connect(url, self.sock_opt,
                                       proxy_info(**options), prepared)
            prepared = None
            try:
                self.handshake_response = handshake(self.sock, url, *place,
                                                    **options)
            except BaseException:
                self._drop()
                raise
            if self.handshake_response.status not in \
                    SUPPORTED_REDIRECT_STATUSES:
                self.connected = True
                return
            url = self.handshake_response.headers.get("location", "")
            self._drop()
        # websocket-client would call this connected.
        raise WebSocketException(f"too many redirects, the last one to {url}")

    def _drop(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def send(self, payload, opcode=ABNF.OPCODE_TEXT):
        """Send a message; how many bytes its frame has."""
        return self.send_frame(ABNF.create_frame(payload, opcode))

    def send_text(self, text_data):
        return self.send(text_data, ABNF.OPCODE_TEXT)

    def send_bytes(self, data):
        return self.send(data, ABNF.OPCODE_BINARY)

    send_binary = send_bytes

    def send_frame(self, frame):
        """Send one frame, all of it; how many bytes it has."""
        if self.get_mask_key:
            frame.get_mask_key = self.get_mask_key
        data = frame.format()
        length = len(data)
        if isEnabledForTrace():
            trace(f"++Sent raw: {repr(data)}")
            trace(f"++Sent decoded: {frame}")
        with self.lock:
            while data:
                data = data[self._send(data):]
        return length

    def ping(self, payload=""):
        if isinstance(payload, str):
            payload = payload.encode("utf-8")
        self.send(payload, ABNF.OPCODE_PING)

    def pong(self, payload=""):
        if isinstance(payload, str):
            payload = payload.encode("utf-8")
        self.send(payload, ABNF.OPCODE_PONG)

    def recv(self):
        """The next message: str, or bytes when it is binary; "" when the peer
        closes."""
        with self.readlock:
            opcode, data = self.recv_data()
        if opcode == ABNF.OPCODE_TEXT:
            return data if isinstance(data, str) else data.decode("utf-8")
        return data if opcode == ABNF.OPCODE_BINARY else ""

    def recv_data(self, control_frame=False):
        """(opcode, data) of the next message, and of pings and pongs if
        asked."""
        opcode, frame = self.recv_data_frame(control_frame)
        return opcode, frame.data

    def recv_data_frame(self, control_frame=False):
        """(opcode, frame) of the next message; pings are answered."""
        while True:
            frame = self.recv_frame()
            if isEnabledForTrace():
                trace(f"++Rcv raw: {repr(frame.format())}")
                trace(f"++Rcv decoded: {frame}")
            if not frame:
                raise WebSocketProtocolException(
                    f"Not a valid frame {frame}")
            if frame.opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY,
                                ABNF.OPCODE_CONT):
                self.cont_frame.validate(frame)
                self.cont_frame.add(frame)
                if self.cont_frame.is_fire(frame):
                    return self.cont_frame.extract(frame)
            elif frame.opcode == ABNF.OPCODE_CLOSE:
                self.send_close()
                return frame.opcode, frame
            elif frame.opcode == ABNF.OPCODE_PING:
                self.pong(frame.data)
                if control_frame:
                    return frame.opcode, frame
            elif control_frame:
                return frame.opcode, frame

    def recv_frame(self):
        """The next frame as it came; nothing is answered."""
        return self.frame_buffer.recv_frame()

    def send_close(self, status=STATUS_NORMAL, reason=b""):
        """Send a close frame; nothing may be sent after it."""
        if status < 0 or status >= ABNF.LENGTH_16:
            raise ValueError("code is invalid range")
        self.connected = False
        self.send(struct.pack("!H", status) + reason, ABNF.OPCODE_CLOSE)

    def close(self, status=STATUS_NORMAL, reason=b"", timeout=3):
        """Send a close frame, wait `timeout` seconds at the most for the
        peer's, and close the socket."""
        if not self.connected:
            return
        if status < 0 or status >= ABNF.LENGTH_16:
            raise ValueError("code is invalid range")
        try:
            self.connected = False
            self.send(struct.pack("!H", status) + reason, ABNF.OPCODE_CLOSE)
            self._await_close(timeout)
            self.sock.shutdown(socket.SHUT_RDWR)
        except Exception as failure:  # noqa: BLE001: it closes in any case
            debug(f"close: {failure}")
        self.shutdown()

    def _await_close(self, timeout):
        before = self.sock.gettimeout()
        until = None if timeout is None else time.monotonic() + timeout
        try:
            while until is None or time.monotonic() < until:
                if until is not None:
                    self.sock.settimeout(max(until - time.monotonic(), 0.001))
                frame = self.recv_frame()
                if frame.opcode != ABNF.OPCODE_CLOSE:
                    continue
                if isEnabledForError():
                    code = struct.unpack("!H", frame.data[:2])[0] \
                        if frame.data else STATUS_NORMAL
                    if 3000 <= code <= 4999:
                        debug(f"close status: {code!r}")
                    elif code != STATUS_NORMAL:
                        error(f"close status: {code!r}")
                break
        except Exception as failure:  # noqa: BLE001
            debug(f"close: {failure}")
        self.sock.settimeout(before)

    def abort(self):
        """Wake whatever waits for the socket in another thread."""
        if self.connected:
            self.sock.shutdown(socket.SHUT_RDWR)

    def shutdown(self):
        """Close the socket at once."""
        if self.sock:
            self.sock.close()
            self.sock = None
            self.connected = False

    def _send(self, data):
        if self.dispatcher:
            return self.dispatcher.send(self.sock, data)
        return send(self.sock, data)

    def _recv(self, bufsize):
        try:
            return recv(self.sock, bufsize)
        except WebSocketConnectionClosedException:
            if self.sock:
                self.sock.close()
            self.sock = None
            self.connected = False
            raise


def create_connection(url, timeout=None, class_=WebSocket, **options):
    """Connect to `url`; options are those of WebSocket() and its connect()."""
    own = {name: options.pop(name, default) for name, default in (
        ("sockopt", []), ("sslopt", {}), ("fire_cont_frame", False),
        ("enable_multithread", True), ("skip_utf8_validation", False))}
    websock = class_(**own, **options)
    websock.settimeout(timeout if timeout is not None
                       else getdefaulttimeout())
    websock.connect(url, **options)
    return websock
