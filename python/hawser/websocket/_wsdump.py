"""wsdump: a conversation by hand. Lines of the standard input are sent as
text; what comes is printed, frame by frame."""
from __future__ import annotations

import argparse
import code
import gzip
import ssl
import sys
import threading
import time
import zlib
from typing import Any, Optional, Sequence
from urllib.parse import urlparse

from . import ABNF, create_connection, enableTrace
from ._exceptions import (WebSocketConnectionClosedException,
                          WebSocketException)

OPCODE_DATA = (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY)


def _verbosity(value: str) -> int:
    """-v is 1, -vv is 2, -v 2 as well."""
    if value.strip("v"):
        return int(value)
    return value.count("v") + 1


def parse_args(arguments: Optional[Sequence[str]] = None) \
        -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wsdump", description=__doc__)
    parser.add_argument("url", metavar="ws_url",
                        help="such as ws://echo.example/")
    parser.add_argument("-p", "--proxy",
                        help="http://host:port of a proxy")
    parser.add_argument("-v", "--verbose", default=0, nargs="?",
                        type=_verbosity, const=1, metavar="N",
                        help="1: names of opcodes; 2: all that is sent and "
                             "received")
    parser.add_argument("-n", "--nocert", action="store_true",
                        help="accept any certificate")
    parser.add_argument("-r", "--raw", action="store_true",
                        help="print data, and nothing around it")
    parser.add_argument("-s", "--subprotocols", nargs="*",
                        help="subprotocols to offer")
    parser.add_argument("-o", "--origin", help="Origin header")
    parser.add_argument("--eof-wait", default=0, type=float, metavar="SEC",
                        help="wait for answers after the end of the input")
    parser.add_argument("-t", "--text", help="send this first")
    parser.add_argument("--timings", action="store_true",
                        help="print when each message came")
    parser.add_argument("--headers", help="\"Name: value,Name: value\"")
    return parser.parse_args(arguments)


def readable(data: bytes) -> Any:
    """Text of binary data, also of compressed text; or the data."""
    if data[:2] == b"\037\213":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return data
    else:
        try:
            data = zlib.decompress(data, -zlib.MAX_WBITS)
        except zlib.error:
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


class Screen:
    """Where words go: lines of a terminal, in colour, or bare ones."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty() and \
            not arguments.raw

    def show(self, opcode: int, data: Any, start: float) -> None:
        words = repr(data) if isinstance(data, bytes) else data
        if self.arguments.verbose:
            words = f"{ABNF.OPCODE_MAP[opcode]}: {words}"
        if self.arguments.timings:
            words = f"{time.monotonic() - start}: {words}"
        if self.is_terminal:
            words = f"\r\033[2K\033[34m< {words}\033[39m\n> "
            sys.stdout.write(words)
        else:
            sys.stdout.write((words if self.arguments.raw
                              else f"< {words}") + "\n")
        sys.stdout.flush()

    def lines(self) -> Any:
        """Lines of the input, until its end."""
        if not self.is_terminal:
            for line in sys.stdin:
                yield line.rstrip("\n")
            return
        console = code.InteractiveConsole()
        while True:
            try:
                yield console.raw_input("> ")
            except EOFError:
                return


def connect(arguments: argparse.Namespace) -> Any:
    options: dict = {}
    if arguments.proxy:
        proxy = urlparse(arguments.proxy)
        options["http_proxy_host"] = proxy.hostname
        options["http_proxy_port"] = proxy.port
    if arguments.origin:
        options["origin"] = arguments.origin
    if arguments.subprotocols:
        options["subprotocols"] = arguments.subprotocols
    if arguments.headers:
        options["header"] = [line.strip()
                             for line in arguments.headers.split(",")]
    if arguments.nocert:
        options["sslopt"] = {"cert_reqs": ssl.CERT_NONE,
                             "check_hostname": False}
    return create_connection(arguments.url, **options)


def receive(ws: Any, screen: Screen, start: float) -> None:
    """Print frames until the connection ends."""
    while True:
        try:
            frame = ws.recv_frame()
        except WebSocketConnectionClosedException:
            return
        except (OSError, WebSocketException) as why:
            if ws.connected:
                print(f"wsdump: {why}", file=sys.stderr)
            return
        if frame.opcode == ABNF.OPCODE_CLOSE:
            ws.send_close()
            screen.arguments.verbose and screen.show(
                frame.opcode, frame.data, start)
            return
        if frame.opcode == ABNF.OPCODE_PING:
            ws.pong(frame.data)
        data = frame.data
        if frame.opcode == ABNF.OPCODE_TEXT:
            data = data if isinstance(data, str) \
                else data.decode("utf-8", "replace")
        elif frame.opcode == ABNF.OPCODE_BINARY:
            data = readable(data)
        if frame.opcode in OPCODE_DATA or screen.arguments.verbose:
            screen.show(frame.opcode, data, start)


def talk(ws: Any, screen: Screen, reader: threading.Thread) -> None:
    if screen.arguments.text:
        ws.send(screen.arguments.text)
    for line in screen.lines():
        if not reader.is_alive():
            return
        ws.send(line)
    reader.join(screen.arguments.eof_wait)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """0 at the end of the input or Ctrl-C; 1 when there is no connection."""
    options = parse_args(arguments)
    if options.verbose > 1:
        enableTrace(True)
    start = time.monotonic()
    try:
        ws = connect(options)
    except (OSError, WebSocketException, ValueError) as why:
        print(f"wsdump: cannot connect to {options.url}: {why}",
              file=sys.stderr)
        return 1
    screen = Screen(options)
    if screen.is_terminal:
        print("Press Ctrl+C to quit")
    reader = threading.Thread(target=receive, args=(ws, screen, start),
                              daemon=True)
    reader.start()
    try:
        talk(ws, screen, reader)
        ws.close()
    except KeyboardInterrupt:
        print("\nbye")
    except (OSError, WebSocketException) as why:
        print(f"wsdump: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
