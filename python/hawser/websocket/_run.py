"""One run of an app: connections one after another, each a hawser.Client, and
what of their events the app's callbacks are told."""
import codecs
import threading
import time

from .. import _hawser
from ._abnf import ABNF, STATUS_NORMAL
from ._exceptions import (WebSocketConnectionClosedException,
                          WebSocketException, WebSocketTimeoutException)
from ._facade import Facade
from ._faults import closed, exception_of
from ._handshake import CookieJar
from ._host import OwnHost
from ._http import connect, proxy_info
from ._logging import debug, error, info, isEnabledForTrace, trace
from ._options import (Request, Target, client_options, needs_python,
                       proxy_options, tcp_options, tls_options)
from ._socket import getdefaulttimeout, sock_opt

CONNECT_TIMEOUT = 15  # of a socket of Python's, where no default is set


class Run:
    """From run_forever() to on_close. Everything but send(), stop() and cut()
    happens on the loop's thread."""

    def __init__(self, app, host, options, reconnect):
        self.app = app
        self.host = host
        self.loop = host.loop
        self.options = options
        self.reconnect = reconnect
        self.client = None
        self.sock = None
        self.attempts = 0
        self.leaving = False  # the program wants to end it
        self.over = False     # on_close was told
        self.has_errored = False
        self.busy = 0.0       # seconds that callbacks of messages took
        # Where run_forever() returns before the first connection stands, what
        # is sent until then waits for it.
        self._early = []
        self._is_first = not isinstance(host, OwnHost)
        self._lock = threading.Lock()  # nobody sends while a client is freed
        self._room = threading.Condition()
        self._retry = _hawser.Timer(self.loop, self.dial)
        self._patience = _hawser.Timer(self.loop, self.finish)
        self._keeper = Keeper(self)
        self._decoder = None
        self._tell = {
            "messages": self._on_messages, "part": self._on_part,
            "up": self._on_up, "down": self._on_down,
            "ping": self._on_ping, "pong": self._on_pong,
            "low_water": self._on_low_water,
        }

    # -- connecting

    def dial(self):
        if self.over or self.leaving:
            return
        self.attempts += 1
        try:
            self._dial()
        except Exception as why:  # noqa: BLE001: a callable header may do that
            self._lost(_translated(why))

    def _dial(self):
        app = self.app
        target = Target(app.url)
        self.sock = app.sock = Facade(self, target.is_secure)
        request = Request(target, app, self.options)
        options = client_options(target, request, app, self.options)
        if needs_python(target, app, self.options):
            self._connect(target, options)
            return
        options.update(tcp_options(self.options["sockopt"]))
        options.update(proxy_options(target, self.options))
        if target.is_secure:
            options.update(tls_options(self.options["sslopt"]))
        self._open(options)

    def _open(self, options):
        self.client = _hawser.Client(self.loop, self.handle, **options)
        self.client.open()

    def _connect(self, target, options):
        """By a socket of Python's. Made in a thread, for others live on this
        loop."""
        wanted = sock_opt(self.options["sockopt"], self.options["sslopt"])
        wanted.timeout = getdefaulttimeout() or CONNECT_TIMEOUT
        options["redirects_max"] = 0
        prepared = self.app.prepared_socket
        given = {name: value for name, value in self.options.items()
                 if value is not None}

        def work():
            sock = why = None
            try:
                sock = connect(target.url, wanted, proxy_info(**given),
                               prepared)[0]
            except Exception as caught:  # noqa: BLE001: told to on_error
                why = caught
            self.loop.post(lambda: self._connected(options, sock, why))
        if prepared:
            work()
        else:
            threading.Thread(target=work, daemon=True,
                             name="hawser connect").start()

    def _connected(self, options, sock, why):
        if self.over or self.leaving:
            if sock:
                sock.close()
            return
        if why:
            self._lost(why)
            return
        self.sock.sock = sock
        try:
            self._open({**options, "on_link": lambda url: sock})
        except Exception as failure:  # noqa: BLE001
            self._lost(_translated(failure))

    # -- what the client tells

    def handle(self, kind, payload):
        tell = self._tell.get(kind)
        if tell and not self.over:
            tell(payload)

    def _on_up(self, payload):
        app = self.app
        self.sock._up(payload)
        CookieJar.add(self.sock.headers.get("set-cookie"))
        if app.subprotocols and not payload["subprotocol"]:
            self._fail(WebSocketException("Invalid WebSocket Header"))
            return
        info("Websocket connected")
        self._keeper.start()
        self._is_first = False
        if self.attempts > 1 and app.on_reconnect:
            app._callback(app.on_reconnect)
        else:
            app._callback(app.on_open)
        early, self._early = self._early, []
        for data, opcode in early:
            self.send(data, opcode)

    def _on_messages(self, batch):
        began = time.monotonic()
        if self.app.on_data or isEnabledForTrace():
            self._on_data(batch)
        else:
            self._on_message(batch)
        self.busy += time.monotonic() - began

    def _on_message(self, batch):
        app = self.app
        for message in batch:
            if self.leaving:
                return
            callback = app.on_message
            if callback:
                try:
                    callback(app, message)
                except Exception as why:  # noqa: BLE001
                    app._failed(callback, why)

    def _on_data(self, batch):
        """The same, with what else may be told of a message."""
        app = self.app
        for message in batch:
            if self.leaving:
                return
            if type(message) is tuple:
                opcode, message = message
            else:
                opcode = ABNF.OPCODE_TEXT if isinstance(message, str) \
                    else ABNF.OPCODE_BINARY
            if isEnabledForTrace():
                trace(f"++Rcv decoded: fin=1 opcode={opcode} data={message!r}")
            app._callback(app.on_data, message, opcode, True)
            app._callback(app.on_message, message)

    def _on_part(self, part):
        """A fragment: the first as a message, the others as they are."""
        data, opcode, first, last = part
        app = self.app
        if self.leaving:
            return
        if not first:
            app._callback(app.on_data, data, ABNF.OPCODE_CONT, int(last))
            app._callback(app.on_cont_message, data, int(last))
            return
        if opcode == ABNF.OPCODE_TEXT and \
                not self.options["skip_utf8_validation"]:
            # A character that is cut in two waits for nobody: its first half
            # stands as U+FFFD here, and whole in the bytes that were sent.
            data = codecs.decode(data, "utf-8", "replace")
        app._callback(app.on_data, data, opcode, int(last))
        app._callback(app.on_message, data)

    def _on_ping(self, payload):
        self.app._callback(self.app.on_ping, payload[0])

    def _on_pong(self, payload):
        self._keeper.heard()
        self.app.last_pong_tm = time.time()
        self.app._callback(self.app.on_pong, payload[0])

    def _on_low_water(self, queued):
        with self._room:
            self._room.notify_all()

    def _on_down(self, down):
        self._drop()
        if self.leaving:
            self.finish()
            return
        if down["fault"].status != "closed":
            self._lost(exception_of(down))
            return
        code, reason = down["received_code"], down["reason"]
        if code in (0, 1005, 1006):
            code = reason = None
        if self.reconnect:
            self._lost(closed(code, reason))
        else:
            self.finish(code, reason)

    # -- ends

    def _fail(self, why):
        """Our own decision, against the peer."""
        self._drop()
        self._lost(why)

    def _drop(self):
        """The client is gone, or has to go."""
        self._keeper.stop()
        if self.sock:
            self.sock.connected = False
        with self._lock:
            client, self.client = self.client, None
            if client:
                client.free()
        with self._room:
            self._room.notify_all()

    def _lost(self, why):
        self.has_errored = self.app.has_errored = True
        if self.sock:
            self.sock.connected = False
        if self.reconnect:
            info(f"{why} - reconnect")
        else:
            error(f"{why} - goodbye")
        self.app._callback(self.app.on_error, why)
        if self.reconnect and not self.leaving:
            self._retry.after(self.reconnect)
        else:
            self.finish()

    def finish(self, code=None, reason=None):
        """Tear down, once, and say so."""
        if self.over:
            return
        self.leaving = self.over = True
        self._retry.cancel()
        self._patience.cancel()
        self._drop()
        app = self.app
        app._forget(self)
        try:
            app._callback(app.on_close, code, reason)
        finally:
            self.host.end(self)
            self._tell = {}

    def abort(self):
        """The dispatcher that carries it is being aborted."""
        self.finish()

    def interrupted(self, why):
        """KeyboardInterrupt and its like: told, then closed in peace."""
        self.has_errored = self.app.has_errored = True
        self.app._callback(self.app.on_error, why)
        self.stop()

    # -- calls from anywhere

    def stop(self, status=STATUS_NORMAL, reason=b"", timeout=3):
        """End it, from any thread. A wait for the next attempt is cut short.
        The loop's thread goes on from there."""
        if isinstance(reason, (bytes, bytearray)):
            reason = bytes(reason).decode("utf-8", "replace")
        with self._lock:
            if self.client:
                _close(self.client, status, reason)
        self.leaving = True
        self.app._keep_running = False
        self.loop.post(lambda: self._leave(timeout))

    def _leave(self, timeout):
        self._keeper.stop()
        if self.client is None or timeout == 0:
            self.finish()
        elif timeout is not None:
            self._patience.after(timeout)
        self.host.poke()

    def cut(self):
        """Lose the connection, from any thread."""
        self.loop.post(lambda: self.client and not self.over and self._fail(
            WebSocketConnectionClosedException("Connection was aborted.")))

    def send(self, data, opcode):
        """A message or a control frame, from any thread. Another thread than
        the loop's waits while the queue is full."""
        if isEnabledForTrace():
            trace(f"++Sent decoded: fin=1 opcode={opcode} data={data!r}")
        while True:
            try:
                self._send(data, opcode)
                return
            except _hawser.Error as why:
                if why.status == "state":
                    if self._is_first and not self.leaving:
                        self._early.append((data, opcode))
                        return
                    raise _is_closed() from why
                if why.status != "full" or not self.loop.elsewhere:
                    raise WebSocketException(
                        f"cannot send {len(data)} bytes: {why}") from why
            with self._room:
                if self.client:
                    self._room.wait(1)

    def _send(self, data, opcode):
        with self._lock:
            client = self.client
            if client is None:
                if self._is_first and not self.leaving:
                    self._early.append((data, opcode))
                    return
                raise _is_closed()
            if opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
                client.send(data, opcode)
            elif opcode == ABNF.OPCODE_PING:
                client.ping(data)
            elif opcode == ABNF.OPCODE_CLOSE:
                code = int.from_bytes(data[:2], "big") or STATUS_NORMAL
                _close(client, code, bytes(data[2:]).decode("utf-8",
                                                            "replace"))
            else:
                raise WebSocketException(
                    f"a WebSocketApp does not send opcode {opcode}: pongs "
                    "are sent by themselves, messages whole")


class Keeper:
    """Pings, and what their answers say. A ping that is not answered in time
    ends the connection, unless it was us who were late: bytes wait that were
    not read yet, or the program's callbacks had most of the time."""

    def __init__(self, run):
        self.run = run
        self._next = _hawser.Timer(run.loop, self._ask)
        self._late = _hawser.Timer(run.loop, self._judge)
        self._asked = False
        self._busy = 0.0

    def start(self):
        app = self.run.app
        app.last_ping_tm = app.last_pong_tm = 0.0
        if app.ping_interval:
            self._next.after(app.ping_interval)

    def stop(self):
        self._next.cancel()
        self._late.cancel()
        self._asked = False

    def heard(self):
        self._asked = False
        self._late.cancel()

    def _ask(self):
        app = self.run.app
        payload = app.ping_payload
        if isinstance(payload, str):
            payload = payload.encode("utf-8")
        app.last_ping_tm = time.time()
        try:
            self.run._send(payload, ABNF.OPCODE_PING)
        except Exception as why:  # noqa: BLE001
            debug(f"Failed to send ping: {why}")
        self._next.after(app.ping_interval)
        if app.ping_timeout and not self._asked:
            self._asked = True
            self._wait()

    def _wait(self):
        self._busy = self.run.busy
        self._late.after(self.run.app.ping_timeout)

    def _judge(self):
        run = self.run
        if not self._asked or run.client is None:
            return
        is_ours = run.busy - self._busy > run.app.ping_timeout / 2
        if is_ours or run.client.snapshot()["receive_queue"]:
            self._wait()
            return
        run._fail(WebSocketTimeoutException("ping/pong timed out"))


def _close(client, status, reason):
    try:
        client.close(status, reason)
    except _hawser.Error as why:
        if why.status == "argument":
            raise ValueError(f"cannot close with {status} {reason!r}: a code "
                             "of 1000 to 1014 or 3000 to 4999, and 123 bytes "
                             "of reason at the most") from why
        raise


def _is_closed():
    return WebSocketConnectionClosedException("Connection is already closed.")


def _translated(why):
    if isinstance(why, _hawser.Error):
        return exception_of({"fault": why, "head": b"", "body": b"",
                             "received_code": 0, "reason": ""})
    return why
