"""The command as a child process, and servers for it to talk to.

Nothing waits by time: every wait is for a line or an end, with a limit after
which the thing counts as hanging.
"""
import asyncio
import json
import os
import pathlib
import queue
import signal
import ssl
import subprocess
import threading

import pytest
import websockets

HAWSER = os.environ["HAWSER"]
CERTS_MAKER = os.environ["MAKE_CERTS"]
LIMIT = 30  # seconds


class Lines:
    """The lines of one stream, as they come."""

    def __init__(self, stream):
        self.seen = []
        self._queue = queue.Queue()
        self._reader = threading.Thread(
            target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream):
        for line in stream:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self):
        """The next line; None at the end."""
        line = self._queue.get(timeout=LIMIT)
        if line is not None:
            self.seen.append(line)
        return line

    def until(self, wanted):
        """Lines up to one that holds `wanted`; that line is returned."""
        while True:
            line = self.next()
            assert line is not None, f"no {wanted!r} in {self.seen}"
            if wanted in line:
                return line

    def rest(self):
        while self.next() is not None:
            pass
        return self.seen


class Program:
    """`hawser ARGUMENTS` while it runs."""

    def __init__(self, *arguments, stdin=subprocess.DEVNULL, env=None):
        self.process = subprocess.Popen(
            [HAWSER, *map(str, arguments)], stdin=stdin,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=dict(os.environ, **(env or {})))
        self.out = Lines(self.process.stdout)
        self.err = Lines(self.process.stderr)

    def interrupt(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self

    def end(self):
        """Wait for the end; the exit code."""
        code = self.process.wait(timeout=LIMIT)
        self.out.rest()
        self.err.rest()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Done:
    """What a run that ended left behind."""

    def __init__(self, result):
        self.code = result.returncode
        self.out = result.stdout
        self.err = result.stderr
        self.lines = self.out.splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def run():
    """Run the command to its end."""
    def run_command(*arguments, stdin=None, env=None, text=True):
        return Done(subprocess.run(
            [HAWSER, *map(str, arguments)], input=stdin, text=text,
            capture_output=True, timeout=LIMIT, check=False,
            env=dict(os.environ, **(env or {}))))
    return run_command


@pytest.fixture
def start():
    """Start the command; what still runs at the end of the test is killed."""
    programs = []

    def start_command(*arguments, **options):
        programs.append(Program(*arguments, **options))
        return programs[-1]
    yield start_command
    for program in programs:
        program.kill()


@pytest.fixture
def serve(start):
    """Start `hawser serve`; the program has the URL that it printed."""
    def start_server(*arguments):
        program = start("serve", *arguments)
        program.url = program.out.until("listening on ").split()[-1]
        return program
    return start_server


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    """Paths of a certificate authority, a leaf and its key."""
    folder = tmp_path_factory.mktemp("certs")
    made = subprocess.run([CERTS_MAKER, folder], capture_output=True,
                          check=True, text=True)
    return {name: pathlib.Path(path)
            for name, path in json.loads(made.stdout).items()}


class Peer:
    """A server of another make (websockets), in a thread of its own; with
    `certs` over TLS."""

    def __init__(self, handler, certs=None, **options):
        self.scheme = "ws"
        if certs:
            self.scheme = "wss"
            options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            options["ssl"].load_cert_chain(certs["leaf"], certs["key"])
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.call(self._serve(handler, options))

    async def _serve(self, handler, options):
        self.server = await websockets.serve(
            handler, "127.0.0.1", 0, max_size=None, compression=None,
            close_timeout=5, **options)
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"{self.scheme}://127.0.0.1:{port}/"

    async def _shut(self):
        self.server.close()
        await self.server.wait_closed()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(
            coroutine, self.loop).result(LIMIT)

    def stop(self):
        """Returns when every handler has ended."""
        if self.loop.is_closed():
            return
        self.call(self._shut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def peer():
    """Start a Peer; `handler` gets each connection."""
    peers = []

    def start_peer(handler, **options):
        peers.append(Peer(handler, **options))
        return peers[-1]
    yield start_peer
    for one in peers:
        one.stop()


@pytest.fixture
def say(peer):
    """A Peer that says these messages to everybody, then waits."""
    def start_saying(*messages):
        async def handler(socket):
            for message in messages:
                await socket.send(message)
            await socket.wait_closed()
        return peer(handler)
    return start_saying
