"""A program with asyncio, measured; all of them take each text as a str.

    subject_aio.py URL paced|burst|echo SECONDS CA NAME asyncio|uvloop
"""
import asyncio
import ssl
import sys

from meter import Meter, Trips

ECHO = "x" * 32
trips = None


def context(url, authority):
    return ssl.create_default_context(cafile=authority) \
        if url.startswith("wss") else None


async def by_websockets(url, take, authority):
    import websockets
    async with websockets.connect(url, ssl=context(url, authority),
                                  compression=None) as ws:
        if take is None:
            await bounce(ws.send, ws.recv)
        async for message in ws:
            take(message)


async def by_aiohttp(url, take, authority):
    import aiohttp
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(
                url, ssl=context(url, authority) or True) as ws:
            if take is None:
                await bounce(ws.send_str, ws.receive_str)
            async for message in ws:
                take(message.data)


async def by_picows(url, take, authority):
    import picows

    class Listener(picows.WSListener):
        def on_ws_frame(self, transport, frame):
            if frame.msg_type == picows.WSMsgType.TEXT:
                take(frame.get_payload_as_utf8_text())

    class Echo(picows.WSListener):
        def on_ws_connected(self, transport):
            self.send(transport)

        def on_ws_frame(self, transport, frame):
            frame.get_payload_as_utf8_text()
            trips.came()
            self.send(transport)

        def send(self, transport):
            trips.left()
            transport.send(picows.WSMsgType.TEXT, ECHO.encode())

    transport, _ = await picows.ws_connect(
        Listener if take else Echo, url, ssl_context=context(url, authority))
    await transport.wait_disconnected()


async def by_hawser(url, take, authority):
    import hawser
    options = {"tls_ca_file": authority} if url.startswith("wss") else {}
    async with hawser.connect(url, **options) as ws:
        if take is None:
            await bounce(ws.send, ws.recv)
        async for message in ws:
            take(message)


async def by_hawser_callback(url, take, authority):
    import hawser
    options = {"tls_ca_file": authority} if url.startswith("wss") else {}

    def bounce(message):
        trips.came()
        trips.left()
        ws.send_nowait(ECHO)
    async with hawser.connect(url, on_message=take or bounce,
                              **options) as ws:
        if take is None:
            trips.left()
            ws.send_nowait(ECHO)
        await ws.wait_closed()


async def bounce(send, receive):
    while True:
        trips.left()
        await send(ECHO)
        await receive()
        trips.came()


def main(url, feed, seconds, authority, name, loop):
    global trips
    meter = Meter(float(seconds))
    trips = Trips(meter)
    take = None if feed == "echo" else getattr(meter, feed)
    if loop == "uvloop":
        import uvloop
        uvloop.install()
    asyncio.run(globals()["by_" + name](url, take, authority))


main(*sys.argv[1:])
