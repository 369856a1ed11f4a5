"""hawser: WebSocket connections that stay up, never spin, and say how late
the data is and whose fault that is. A C library; this is its Python face.

    from hawser import Client, EventLoop

    loop = EventLoop()
    client = Client(loop, handler, url="wss://feed.example/stream")
    client.open()
    loop.run()

`handler(kind, payload)` is told everything; see Client. For asyncio:

    async with hawser.connect("wss://feed.example/stream") as ws:
        async for message in ws:
            ...
"""
from ._hawser import BINARY, READ, TEXT, WRITE, Client, Error, Timer, Watch
from ._hawser import pollers, version
from ._install import install
from ._loop import EventLoop

__version__ = version()
__all__ = ["BINARY", "READ", "TEXT", "WRITE", "Client", "Connection", "Error",
           "EventLoop", "Timer", "Watch", "connect", "install", "pollers",
           "version"]


def __getattr__(name):
    """asyncio is imported by who uses it."""
    if name not in ("connect", "Connection"):
        raise AttributeError(f"module 'hawser' has no attribute {name!r}")
    from . import _aio
    return getattr(_aio, name)
