"""Writing that never blocks and never loses a byte: what does not fit into the
kernel waits in order, up to a limit, until the socket is writable."""
from collections import deque

from .errors import AbortBranch  # noqa: F401
from .rel import error, write
from .util import log

WMAX = 65536  # bytes handed to one call of the sender
QUEUE_MAX = 64 << 20  # bytes that wait for one socket
writings = {}


class BuffWriter:
    """The bytes that wait for one socket."""

    def __init__(self, sock, data, sender, onerror):
        self.sock = sock
        self.fileno = sock.fileno()
        self.sender = sender
        self.onerror = onerror
        self.errors = []
        self.size = 0
        self.queue = deque()
        self.listeners = {}
        self.ingest(data)

    def log(self, *msg):
        log(f"BuffWriter[{self.fileno}]: {' '.join(map(str, msg))}")

    def ingest(self, data):
        """Write as much as goes now; the rest waits behind what waits."""
        if isinstance(data, str):
            data = data.encode()
        if self.size + len(data) > QUEUE_MAX:
            self.error(f"{self.size} bytes wait to be written, "
                       f"{len(data)} more would exceed {QUEUE_MAX}")
            return
        self.queue.append(memoryview(bytes(data)))
        self.size += len(data)
        if not self.listeners and self.write():
            self.listen()

    def listen(self):
        self.listeners = {"error": error(self.sock, self.error),
                          "write": write(self.sock, self.write)}

    def write(self):
        """Write until all is written or the socket takes no more. True while
        something waits."""
        try:
            while self.queue and self._write_some():
                pass
        except OSError as failure:
            self.error(f"write error: {failure}")
            return False
        if not self.queue:
            self._rest()
        return bool(self.queue)

    def _write_some(self):
        """Hand over one piece. False: the socket takes no more now."""
        piece = self.queue[0][:WMAX]
        try:
            sent = self.sender(self.sock, piece)
        except BlockingIOError:
            return False
        except OSError as failure:
            if type(failure).__name__ in ("SSLWantWriteError",
                                          "SSLWantReadError"):
                return False
            raise
        # A sender that returns nothing has sent everything.
        sent = len(piece) if sent is None else sent
        self.size -= sent
        if sent == len(self.queue[0]):
            self.queue.popleft()
        else:
            self.queue[0] = self.queue[0][sent:]
        return sent > 0

    def _rest(self):
        for event in self.listeners.values():
            event.delete()
        self.listeners = {}

    def error(self, msg=None):
        """The socket failed: nothing more can be written."""
        self.release_queue()
        msg = msg or self._error_of_socket()
        self.errors.append(msg)
        self.log("error", msg)
        self.onerror(msg)

    def _error_of_socket(self):
        import os
        import socket
        try:
            number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except OSError as failure:
            return str(failure)
        return os.strerror(number) if number else "connection closed"

    def release_queue(self):
        self.queue.clear()
        self.size = 0
        self._rest()

    def release(self):
        self.release_queue()
        self.errors = []


def buffwrite(sock, data, sender, onerror):
    """Write all of `data` by sender(sock, piece), which may return how many
    bytes it took; onerror(text) when that fails."""
    writer = writings.get(sock)
    if writer is None:
        writings[sock] = BuffWriter(sock, data, sender, onerror)
    else:
        writer.ingest(data)


def release_buff(sock):
    """Forget what waits for this socket."""
    writer = writings.pop(sock, None)
    if writer is not None:
        writer.release()
