"""The echo server of servers/protocol.md on Python's websockets."""
import asyncio
import os
import ssl
import sys

import websockets


COMPRESSION = "deflate" if "PEER_COMPRESSION" in os.environ else None


async def command(ws, text):
    verb, _, rest = text[1:].partition(" ")
    if verb == "ping":
        await (await ws.ping(rest))
        await ws.send("ponged " + rest)
    elif verb == "close":
        code, _, reason = rest.partition(" ")
        await ws.close(int(code), reason)
    elif verb == "cut":
        ws.transport.abort()
    elif verb == "feed":
        for i in range(int(rest)):
            await ws.send(str(i))


async def serve(ws):
    try:
        async for message in ws:
            if isinstance(message, str) and message.startswith("!"):
                # Reading must go on while a pong is awaited.
                asyncio.ensure_future(command(ws, message))
            else:
                await ws.send(message)
    except websockets.ConnectionClosed:
        pass
    print("closed", ws.close_code, ws.close_reason, flush=True)


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1]),
                                ssl=context, max_size=None,
                                compression=COMPRESSION,
                                subprotocols=["second"]) as server:
        port = server.sockets[0].getsockname()[1]
        print("listening", port, flush=True)
        await asyncio.Future()


asyncio.run(main())
