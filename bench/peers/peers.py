"""hawser's Python faces beside those of others, fed by one server.

    peers.py --server HAWSER --python PATH --cache DIR [OPTION...]

Each run is a process of its own beside a server of its own; the runs of a
table take turns. Prints tables in Markdown, and writes all figures as JSON.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import cases
import pins

HERE = pathlib.Path(__file__).parent
RATES = (1000, 5000, 20000)
QUEUE_LOOKS = 0.1  # seconds between looks at the receive queue


def say(words):
    print(words, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options):
        self.options = options
        self.results = []
        self.skipped = {}
        self.paths = {}
        folder = pathlib.Path(options.cache)
        folder.mkdir(parents=True, exist_ok=True)
        self.certificate = folder / "cert.pem"
        self.key = folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key,
             "-out", self.certificate], check=True, capture_output=True)

    def path_of(self, pin):
        if pin not in self.paths:
            self.paths[pin], why = pins.fetch(self.options.cache, pin)
            if why:
                say(f"skipped: {pin}: {why}")
        return self.paths[pin]

    def environment(self, case):
        folders = [self.path_of(pin) for pin in case.packages]
        if None in folders:
            return None
        folders = [*map(str, folders), self.options.python]
        return {**os.environ, "PYTHONPATH": ":".join(folders)}

    def server(self, mode, is_tls):
        tls = ["--cert", self.certificate, "--key", self.key] if is_tls else []
        server = subprocess.Popen(
            [self.options.server, "serve", "--quiet", "--no-compression",
             *tls, *map(str, mode)], stdout=subprocess.PIPE, text=True)
        return server, server.stdout.readline().split()[-1]

    def run(self, case, mode, feed, is_tls):
        """The subject's figures, or None."""
        environment = self.environment(case)
        if environment is None:
            return None
        server, url = self.server(mode, is_tls)
        try:
            subject = subprocess.Popen(
                [sys.executable, HERE / case.program, url, feed,
                 str(self.options.seconds), self.certificate,
                 *case.arguments],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env=environment)
            queue = watch_queue(subject, int(url.rstrip("/").split(":")[-1]))
            out, words = subject.communicate()
        finally:
            server.kill()
            server.communicate()
        lines = out.splitlines()
        if not lines or not lines[-1].startswith("{"):
            say(f"{case.name}: {words.strip()[-500:]}")
            return None
        return {**json.loads(lines[-1]), "queue": queue}

    def table(self, title, rows, mode, feed, is_tls, columns):
        """All rows, by turns; the median of each figure."""
        name = f"{title}{', TLS' if is_tls else ''}"
        wanted = self.options.tables
        if wanted and not any(part in name for part in wanted):
            return
        runs = {case: [] for case in rows
                if not self.options.only or self.options.only in case.name}
        for turn in range(self.options.rounds):
            for case in runs:
                say(f"{name}: {case.name} ({turn + 1})")
                figures = self.run(case, mode, feed, is_tls)
                if figures:
                    runs[case].append(figures)
        print(f"\n### {name}\n")
        print("|", " | ".join(["", *columns]), "|")
        print("|---" * (len(columns) + 1) + "|")
        for case, figures in runs.items():
            middle = median(figures)
            self.results.append({"table": name, "case": case.name,
                                 "median": middle, "runs": figures})
            cells = [COLUMNS[column](middle) if middle.get("count") else "–"
                     for column in columns]
            title = f"**{case.name}**" if case.ours else case.name
            print("|", " | ".join([title, *cells]), "|", flush=True)


def median(runs):
    names = set().union(*runs) if runs else set()
    return {name: statistics.median(run[name] for run in runs if name in run)
            for name in names}


def watch_queue(subject, port):
    """The most that the subject's socket had waiting, until it ends."""
    most = 0
    wanted = f":{port:04X}"
    while subject.poll() is None:
        time.sleep(QUEUE_LOOKS)
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[2].endswith(wanted):
                most = max(most, int(fields[4].split(":")[1], 16))
    return most


def time_text(seconds):
    if seconds is None:
        return "–"
    if abs(seconds) >= 0.9995:
        return f"{seconds:.1f} s"
    if abs(seconds) >= 0.000_9995:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds * 1e6:.0f} us"


COLUMNS = {
    "messages/s": lambda f: f"{f['rate']:,.0f}",
    "CPU %": lambda f: f"{f['cpu'] * 100:.1f}",
    "CPU us a message": lambda f: f"{f['cpu_each'] * 1e6:.2f}",
    "waits/s": lambda f: f"{f['waits']:,.0f}",
    "p50": lambda f: time_text(f.get("p50")),
    "p99": lambda f: time_text(f.get("p99")),
    "max": lambda f: time_text(f.get("max")),
    "growth a second": lambda f: time_text(f.get("growth")),
    "receive queue": lambda f: f"{f['queue'] / 1024:,.1f} KiB",
}
PACED = ("messages/s", "CPU %", "waits/s", "p50", "p99", "max",
         "growth a second", "receive queue")
BURST = ("messages/s", "CPU %", "CPU us a message")
ECHO = ("messages/s", "CPU us a message", "p50", "p99")


def every_table(bench):
    apps, natives = list(cases.apps()), list(cases.natives())
    for is_tls in (False, True):
        for rate in RATES:
            bench.table(f"Apps, feed of {rate:,}/s", apps,
                        ("feed", "--rate", rate, "--queue", "256m"), "paced",
                        is_tls, PACED)
        bench.table("Apps, burst of 150 B", apps,
                    ("firehose", "--size", 150), "burst", is_tls, BURST)
        bench.table("asyncio, feed of 20,000/s", natives,
                    ("feed", "--rate", 20000, "--queue", "256m"), "paced",
                    is_tls, PACED)
        bench.table("asyncio, burst of 150 B", natives,
                    ("firehose", "--size", 150), "burst", is_tls, BURST)
        bench.table("asyncio, echo of 32 B", natives, ("echo",), "echo",
                    is_tls, ECHO)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--server", required=True, help="the command hawser")
    add("--python", required=True, help="where its Python package is")
    add("--cache", required=True, help="where others' packages are put")
    add("--seconds", type=float, default=5, help="of each run (%(default)s)")
    add("--rounds", type=int, default=1,
        help="so often, by turns; medians are shown (%(default)s)")
    add("--only", help="rows whose name has this in it")
    add("--json", help="write all figures to this file")
    add("tables", nargs="*", help="tables whose name has this in it")
    options = parser.parse_args()
    bench = Bench(options)
    every_table(bench)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(bench.results))


main()
