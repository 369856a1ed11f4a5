"""The rows: which program runs on which packages."""
import dataclasses
from typing import Tuple

import pins

NEWEST_CLIENT = pins.CLIENTS[-1]
NEWEST_REL = pins.RELS[-1]


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    program: str
    arguments: Tuple[str, ...]
    packages: Tuple[str, ...] = ()  # pins
    ours: bool = False


def app(name, websocket, rel, *packages):
    return Case(name, "subject_app.py", (websocket, rel), packages,
                websocket.startswith("hawser") or rel.startswith("hawser"))


def client_pin(version):
    return f"websocket-client=={version}"


def rel_pin(version):
    return f"rel=={version}"


def apps():
    """The seed's case: clients by their dispatchers."""
    for version in pins.CLIENTS:
        yield app(f"websocket-client {version}", "websocket", "none",
                  client_pin(version))
    for version in pins.RELS:
        yield app(f"websocket-client {NEWEST_CLIENT}, rel {version}",
                  "websocket", "rel", client_pin(NEWEST_CLIENT),
                  rel_pin(version))
    yield app(f"websocket-client {NEWEST_CLIENT}, hawser.rel", "websocket",
              "hawser.rel", client_pin(NEWEST_CLIENT))
    yield app(f"hawser.websocket, rel {NEWEST_REL}", "hawser.websocket",
              "rel", rel_pin(NEWEST_REL))
    yield app("hawser.websocket, hawser.rel", "hawser.websocket",
              "hawser.rel")
    yield app("hawser.websocket", "hawser.websocket", "none")


def natives():
    """With asyncio, and the library's own loop at the end."""
    packages = {pin.split("==")[0]: pin for pin in pins.NATIVE}
    for loop in ("asyncio", "uvloop"):
        loop_pins = (packages["uvloop"],) if loop == "uvloop" else ()
        for peer in ("websockets", "aiohttp", "picows"):
            pin = packages[peer]
            yield Case(f"{pin.replace('==', ' ')}, {loop}", "subject_aio.py",
                       (peer, loop), (pin, *loop_pins))
        yield Case(f"hawser.connect(), {loop}", "subject_aio.py",
                   ("hawser", loop), loop_pins, True)
        yield Case(f"hawser.connect(on_message), {loop}", "subject_aio.py",
                   ("hawser_callback", loop), loop_pins, True)
    for how in ("decode", "bytes", "borrow"):
        yield Case(f"hawser.Client, {how}", "subject_native.py", (how,), (),
                   True)
