"""hawser: WebSocket connections that stay up, never spin, and say how late
the data is and whose fault that is. A C library; this is its Python face.

    from hawser import Client, EventLoop

    loop = EventLoop()
    client = Client(loop, handler, url="wss://feed.example/stream",
                    on_messages=take)
    client.open()
    loop.run()

`take(messages)` gets what a wake-up brought, `handler(kind, payload)` is told
everything else; see Client. For asyncio:

    async with hawser.connect("wss://feed.example/stream") as ws:
        async for message in ws:
            ...
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._hawser import BINARY, READ, TEXT, WRITE, Client, Error, Timer, Watch
from ._hawser import metrics, pollers, version
from ._install import install
from ._loop import EventLoop

if TYPE_CHECKING:
    from ._aio import Connection, connect

__version__ = version()
__all__ = ["BINARY", "READ", "TEXT", "WRITE", "Client", "Connection", "Error",
           "EventLoop", "Timer", "Watch", "connect", "install", "metrics",
           "pollers", "version"]


def __getattr__(name: str) -> Any:
    """asyncio is imported by who uses it."""
    if name not in ("connect", "Connection"):
        raise AttributeError(f"module 'hawser' has no attribute {name!r}")
    from . import _aio
    return getattr(_aio, name)
