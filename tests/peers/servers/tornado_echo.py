"""The echo server of servers/protocol.md on tornado."""
import asyncio
import os
import ssl
import sys

from tornado import httpserver, netutil, web, websocket

COMPRESSION = {} if "PEER_COMPRESSION" in os.environ else None


class Echo(websocket.WebSocketHandler):
    def get_compression_options(self):
        return COMPRESSION

    def select_subprotocol(self, subprotocols):
        return "second" if "second" in subprotocols else None

    async def on_message(self, message):
        if isinstance(message, str) and message.startswith("!"):
            await self.command(message)
        else:
            await self.write_message(message, isinstance(message, bytes))

    async def command(self, text):
        verb, _, rest = text[1:].partition(" ")
        if verb == "ping":
            self.ping(rest.encode())
        elif verb == "close":
            code, _, reason = rest.partition(" ")
            self.close(int(code), reason)
        elif verb == "cut":
            self.ws_connection.stream.close()
        elif verb == "feed":
            for i in range(int(rest)):
                await self.write_message(str(i))

    async def on_pong(self, data):
        await self.write_message("ponged " + data.decode())

    def on_close(self):
        print("closed", self.close_code, self.close_reason or "", flush=True)


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    [listener] = netutil.bind_sockets(int(sys.argv[1]), "127.0.0.1")
    server = httpserver.HTTPServer(web.Application([("/", Echo)]),
                                   ssl_options=context)
    server.add_socket(listener)
    print("listening", listener.getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
