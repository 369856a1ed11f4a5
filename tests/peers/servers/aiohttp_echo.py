"""The echo server of servers/protocol.md on aiohttp."""
import asyncio
import os
import ssl
import sys

from aiohttp import WSMsgType, web


class Connection:
    def __init__(self, request, ws):
        self.request = request
        self.ws = ws
        self.pinged = []

    async def command(self, text):
        verb, _, rest = text[1:].partition(" ")
        if verb == "ping":
            self.pinged.append(rest)
            await self.ws.ping(rest.encode())
        elif verb == "close":
            code, _, reason = rest.partition(" ")
            await self.ws.close(code=int(code), message=reason.encode())
        elif verb == "cut":
            self.request.transport.abort()
        elif verb == "feed":
            for i in range(int(rest)):
                await self.ws.send_str(str(i))

    async def message(self, message):
        if message.type == WSMsgType.TEXT and message.data.startswith("!"):
            await self.command(message.data)
        elif message.type == WSMsgType.TEXT:
            await self.ws.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await self.ws.send_bytes(message.data)
        elif message.type == WSMsgType.PING:
            await self.ws.pong(message.data)
        elif message.type == WSMsgType.PONG:
            await self.ws.send_str("ponged " + message.data.decode())


async def serve(request):
    ws = web.WebSocketResponse(autoping=False, max_msg_size=0,
                               compress="PEER_COMPRESSION" in os.environ,
                               protocols=["second"])
    await ws.prepare(request)
    connection = Connection(request, ws)
    while not ws.closed:
        message = await ws.receive()
        if message.type == WSMsgType.CLOSE:
            print("closed", message.data, message.extra, flush=True)
        else:
            await connection.message(message)
    return ws


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]),
                       ssl_context=context)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print("listening", port, flush=True)
    await asyncio.Future()


asyncio.run(main())
