"""Every counterpart, plain and over TLS, without and with compression, direct
and through both kinds of proxies. What was seen becomes the table of
docs/COUNTERPARTS.md: COUNTERPARTS_TABLE names the file to write it to.
"""
import json
import os
import subprocess

import pytest

from conftest import LIMIT
from counterparts import COUNTERPARTS
from proxies import KINDS

CELL = os.environ["PEER_CELL"]
TRANSPORTS = {"plain": "ws", "tls": "wss"}
# The proxy, how it is spoken to, and a name for the target: what squid alone
# knows cannot have been reached without it.
WAYS = {"direct": (None, None, "127.0.0.1"),
        "connect": ("squid", "http", "feed.example"),
        "socks5": ("microsocks", "socks5h", "localhost")}
# Of each kind: 65,535, 65,536 and ten times 300 bytes are worth compressing.
COMPRESSED = 2 * (65535 + 65536 + 10 * 300)
COLUMNS = [(transport, way) for transport in TRANSPORTS for way in WAYS]


class Started:
    """Servers and proxies by name, started when they are first asked for."""

    def __init__(self, kinds, *arguments):
        self.kinds, self.arguments, self.running = kinds, arguments, {}

    def __call__(self, name):
        missing = self.kinds[name].missing()
        if missing:
            pytest.skip(f"{missing} is not installed on this machine")
        if name not in self.running:
            arguments = [a(name) if callable(a) else a for a in self.arguments]
            self.running[name] = self.kinds[name](*arguments)
        return self.running[name]

    def end(self):
        for one in self.running.values():
            one.end()


@pytest.fixture(scope="module")
def counterparts(certs, tmp_path_factory):
    started = Started(COUNTERPARTS, certs, tmp_path_factory.mktemp)
    yield started
    started.end()


@pytest.fixture(scope="module")
def proxies(certs):
    started = Started(KINDS, certs)
    yield started
    started.end()


@pytest.fixture(scope="module")
def seen():
    """What each cell saw: its report, or the name of what was missing."""
    cells = {}
    yield cells
    if "COUNTERPARTS_TABLE" in os.environ:
        with open(os.environ["COUNTERPARTS_TABLE"], "w") as file:
            file.write(table(cells))


def cell_text(report):
    if report is None:
        return "not run"
    return "FAILED" if report["why"] else "pass"


def row(name, compression, cells):
    """One line of the table; the answer is the one that came first."""
    reports = [cells.get((name, transport, compression, way))
               for transport, way in COLUMNS]
    answers = [r["extension"] for r in reports if r]
    answer = f"`{answers[0]}`" if answers and answers[0] else "none"
    kind = COUNTERPARTS[name]
    return "| " + " | ".join(
        [f"{kind.title} {kind.version()}".strip(), compression, answer,
         *map(cell_text, reports)]) + " |\n"


def table(cells):
    names = {"plain": "ws", "tls": "wss"}
    head = ["counterpart", "offered", "answered",
            *(f"{names[transport]}, {way}" for transport, way in COLUMNS)]
    return "".join(
        ["| " + " | ".join(head) + " |\n", "|---" * len(head) + "|\n",
         *(row(name, compression, cells)
           for name in COUNTERPARTS for compression in ("off", "on"))])


def run(url, ca_file, compression, proxy):
    done = subprocess.run(
        [CELL, url, ca_file, compression, *([proxy] if proxy else [])],
        capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def assert_compression(report, agreed):
    if agreed:
        assert report["extension"].startswith("permessage-deflate"), report
        assert report["out_plain"] == COMPRESSED, report
        # Half of it is noise, the other half shrinks to next to nothing.
        assert report["out_compressed"] < 0.6 * COMPRESSED, report
        assert report["in_inflated"] >= COMPRESSED, report
        assert report["in_compressed"] < 0.6 * COMPRESSED, report
    else:
        assert report["extension"] == "", report
        assert report["out_plain"] == report["in_inflated"] == 0, report


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("compression", ["off", "on"])
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", COUNTERPARTS)
def test_cell(name, transport, compression, way, counterparts, proxies, seen,
              ca_file):
    counterpart = counterparts(name)
    proxy_name, scheme, host = WAYS[way]
    proxy = proxies(proxy_name).url(scheme) if proxy_name else ""
    process = counterpart.process(transport)
    before = len(process.lines)
    report = run(f"{TRANSPORTS[transport]}://{host}:"
                 f"{counterpart.port(transport)}/", ca_file, compression,
                 proxy)
    seen[name, transport, compression, way] = report
    assert report["why"] == "", report
    assert report["echoed"] == report["messages"] == 32
    assert report["pinged"] and report["ponged"] and report["told"], report
    assert report["clean"] and report["received_code"] == 1000, report
    assert report["proxy"] == proxy
    assert_compression(report, agreed=counterpart.compresses and
                       compression == "on")
    process.wait_for(lambda line: line.strip() == "closed 1000 done", before)
