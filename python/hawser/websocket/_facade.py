"""What an app has for its `sock`: the calls of a WebSocket, for a connection
that the app's loop reads from."""
from __future__ import annotations

from typing import Any, Optional

from ._abnf import ABNF, STATUS_NORMAL
from ._exceptions import WebSocketException
from ._faults import parse_head
from ._handshake import handshake_response
from ._logging import isEnabledForTrace, trace


def frame_size(size: int) -> int:
    """Bytes of a client's frame with `size` bytes of payload."""
    return size + (6 if size < 126 else 8 if size < 65536 else 14)


class Facade:
    """The connection of one attempt of an app. Calls may come from any
    thread. Reading is the app's affair: there is no recv()."""

    def __init__(self, run: Any, is_secure: bool = False) -> None:
        self._run = run
        self._is_secure = is_secure
        self.connected = False
        self.handshake_response: Optional[handshake_response] = None
        self.sock: Any = None  # of Python, where the connection has one
        self.peer = ""
        self.timeout: Optional[float] = None

    def _up(self, payload: dict) -> None:
        status, headers, _ = parse_head(payload["head"])
        self.handshake_response = handshake_response(
            status, headers, payload["subprotocol"].lower() or None)
        self.peer = payload["peer"]
        self.connected = True
        if isEnabledForTrace():
            trace("--- response header ---")
            trace(payload["head"].decode("utf-8", "replace").rstrip())
            trace("-----------------------")

    def send(self, payload: Any, opcode: int = ABNF.OPCODE_TEXT) -> int:
        """Send a message; how many bytes its frame has."""
        if isinstance(payload, str):
            payload = payload.encode("utf-8")
        self._run.send(payload, opcode)
        return frame_size(len(payload))

    def send_text(self, text_data: str) -> int:
        return self.send(text_data, ABNF.OPCODE_TEXT)

    def send_bytes(self, data: Any) -> int:
        return self.send(data, ABNF.OPCODE_BINARY)

    send_binary = send_bytes

    def send_frame(self, frame: ABNF) -> int:
        """Send a whole message or a control frame."""
        if not frame.fin or frame.opcode == ABNF.OPCODE_CONT:
            raise WebSocketException("a WebSocketApp sends whole messages; a "
                                     "WebSocket can send fragments")
        return self.send(frame.data, frame.opcode)

    def ping(self, payload: Any = "") -> None:
        self.send(payload, ABNF.OPCODE_PING)

    def pong(self, payload: Any = "") -> None:
        self.send(payload, ABNF.OPCODE_PONG)

    def close(self, status: int = STATUS_NORMAL, reason: Any = b"",
              timeout: Optional[float] = 3) -> None:
        """Send a close frame, and close when the peer has answered, or after
        `timeout` seconds. Does not wait for it."""
        if status < 0 or status >= ABNF.LENGTH_16:
            raise ValueError("code is invalid range")
        self._run.stop(status, reason, timeout)

    def send_close(self, status: int = STATUS_NORMAL,
                   reason: Any = b"") -> None:
        self.close(status, reason)

    def abort(self) -> None:
        """Cut the connection; the app finds it lost."""
        self._run.cut()

    shutdown = abort

    def gettimeout(self) -> Optional[float]:
        return self.timeout

    def settimeout(self, timeout: Optional[float]) -> None:
        """Kept for those who ask; nothing here blocks."""
        self.timeout = timeout

    def getstatus(self) -> Optional[int]:
        return getattr(self.handshake_response, "status", None)

    status = property(getstatus)

    def getheaders(self) -> Optional[dict]:
        return getattr(self.handshake_response, "headers", None)

    headers = property(getheaders)

    def getsubprotocol(self) -> Optional[str]:
        return getattr(self.handshake_response, "subprotocol", None)

    subprotocol = property(getsubprotocol)

    def is_ssl(self) -> bool:
        return self._is_secure

    def fileno(self) -> int:
        """Of a socket of Python's; -1 where the connection is the core's."""
        return self.sock.fileno() if self.sock else -1

    def recv(self, *arguments: Any) -> Any:
        raise WebSocketException("the app's loop reads from this connection; "
                                 "use on_message")

    recv_data = recv_data_frame = recv_frame = recv
