"""tail --verdict: everybody who can hold data back does so for real, is named
by the verdict, and nobody is once it is over.

The provocations take time; how soon the verdict comes is printed, and judged
on virtual time by tests/session/judge_test.c.
"""
import asyncio
import base64
import hashlib
import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
from conftest import HAWSER, LIMIT, Lines

PERIOD = 0.02


class Watcher:
    """`hawser tail --verdict`, whose verdicts are awaited one by one."""

    def __init__(self, url, lag, *more, stdout=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [HAWSER, "tail", "--verdict", "--lag", lag, *more, url], text=True,
            stdout=stdout, stderr=subprocess.PIPE)
        self.err = Lines(self.process.stderr)

    def expect(self, verdict):
        """The figures of this verdict, once it is told. On a machine that is
        busy others may come before."""
        begun = time.monotonic()
        while True:
            line = self.err.until("-- verdict: ")
            print(f"{time.monotonic() - begun:.2f} s: {line}")
            name, _, figures = line.removeprefix(
                "-- verdict: ").partition(": ")
            if name == verdict:
                return figures

    def end(self):
        """May be called twice."""
        if self.process.poll() is not None:
            return
        self.process.kill()
        self.process.wait()
        self.err.rest()
        self.process.stderr.close()


@pytest.fixture
def watch():
    watchers = []

    def start_watching(*arguments, **options):
        watchers.append(Watcher(*arguments, **options))
        return watchers[-1]
    yield start_watching
    for one in watchers:
        one.end()


class LateFeed:
    """A handler whose messages are `late` seconds old when they leave."""

    def __init__(self, size=0):
        self.late = 0
        self.padding = "x" * size

    async def __call__(self, socket):
        while True:
            stamp = time.time_ns() - int(self.late * 1e9)
            await socket.send(json.dumps({"t": stamp, "p": self.padding}))
            await asyncio.sleep(PERIOD)


class SlowNetwork:
    """A relay to `port` that holds every piece back for `delay` seconds."""

    def __init__(self, port):
        self.delay = 0
        self.target = port
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.relay, "127.0.0.1", 0),
            self.loop).result(LIMIT)
        self.port = self.server.sockets[0].getsockname()[1]

    async def relay(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection(
            "127.0.0.1", self.target)
        await asyncio.gather(self.carry(reader, far_writer),
                             self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        """In order, whatever the delay was when a piece came."""
        while piece := await reader.read(65536):
            self.loop.call_later(self.delay, writer.write, piece)
        self.loop.call_later(self.delay, writer.close)

    def stop(self):
        async def cancel_all():
            self.server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        asyncio.run_coroutine_threadsafe(
            cancel_all(), self.loop).result(LIMIT)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def slow_network():
    networks = []

    def start_network(port):
        networks.append(SlowNetwork(port))
        return networks[-1]
    yield start_network
    for one in networks:
        one.stop()


def test_a_late_server_is_the_peer(peer, watch):
    feed = LateFeed()
    watcher = watch(peer(feed).url, "/t:ns")
    watcher.expect("ok")
    feed.late = 0.4
    assert "later than at best" in watcher.expect("peer")
    feed.late = 0
    watcher.expect("ok")


def test_a_slow_network_is_the_network(peer, slow_network, watch):
    feed = peer(LateFeed())
    port = int(feed.url.rstrip("/").rsplit(":", 1)[1])
    network = slow_network(port)
    watcher = watch(f"ws://127.0.0.1:{network.port}/", "/t:ns")
    watcher.expect("ok")
    network.delay = 0.3
    assert "round trip" in watcher.expect("network")
    network.delay = 0
    watcher.expect("ok")


def test_a_frozen_server_is_the_peer_and_thaws(serve, watch):
    server = serve("feed", "--rate", 50)
    watcher = watch(server.url, "/T:ns")
    watcher.expect("ok")
    server.interrupt(signal.SIGSTOP)
    assert "no answer to a ping" in watcher.expect("peer")
    server.interrupt(signal.SIGCONT)
    watcher.expect("ok")


def test_a_feed_that_pauses_is_idle(peer, watch):
    pause = asyncio.Event()

    async def handler(socket):
        while True:
            await socket.send(json.dumps({"t": time.time_ns()}))
            await asyncio.sleep(PERIOD)
            if pause.is_set():
                await asyncio.wait_for(resume.wait(), LIMIT)

    resume = asyncio.Event()
    server = peer(handler)
    watcher = watch(server.url, "/t:ns")
    watcher.expect("ok")
    server.loop.call_soon_threadsafe(pause.set)
    assert "the peer answers" in watcher.expect("idle")
    server.loop.call_soon_threadsafe(pause.clear)
    server.loop.call_soon_threadsafe(resume.set)
    watcher.expect("ok")


class SlowReader(threading.Thread):
    """Reads a pipe: a little each 50 ms, or all that comes."""

    def __init__(self, fd):
        super().__init__()
        self.fd = fd
        self.fast = threading.Event()
        self.fast.set()
        self.gone = threading.Event()

    def run(self):
        while not self.gone.is_set():
            if not self.fast.is_set():
                self.fast.wait(0.05)
            if select.select([self.fd], [], [], 0.05)[0]:
                os.read(self.fd, 65536 if self.fast.is_set() else 4096)


def test_who_reads_our_output_slowly_is_the_app(peer, watch):
    near, far = os.pipe()
    reader = SlowReader(near)
    reader.start()
    try:
        watcher = watch(peer(LateFeed(8000)).url, "/t:ns", stdout=far)
        watcher.expect("ok")
        reader.fast.clear()
        assert "for this program" in watcher.expect("app")
        reader.fast.set()
        watcher.expect("ok")
        watcher.end()
    finally:
        reader.gone.set()
        reader.fast.set()
        reader.join()
        os.close(near)
        os.close(far)


def test_nothing_is_said_unless_asked_for(say, run):
    done = run("tail", "--for", "1s", say("one").url)
    assert "verdict" not in done.err


class TinyRecords:
    """A wss server that says each byte in a TLS record of its own, encrypted
    before it is sent, so that the client has the more work; then a feed at
    ease."""

    MESSAGE = 250
    MESSAGES = 4000

    def __init__(self, certs):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs["leaf"], certs["key"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"wss://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.thread = threading.Thread(target=self.serve)
        self.ended = threading.Event()
        self.thread.start()

    def serve(self):
        """One after the other: where to encrypt takes long, the client gives
        the silence up and comes again."""
        while not self.ended.is_set():
            try:
                wire, _ = self.listener.accept()
                with wire:
                    self.speak(wire)
            except OSError:
                pass  # the client is gone, or the test

    def exchange(self, wire, step):
        """Do `step` of TLS, with the bytes that it wants and gives."""
        while True:
            try:
                done = step()
                wire.sendall(self.sent.read())
                return done
            except ssl.SSLWantReadError:
                wire.sendall(self.sent.read())
                piece = wire.recv(65536)
                if not piece:
                    raise OSError("the client is gone") from None
                self.came.write(piece)

    def speak(self, wire):
        self.came, self.sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.context.wrap_bio(self.came, self.sent, server_side=True)
        self.exchange(wire, tls.do_handshake)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.exchange(wire, lambda: tls.read(65536))
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head).group(1)
        accept = base64.b64encode(hashlib.sha1(
            key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        tls.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept
                  + b"\r\n\r\n")
        frame = b"\x82\x7e" + self.MESSAGE.to_bytes(2, "big") + \
            b"x" * self.MESSAGE
        parts = [frame[i:i + 1] for i in range(len(frame))]
        for _ in range(self.MESSAGES):
            for part in parts:
                tls.write(part)
        wire.sendall(self.sent.read())
        while not self.ended.wait(PERIOD):
            tls.write(frame)
            wire.sendall(self.sent.read())

    def stop(self):
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def tiny_records(certs):
    server = TinyRecords(certs)
    yield server
    server.stop()


def test_records_of_a_byte_each_are_tls(tiny_records, certs, watch):
    watcher = watch(tiny_records.url, "/t:ns", "--ca-file", certs["ca"])
    assert "decryption, which takes" in watcher.expect("tls")
    watcher.expect("ok")
    watcher.end()
