"""A server that does what a test's script says, byte by byte, so that it can
also do what no server may."""
import base64
import hashlib
import socket
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LIMIT = 20  # seconds after which a peer counts as hanging


class Ended(Exception):
    """The other side has closed."""


class Conn:
    """One accepted connection, before and after its handshake."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(LIMIT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.request = None
        self.headers = {}
        self.masks = []

    def _fill(self):
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            raise Ended
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def read_request(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        self.request = lines[0]
        self.lines = lines[1:]
        self.headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()

    def answer(self, text, body=b""):
        self.raw(text.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)

    def accept(self, *lines):
        """The handshake, with further header lines."""
        self.read_request()
        key = self.headers["sec-websocket-key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        self.answer("\n".join([
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket",
            "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}", *lines]))
        return self

    def raw(self, data):
        self.sock.sendall(data)

    @staticmethod
    def frame(opcode, data=b"", fin=1, rsv=0):
        head = bytes([fin << 7 | rsv << 4 | opcode])
        size = len(data)
        if size < 126:
            head += bytes([size])
        elif size < 65536:
            head += bytes([126]) + struct.pack("!H", size)
        else:
            head += bytes([127]) + struct.pack("!Q", size)
        return head + data

    def send(self, opcode, data=b"", fin=1, rsv=0):
        self.raw(self.frame(opcode, data, fin, rsv))

    def text(self, words):
        self.send(1, words.encode())

    def close_frame(self, code=None, reason=b""):
        self.send(8, b"" if code is None else struct.pack("!H", code) + reason)

    def recv(self):
        """(opcode, data) of the next frame, unmasked."""
        first, second = self._take(2)
        size = second & 127
        if size == 126:
            size = struct.unpack("!H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._take(8))[0]
        mask = self._take(4)
        self.masks.append(mask)
        data = bytes(byte ^ mask[i % 4]
                     for i, byte in enumerate(self._take(size)))
        return first & 15, data

    def recv_until(self, opcode):
        while True:
            frame = self.recv()
            if frame[0] == opcode:
                return frame[1]

    def until_end(self):
        """Read until the other side closes; pings go unanswered."""
        try:
            while True:
                self._take(1)
        except (Ended, OSError):
            pass

    def polite(self):
        """Answer a close frame, and close."""
        data = self.recv_until(8)
        self.send(8, data)
        return data

    def farewell(self, code=1000, reason=b""):
        """Send a close frame, wait for the answer, and close."""
        self.close_frame(code, reason)
        self.recv_until(8)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.sock.close()


class Peer:
    """Listens, and runs the script for every connection: script(conn), the
    next of `scripts` each time and the last one for ever."""

    def __init__(self, *scripts, context=None):
        self.scripts = list(scripts)
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        scheme = "ws" if context is None else "wss"
        self.host = "127.0.0.1" if context is None else "localhost"
        self.url = f"{scheme}://{self.host}:{self.port}/"
        self.conns = []
        self.failures = []
        self._results = []
        self.threads = []
        self.is_open = True
        self.start(self._listen)

    def start(self, call, *arguments):
        thread = threading.Thread(target=call, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _listen(self):
        while self.is_open:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(len(self.conns),
                                      len(self.scripts) - 1)]
            self.conns.append(None)
            self.start(self._serve, sock, script, len(self.conns) - 1)

    def _serve(self, sock, script, index):
        try:
            if self.context:
                sock.settimeout(LIMIT)
                sock = self.context.wrap_socket(sock, server_side=True)
            conn = Conn(sock)
            self.conns[index] = conn
            result = script(conn)
            if result is not None:
                self._results.append(result)
        except (Ended, ConnectionError, OSError):
            pass  # a client that leaves ends the script
        except Exception as why:  # told when the test ends
            self.failures.append(why)
        finally:
            sock.close()

    @property
    def results(self):
        """What the scripts returned, once all have ended: a client may be
        done before."""
        for thread in self.threads[1:]:  # the first one listens
            thread.join(LIMIT)
        return self._results

    def close(self):
        self.is_open = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for conn in self.conns:
            if conn:
                try:
                    conn.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        for thread in self.threads:
            thread.join(LIMIT)
        if self.failures:
            raise self.failures[0]


def echo(conn):
    """Accept, and give back what comes."""
    conn.accept()
    while True:
        opcode, data = conn.recv()
        if opcode == 9:
            conn.send(10, data)
        elif opcode == 8:
            conn.send(8, data)
            return
        elif opcode != 10:
            conn.send(opcode, data)
