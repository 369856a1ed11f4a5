"""hawser for asyncio: connect(), on any of its event loops.

The library's loop has one descriptor and one deadline; asyncio watches both.
No thread, no polling, and no wake-up without a reason.
"""
import asyncio
import collections
import contextlib

from ._hawser import Client, Error
from ._loop import EventLoop

_hosts = {}  # of asyncio's loops that have connections

# Turns in a row before asyncio's other callbacks have theirs.
TURNS_MAX = 16


class _Host:
    """The library's loop inside one of asyncio's, while anybody uses it."""

    def __init__(self, loop):
        self.outer = loop
        self.inner = EventLoop()
        self.users = 0
        self.timer = None

    @classmethod
    def join(cls):
        loop = asyncio.get_running_loop()
        host = _hosts.get(loop)
        if host is None:
            host = _hosts[loop] = cls(loop)
        host.users += 1
        if host.users == 1:
            loop.add_reader(host.inner.fileno(), host.turn)
        return host

    def part(self):
        self.users -= 1
        if self.users:
            return
        del _hosts[self.outer]
        self._forget_timer()
        if not self.outer.is_closed():
            self.outer.remove_reader(self.inner.fileno())

    def turn(self):
        """An exception of a callback goes to asyncio's handler of them; what
        it kept from being told is told by the next turn."""
        try:
            for _ in range(TURNS_MAX):
                if not self.inner.turn(0):
                    return
            self.outer.call_soon(self.turn)
        finally:
            self.rearm()

    def rearm(self):
        """After a turn, and after calls from outside of one."""
        self._forget_timer()
        delay = self.inner.remaining()
        if delay is not None and self.users:
            self.timer = self.outer.call_later(delay, self.turn)

    def _forget_timer(self):
        if self.timer:
            self.timer.cancel()
            self.timer = None


class Connection:
    """One long-lived connection; connect() makes it.

        async for message in ws:        # text as str, binary as bytes
            await ws.send(message)

    Iteration goes on over reconnects, and ends when the connection was closed
    for good: quietly after close() and after a close frame that ends it in
    order, with the fault (hawser.Error) raised otherwise.

    Attributes: `url`; `state`, as of a Client; `subprotocol` of the present
    connection, or ''; `fault` of the last one that ended, or None.
    """

    def __init__(self, url, *, queue_max=1024, patient=False, on_event=None,
                 **options):
        if queue_max < 1:
            raise ValueError("queue_max must be 1 or more")
        self.url = url
        self.subprotocol = ""
        self.fault = None
        self._queue_max = queue_max
        self._patient = patient
        self._on_event = on_event
        self._host = _Host.join()
        self._messages = collections.deque()
        self._parts = []
        self._readers = collections.deque()
        self._writers = collections.deque()
        self._pongs = collections.deque()
        self._paused = False
        self._ended = False
        self._clean = False
        self._closing = False
        self._up = self._future()
        self._down = self._future()
        try:
            self._client = Client(self._host.inner, self._told, url=url,
                                  **options)
        except BaseException:
            self._host.part()
            raise

    # ---- the life

    def _future(self):
        return self._host.outer.create_future()

    async def _open(self):
        self._client.open()
        self._host.turn()
        try:
            await self._up
        except BaseException:
            self._cut()
            raise
        return self

    def _cut(self):
        """Without another word."""
        if not self._ended:
            self._client.free()
            self._end()

    def _end(self):
        self._ended = True
        self._host.rearm()
        self._host.part()
        for waiting in (self._readers, self._writers, self._pongs):
            while waiting:
                _wake(waiting.popleft())
        _wake(self._down)

    @property
    def state(self):
        return self._client.state

    def snapshot(self):
        """Health as a dict: seconds, bytes, counts; None for the unknown."""
        return self._client.snapshot()

    async def close(self, code=1000, reason=""):
        """Close for good, and wait until it is done. Messages that came
        before can still be received. May be called twice."""
        if not self._ended:
            self._closing = True
            self._client.close(code, reason)
            self._host.turn()
            await asyncio.shield(self._down)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.close()

    # ---- what the client tells

    def _told(self, kind, payload):
        handler = getattr(self, "_told_" + kind, None)
        if handler:
            handler(payload)
        if self._on_event and kind not in ("messages", "part"):
            self._on_event(kind, payload)

    def _told_messages(self, messages):
        self._messages.extend(messages)
        if len(self._messages) >= self._queue_max and not self._paused:
            self._paused = True
            self._client.pause()
        for _ in range(min(len(self._readers), len(messages))):
            _wake(self._readers.popleft())

    def _told_up(self, up):
        self.subprotocol = up["subprotocol"]
        _wake(self._up)
        self._wake_writers()

    def _told_low_water(self, queued):
        del queued
        self._wake_writers()

    def _wake_writers(self):
        for writer in list(self._writers):
            _wake(writer)

    def _told_pong(self, pong):
        data, round_trip = pong
        for waiting in list(self._pongs):
            if waiting.data == data:
                self._pongs.remove(waiting)
                _wake(waiting, round_trip)

    def _told_down(self, down):
        self.fault = down["fault"]
        self.subprotocol = ""
        if not self._up.done() and not (self._patient or down["final"]):
            self._up.set_exception(self.fault)
        if not down["final"]:
            return
        self._clean = self._closing or (
            down["clean"] and down["received_code"] in (1000, 1001))
        if not self._up.done():
            self._up.set_exception(self.fault)
        self._end()

    # ---- messages

    async def recv(self):
        """The next message. Raises hawser.Error once the connection ended for
        good and every message of it was received. Cancelling loses none."""
        while not self._messages:
            if self._ended:
                raise self._ended_by()
            await self._wait(self._readers)
        message = self._messages.popleft()
        if self._paused and len(self._messages) <= self._queue_max // 2:
            self._paused = False
            if not self._ended:
                self._client.resume()
                self._host.rearm()
        return message

    def _ended_by(self):
        return self.fault or Error("closed by the caller")

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.recv()
        except Error:
            if self._clean:
                raise StopAsyncIteration from None
            raise

    async def send(self, data, opcode=None):
        """Send str as text, bytes-like as binary. Waits for room in the send
        queue, and while the connection is down for the next one; raises
        hawser.Error once it has ended for good, or if the message never
        fits."""
        arguments = (data,) if opcode is None else (data, opcode)
        while not self._ended:
            try:
                self._client.send(*arguments)
            except Error as error:
                if error.status not in ("full", "state") or self._closing:
                    raise
                await self._wait(self._writers)
            else:
                self._host.rearm()
                return
        raise self._ended_by()

    async def ping(self, data=b""):
        """Send a ping, and wait for its pong; the round trip in seconds."""
        waiting = self._future()
        pong = _Pong(bytes(data), waiting)
        self._client.ping(pong.data)
        self._host.rearm()
        self._pongs.append(pong)
        try:
            round_trip = await waiting
        finally:
            with contextlib.suppress(ValueError):
                self._pongs.remove(pong)
        if round_trip is None and self._ended:
            raise self._ended_by()
        return round_trip

    async def _wait(self, waiting):
        """Until somebody wakes us, or somebody else in our place when we are
        cancelled after that."""
        future = self._future()
        waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and waiting:
                _wake(waiting.popleft())
            raise
        finally:
            with contextlib.suppress(ValueError):
                waiting.remove(future)


class _Pong:
    """Somebody who waits for the answer to a ping."""

    def __init__(self, data, future):
        self.data = data
        self.future = future

    def done(self):
        return self.future.done()

    def set_result(self, result):
        self.future.set_result(result)


def _wake(waiting, result=None):
    if not waiting.done():
        waiting.set_result(result)


class connect:
    """A connection for asyncio, on the running event loop:

        async with hawser.connect(url) as ws:
            async for message in ws:
                ...
        ws = await hawser.connect(url)      # then: await ws.close()

    Raises hawser.Error when the first attempt fails; with patient=True it is
    repeated until one succeeds. Afterwards the connection is taken up again
    whenever it is lost (retry=False: it ends then). queue_max: so many
    received messages wait at the most, beyond that nothing is read; 1,024.
    on_event(kind, payload) is told what a Client's handler is, but messages.
    Further options are those of Client.
    """

    def __init__(self, url, **options):
        self._url = url
        self._options = options
        self._connection = None

    def __await__(self):
        return self._open().__await__()

    async def _open(self):
        return await Connection(self._url, **self._options)._open()

    async def __aenter__(self):
        self._connection = await self._open()
        return self._connection

    async def __aexit__(self, *exception):
        await self._connection.close()
