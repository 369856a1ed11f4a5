"""Frames (RFC 6455 section 5): made, checked, masked, read piece by piece, and
put together into messages."""
import os
import struct
from threading import Lock

from ._exceptions import WebSocketPayloadException, WebSocketProtocolException
from ._utils import validate_utf8

STATUS_NORMAL = 1000
STATUS_GOING_AWAY = 1001
STATUS_PROTOCOL_ERROR = 1002
STATUS_UNSUPPORTED_DATA_TYPE = 1003
STATUS_STATUS_NOT_AVAILABLE = 1005
STATUS_ABNORMAL_CLOSED = 1006
STATUS_INVALID_PAYLOAD = 1007
STATUS_POLICY_VIOLATION = 1008
STATUS_MESSAGE_TOO_BIG = 1009
STATUS_INVALID_EXTENSION = 1010
STATUS_UNEXPECTED_CONDITION = 1011
STATUS_SERVICE_RESTART = 1012
STATUS_TRY_AGAIN_LATER = 1013
STATUS_BAD_GATEWAY = 1014
STATUS_TLS_HANDSHAKE_ERROR = 1015

VALID_CLOSE_STATUS = (
    STATUS_NORMAL, STATUS_GOING_AWAY, STATUS_PROTOCOL_ERROR,
    STATUS_UNSUPPORTED_DATA_TYPE, STATUS_INVALID_PAYLOAD,
    STATUS_POLICY_VIOLATION, STATUS_MESSAGE_TOO_BIG,
    STATUS_INVALID_EXTENSION, STATUS_UNEXPECTED_CONDITION,
    STATUS_SERVICE_RESTART, STATUS_TRY_AGAIN_LATER, STATUS_BAD_GATEWAY)

__all__ = ["ABNF", "continuous_frame", "frame_buffer", "STATUS_NORMAL",
           "STATUS_GOING_AWAY", "STATUS_PROTOCOL_ERROR",
           "STATUS_UNSUPPORTED_DATA_TYPE", "STATUS_STATUS_NOT_AVAILABLE",
           "STATUS_ABNORMAL_CLOSED", "STATUS_INVALID_PAYLOAD",
           "STATUS_POLICY_VIOLATION", "STATUS_MESSAGE_TOO_BIG",
           "STATUS_INVALID_EXTENSION", "STATUS_UNEXPECTED_CONDITION",
           "STATUS_BAD_GATEWAY", "STATUS_TLS_HANDSHAKE_ERROR"]


def _mask(key, data):
    """`data` and the repeated key, bit against bit."""
    size = len(data)
    if not size:
        return b""
    repeated = (bytes(key) * (size // 4 + 1))[:size]
    number = int.from_bytes(data, "little") ^ \
        int.from_bytes(repeated, "little")
    return number.to_bytes(size, "little")


class ABNF:
    """One frame."""

    OPCODE_CONT = 0x0
    OPCODE_TEXT = 0x1
    OPCODE_BINARY = 0x2
    OPCODE_CLOSE = 0x8
    OPCODE_PING = 0x9
    OPCODE_PONG = 0xa
    OPCODES = (OPCODE_CONT, OPCODE_TEXT, OPCODE_BINARY, OPCODE_CLOSE,
               OPCODE_PING, OPCODE_PONG)
    OPCODE_MAP = {OPCODE_CONT: "cont", OPCODE_TEXT: "text",
                  OPCODE_BINARY: "binary", OPCODE_CLOSE: "close",
                  OPCODE_PING: "ping", OPCODE_PONG: "pong"}
    LENGTH_7 = 0x7e
    LENGTH_16 = 1 << 16
    LENGTH_63 = 1 << 63

    def __init__(self, fin=0, rsv1=0, rsv2=0, rsv3=0, opcode=OPCODE_TEXT,
                 mask_value=1, data=""):
        self.fin = fin
        self.rsv1 = rsv1
        self.rsv2 = rsv2
        self.rsv3 = rsv3
        self.opcode = opcode
        self.mask_value = mask_value
        self.data = "" if data is None else data
        self.get_mask_key = os.urandom

    def __str__(self):
        return f"fin={self.fin} opcode={self.opcode} data={self.data}"

    def validate(self, skip_utf8_validation=False):
        """Raise where a received frame breaks the RFC."""
        if self.rsv1 or self.rsv2 or self.rsv3:
            raise WebSocketProtocolException(
                "rsv is not implemented, yet: no extension was negotiated")
        if self.opcode not in self.OPCODES:
            raise WebSocketProtocolException(
                f"Invalid opcode {self.opcode!r}")
        if self.opcode >= self.OPCODE_CLOSE:
            self._validate_control(skip_utf8_validation)

    def _validate_control(self, skip_utf8_validation):
        if not self.fin:
            raise WebSocketProtocolException(
                f"Invalid {self.OPCODE_MAP[self.opcode]} frame: control "
                "frames cannot be fragmented")
        if len(self.data) > 125:
            raise WebSocketProtocolException(
                f"Invalid {self.OPCODE_MAP[self.opcode]} frame: "
                f"{len(self.data)} bytes, 125 are the most")
        if self.opcode == self.OPCODE_CLOSE and self.data:
            self._validate_close(skip_utf8_validation)

    def _validate_close(self, skip_utf8_validation):
        if len(self.data) == 1:
            raise WebSocketProtocolException("Invalid close frame.")
        if not skip_utf8_validation and not validate_utf8(self.data[2:]):
            raise WebSocketProtocolException("Invalid close frame.")
        code = int.from_bytes(self.data[:2], "big")
        if not self._is_valid_close_status(code):
            raise WebSocketProtocolException(
                f"Invalid close opcode {code!r}")

    @staticmethod
    def _is_valid_close_status(code):
        return code in VALID_CLOSE_STATUS or 3000 <= code < 5000

    @staticmethod
    def create_frame(data, opcode, fin=1):
        """A frame to be sent, masked. A str is encoded for text only."""
        if opcode == ABNF.OPCODE_TEXT and isinstance(data, str):
            data = data.encode("utf-8")
        return ABNF(fin, 0, 0, 0, opcode, 1, data)

    def format(self):
        """The frame as bytes."""
        if any(bit not in (0, 1)
               for bit in (self.fin, self.rsv1, self.rsv2, self.rsv3)):
            raise ValueError("not 0 or 1")
        if self.opcode not in self.OPCODES:
            raise ValueError("Invalid OPCODE")
        size = len(self.data)
        if size >= self.LENGTH_63:
            raise ValueError("data is too long")
        head = struct.pack(
            "!B", self.fin << 7 | self.rsv1 << 6 | self.rsv2 << 5 |
            self.rsv3 << 4 | self.opcode)
        masked = self.mask_value << 7
        if size < self.LENGTH_7:
            head += struct.pack("!B", masked | size)
        elif size < self.LENGTH_16:
            head += struct.pack("!BH", masked | 0x7e, size)
        else:
            head += struct.pack("!BQ", masked | 0x7f, size)
        if not self.mask_value:
            data = self.data
            return head + (data.encode() if isinstance(data, str) else data)
        return head + self._get_masked(self.get_mask_key(4))

    def _get_masked(self, mask_key):
        if isinstance(mask_key, str):
            mask_key = mask_key.encode("utf-8")
        return mask_key + self.mask(mask_key, self.data)

    @staticmethod
    def mask(mask_key, data):
        """Mask or unmask; str counts as latin-1."""
        if data is None:
            data = b""
        if isinstance(mask_key, str):
            mask_key = mask_key.encode("latin-1")
        if isinstance(data, str):
            data = data.encode("latin-1")
        return _mask(mask_key, data)


class frame_buffer:
    """Frames out of recv(size), which may return less than was asked for. A
    frame that was cut short by a timeout is taken up where it stopped."""

    _HEADER_MASK_INDEX = 5
    _HEADER_LENGTH_INDEX = 6

    def __init__(self, recv_fn, skip_utf8_validation):
        self.recv = recv_fn
        self.skip_utf8_validation = skip_utf8_validation
        self.recv_buffer = []
        self.lock = Lock()
        self.clear()

    def clear(self):
        """Begin with the next frame."""
        self.header = None
        self.length = None
        self.mask_value = None

    def has_received_header(self):
        return self.header is None

    def has_received_length(self):
        return self.length is None

    def has_received_mask(self):
        return self.mask_value is None

    def recv_header(self):
        first, second = self.recv_strict(2)
        self.header = (first >> 7 & 1, first >> 6 & 1, first >> 5 & 1,
                       first >> 4 & 1, first & 0xf, second >> 7 & 1,
                       second & 0x7f)

    def has_mask(self):
        return self.header[self._HEADER_MASK_INDEX] if self.header else False

    def recv_length(self):
        length = self.header[self._HEADER_LENGTH_INDEX]
        if length == 0x7e:
            length = int.from_bytes(self.recv_strict(2), "big")
        elif length == 0x7f:
            length = int.from_bytes(self.recv_strict(8), "big")
        self.length = length

    def recv_mask(self):
        self.mask_value = self.recv_strict(4) if self.has_mask() else ""

    def recv_frame(self):
        """The next frame, checked."""
        with self.lock:
            if self.header is None:
                self.recv_header()
            if self.length is None:
                self.recv_length()
            if self.mask_value is None:
                self.recv_mask()
            payload = self.recv_strict(self.length)
            if self.mask_value:
                payload = ABNF.mask(self.mask_value, payload)
            fin, rsv1, rsv2, rsv3, opcode, has_mask, _ = self.header
            self.clear()
            frame = ABNF(fin, rsv1, rsv2, rsv3, opcode, has_mask, payload)
            frame.validate(self.skip_utf8_validation)
        return frame

    def recv_strict(self, bufsize):
        """Exactly so many bytes. What came before an exception is kept."""
        missing = bufsize - sum(map(len, self.recv_buffer))
        while missing > 0:
            # Never more than is needed: a program may wait for the socket.
            piece = self.recv(min(16384, missing))
            self.recv_buffer.append(piece)
            missing -= len(piece)
        whole = b"".join(self.recv_buffer)
        self.recv_buffer = [whole[bufsize:]] if missing < 0 else []
        return whole[:bufsize]


class continuous_frame:
    """Messages out of frames."""

    def __init__(self, fire_cont_frame, skip_utf8_validation):
        self.fire_cont_frame = fire_cont_frame
        self.skip_utf8_validation = skip_utf8_validation
        self.cont_data = None
        self.recving_frames = None
        self._parts = []

    def validate(self, frame):
        """Raise where the frame cannot stand where it does."""
        if not self.recving_frames and frame.opcode == ABNF.OPCODE_CONT:
            raise WebSocketProtocolException("Illegal frame")
        if self.recving_frames and \
                frame.opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
            raise WebSocketProtocolException("Illegal frame")

    def add(self, frame):
        """Take a data frame into the message."""
        if self.cont_data:
            self._parts.append(frame.data)
        else:
            self._parts = [frame.data]
            self.cont_data = [frame.opcode, frame.data]
            if frame.opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
                self.recving_frames = frame.opcode
        if frame.fin:
            self.recving_frames = None

    def is_fire(self, frame):
        """Whether there is something to hand over."""
        return frame.fin or self.fire_cont_frame

    def extract(self, frame):
        """[opcode of the message, frame], the frame with all its data."""
        opcode, _ = self.cont_data
        data = b"".join(self._parts)
        self.cont_data = None
        self._parts = []
        frame.data = data
        if not self.fire_cont_frame and opcode == ABNF.OPCODE_TEXT and \
                not self.skip_utf8_validation and not validate_utf8(data):
            raise WebSocketPayloadException(
                f"cannot decode: {repr(data[:64])}")
        return opcode, frame
