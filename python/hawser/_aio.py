"""hawser for asyncio: connect(), on any of its event loops.

The library's loop has one descriptor and one deadline; asyncio watches both.
No thread, no polling, and no wake-up without a reason.
"""
from __future__ import annotations

import asyncio
import collections
import contextlib
from typing import (Any, AsyncIterator, Awaitable, Callable, Deque, Dict,
                    Generator, List, Optional, Tuple, Union)

from ._hawser import Client, Error, Inbox
from ._loop import EventLoop

_Waiter = asyncio.Future[Any]
# Of asyncio's loops that have connections.
_hosts: Dict[asyncio.AbstractEventLoop, _Host] = {}


class _Host:
    """The library's loop inside one of asyncio's, while anybody uses it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.outer = loop
        self.inner = EventLoop()
        self.users = 0
        self.turning = False
        self.timer: Optional[asyncio.Handle] = None
        self.due = 0.0  # of the timer

    @classmethod
    def join(cls) -> _Host:
        loop = asyncio.get_running_loop()
        host = _hosts.get(loop)
        if host is None:
            host = _hosts[loop] = cls(loop)
        host.users += 1
        if host.users == 1:
            loop.add_reader(host.inner.fileno(), host.turn)
        return host

    def part(self) -> None:
        self.users -= 1
        if self.users:
            return
        del _hosts[self.outer]
        self._forget_timer()
        if not self.outer.is_closed():
            self.outer.remove_reader(self.inner.fileno())

    def turn(self) -> None:
        """An exception of a callback goes to asyncio's handler of them; what
        it kept from being told is told by the next turn. There is one while
        the descriptor stays readable."""
        self.turning = True
        try:
            self.inner.turn(0)
        finally:
            self.turning = False
            self.rearm()

    def rearm(self) -> None:
        """After a turn, and after calls from outside of one. A timer that is
        early is left alone: deadlines move on with every message."""
        if self.turning:
            return
        delay = self.inner.remaining() if self.users else None
        if delay is None:
            self._forget_timer()
            return
        due = self.outer.time() + delay
        if self.timer and self.due <= due:
            return
        self._forget_timer()
        self.due = due
        # "At once" must not cost a timer's granularity, 1 ms with uvloop.
        self.timer = self.outer.call_at(due, self._turn_by_timer) if delay \
            else self.outer.call_soon(self._turn_by_timer)

    def _turn_by_timer(self) -> None:
        self.timer = None
        self.turn()

    def _forget_timer(self) -> None:
        if self.timer:
            self.timer.cancel()
            self.timer = None


class Connection:
    """One long-lived connection; connect() makes it.

        async for message in ws:        # text as str, binary as bytes
            await ws.send(message)

    With on_message=f or on_messages=f among the options, f is called with each
    message, or with a list of all that came in one wake-up, and nothing is
    left for iteration.

    Iteration goes on over reconnects, and ends when the connection was closed
    for good: quietly after close() and after a close frame that ends it in
    order, with the fault (hawser.Error) raised otherwise.

    Attributes: `url`; `state`, as of a Client; `subprotocol` of the present
    connection, or ''; `fault` of the last one that ended, or None.
    """

    def __init__(self, url: str, *, queue_max: int = 1024,
                 patient: bool = False,
                 on_event: Optional[Callable[[str, Any], object]] = None,
                 **options: Any) -> None:
        self.url = url
        self.subprotocol = ""
        self.fault: Optional[Error] = None
        self._patient = patient
        self._on_event = on_event
        self._inbox = Inbox(wait=self._next, on_high=self._pause,
                            on_low=self._resume, high=queue_max)
        options.setdefault("decode", True)
        self._host = _Host.join()
        self._readers: Deque[_Waiter] = collections.deque()
        self._writers: Deque[_Waiter] = collections.deque()
        self._pongs: Deque[Tuple[bytes, _Waiter]] = collections.deque()
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

    def _future(self) -> _Waiter:
        return self._host.outer.create_future()

    async def _open(self) -> Connection:
        self._client.open()
        self._host.turn()
        try:
            await self._up
        except BaseException:
            self._cut()
            raise
        return self

    def _cut(self) -> None:
        """Without another word."""
        if not self._ended:
            self._client.free()
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._host.rearm()
        self._host.part()
        self._fail_pongs()
        for waiting in (self._readers, self._writers):
            while waiting:
                _wake(waiting.popleft())
        _wake(self._down)

    @property
    def state(self) -> str:
        return self._client.state

    def snapshot(self) -> Dict[str, Any]:
        """Health as a dict: seconds, bytes, counts; None for the unknown."""
        return self._client.snapshot()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close for good, and wait until it is done. Messages that came
        before can still be received. May be called twice."""
        if not self._ended:
            self._closing = True
            self._client.close(code, reason)
            self._host.turn()
            await asyncio.shield(self._down)

    async def wait_closed(self) -> None:
        """Until the connection has ended for good."""
        await asyncio.shield(self._down)

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    # ---- what the client tells

    def _told(self, kind: str, payload: Any) -> None:
        handler = getattr(self, "_told_" + kind, None)
        if handler:
            handler(payload)
        if self._on_event and kind not in ("messages", "part"):
            self._on_event(kind, payload)

    def _told_messages(self, messages: List[Any]) -> None:
        self._inbox.extend(messages)
        for _ in range(min(len(self._readers), len(messages))):
            _wake(self._readers.popleft())

    def _pause(self) -> None:
        self._client.pause()

    def _resume(self) -> None:
        if not self._ended:
            self._client.resume()
            self._host.rearm()

    def _told_up(self, up: Dict[str, Any]) -> None:
        self.subprotocol = up["subprotocol"]
        _wake(self._up)
        self._wake_writers()

    def _told_low_water(self, queued: int) -> None:
        del queued
        self._wake_writers()

    def _wake_writers(self) -> None:
        for writer in list(self._writers):
            _wake(writer)

    def _told_pong(self, pong: Tuple[bytes, float]) -> None:
        data, round_trip = pong
        for waiting in list(self._pongs):
            if waiting[0] == data:
                _wake(waiting[1], round_trip)

    def _fail_pongs(self) -> None:
        """Their answers would have come on a connection that is gone."""
        while self._pongs:
            waiting = self._pongs.popleft()[1]
            if not waiting.done():
                waiting.set_exception(self._ended_by())

    def _told_down(self, down: Dict[str, Any]) -> None:
        self.fault = down["fault"]
        self.subprotocol = ""
        self._fail_pongs()
        if not self._up.done() and not (self._patient or down["final"]):
            self._up.set_exception(down["fault"])
        if not down["final"]:
            return
        self._clean = self._closing or (
            down["clean"] and down["received_code"] in (1000, 1001))
        if not self._up.done():
            self._up.set_exception(down["fault"])
        self._end()

    # ---- messages

    async def recv(self) -> Any:
        """The next message. Raises hawser.Error once the connection ended for
        good and every message of it was received. Cancelling loses none."""
        while not self._inbox:
            if self._ended:
                raise self._ended_by()
            await self._wait(self._readers)
        return self._inbox.take()

    def _ended_by(self) -> Error:
        return self.fault or Error("closed by the caller")

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._inbox

    def __anext__(self) -> Awaitable[Any]:
        return self._inbox.__anext__()

    async def _next(self) -> Any:
        try:
            return await self.recv()
        except Error:
            if self._clean:
                raise StopAsyncIteration from None
            raise

    async def send(self, data: Union[str, bytes, bytearray, memoryview],
                   opcode: Optional[int] = None) -> None:
        """Send str as text, bytes-like as binary. Waits for room in the send
        queue, and while the connection is down for the next one; raises
        hawser.Error once it has ended for good, or if the message never
        fits."""
        while not self._ended:
            try:
                self.send_nowait(data, opcode)
                return
            except Error as error:
                if error.status not in ("full", "state") or self._closing:
                    raise
            await self._wait(self._writers)
        raise self._ended_by()

    def send_nowait(self, data: Union[str, bytes, bytearray, memoryview],
                    opcode: Optional[int] = None) -> None:
        """The same at once, or hawser.Error: its status is "full" where
        there is no room, "state" while the connection is down."""
        self._client.send(data, opcode or 0)
        self._host.rearm()

    async def ping(self, data: bytes = b"") -> float:
        """Send a ping, and wait for its pong; the round trip in seconds.
        Raises hawser.Error when the connection is lost before."""
        pong = bytes(data), self._future()
        self._client.ping(pong[0])
        self._host.rearm()
        self._pongs.append(pong)
        try:
            return float(await pong[1])
        finally:
            with contextlib.suppress(ValueError):
                self._pongs.remove(pong)

    async def _wait(self, waiting: Deque[_Waiter]) -> None:
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


def _wake(waiting: _Waiter, result: Any = None) -> None:
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
    decode=False: text comes as bytes, too.
    Further options are those of Client.
    """

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        self._options = options
        self._connection: Optional[Connection] = None

    def __await__(self) -> Generator[Any, None, Connection]:
        return self._open().__await__()

    async def _open(self) -> Connection:
        return await Connection(self._url, **self._options)._open()

    async def __aenter__(self) -> Connection:
        self._connection = await self._open()
        return self._connection

    async def __aexit__(self, *exception: object) -> None:
        if self._connection:
            await self._connection.close()
