"""The echo server of servers/protocol.md on autobahn, on asyncio."""
import asyncio
import os
import ssl
import sys

from autobahn.asyncio.websocket import (WebSocketServerFactory,
                                        WebSocketServerProtocol)
from autobahn.websocket.compress import (PerMessageDeflateOffer,
                                         PerMessageDeflateOfferAccept)


def accept(offers):
    if "PEER_COMPRESSION" not in os.environ:
        return None
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)
    return None


class Echo(WebSocketServerProtocol):
    def onConnect(self, request):
        return "second" if "second" in request.protocols else None

    def onMessage(self, payload, isBinary):
        if not isBinary and payload.startswith(b"!"):
            self.command(payload.decode())
        else:
            self.sendMessage(payload, isBinary)

    def command(self, text):
        verb, _, rest = text[1:].partition(" ")
        if verb == "ping":
            self.sendPing(rest.encode())
        elif verb == "close":
            code, _, reason = rest.partition(" ")
            self.sendClose(int(code), reason)
        elif verb == "cut":
            self.transport.abort()
        elif verb == "feed":
            for i in range(int(rest)):
                self.sendMessage(str(i).encode())

    def onPong(self, payload):
        self.sendMessage(b"ponged " + payload)

    def onClose(self, wasClean, code, reason):
        print("closed", self.remoteCloseCode, self.remoteCloseReason or "",
              flush=True)


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    factory = WebSocketServerFactory(protocols=["second"])
    factory.protocol = Echo
    factory.setProtocolOptions(perMessageCompressionAccept=accept)
    server = await asyncio.get_running_loop().create_server(
        factory, "127.0.0.1", int(sys.argv[1]), ssl=context)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
