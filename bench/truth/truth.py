#!/usr/bin/python3
"""What the stages of lag say, beside what is known to be true.

A server (a process of its own, of another make) stamps each message with its
event time, holds it back for a drawn delay, and notes when it gave it to the
kernel. The program is kept from its loop for a while now and then, and takes a
drawn time in its callback; both are noted as well. From these notes each
message's network, queue, processing and total lag follow, with no help of the
library's. Both ends have one clock.

Prints a table and ends with 1 when a percentile is further from the truth than
5 % or 100 us, whichever is larger.
"""
import argparse
import asyncio
import json
import random
import subprocess
import sys
import time

STAGES = ["network", "queue", "processing", "total"]
PERIOD = 0.005  # between two event times
GRACE = 100e-6
SHARE = 0.05

# name: delay in the network, pause between turns, time in the callback
WORLDS = {
    "slow network": ((0.020, 0.060), None, None),
    "slow loop": (None, (0.030, 0.090), None),
    "slow callbacks": (None, None, (0.001, 0.004)),
    "all of it": ((0.010, 0.030), (0.030, 0.060), (0.0005, 0.003)),
}


# ---- the server's process

async def feed(delays, count):
    import websockets
    notes = []
    ended = asyncio.Event()

    async def serve(peer, *_):
        begun = time.time()
        for i in range(count):
            stamp = begun + i * PERIOD
            delay = random.uniform(*delays) if delays else 0
            # In order: one that is held back holds up those behind it.
            left = stamp + delay - time.time()
            if left > 0:
                await asyncio.sleep(left)
            event = time.time_ns() if not delays else int(stamp * 1e9)
            before = time.time_ns()
            await peer.send(json.dumps({"n": i, "t": event}))
            notes.append((event, (before + time.time_ns()) // 2))
        await peer.close()
        ended.set()
    async with websockets.serve(serve, "127.0.0.1", 0,
                                compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await ended.wait()
    print(json.dumps(notes), flush=True)


# ---- the program that is measured

def busy(seconds):
    """So long, and not one wake-up longer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def watch(port, pauses, works):
    """The snapshot at the end, and (begin of the turn, end of the callback)
    of each message in ns."""
    import hawser
    loop = hawser.EventLoop()
    done, turn = [], [0]
    last = {}

    def on_message(message):
        if works:
            busy(random.uniform(*works))
        done.append((turn[0], time.time_ns()))

    def on_event(kind, _):
        if kind == "down":
            last["is"] = client.snapshot()
            client.close()
    client = hawser.Client(
        loop, on_event, url=f"ws://127.0.0.1:{port}/", on_message=on_message,
        lag_field="/t:ns")
    client.open()
    while not last:
        turn[0] = time.time_ns()
        loop.turn(1.0)
        if pauses and not last and random.random() < 0.2:
            busy(random.uniform(*pauses))
    return last["is"], done


# ---- the comparison

def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def truth(notes, done):
    """Seconds of each message, stage by stage."""
    lags = {stage: [] for stage in STAGES}
    for (event, sent), (turn, ended) in zip(notes, done):
        read = max(sent, turn)
        lags["network"].append((sent - event) / 1e9)
        lags["queue"].append((read - sent) / 1e9)
        lags["processing"].append((ended - read) / 1e9)
        lags["total"].append((ended - event) / 1e9)
    return lags


def compare(name, count):
    delays, pauses, works = WORLDS[name]
    server = subprocess.Popen(
        [sys.executable, __file__, "--feed", json.dumps(delays), "--messages",
         str(count)], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        said, done = watch(port, pauses, works)
        notes = json.loads(server.stdout.readline())
    finally:
        server.kill()
        server.wait()
    assert len(notes) == len(done) == count, (len(notes), len(done))
    lags = truth(notes, done)
    rows = []
    for stage in STAGES:
        for percent in 50, 99:
            true = percentile(lags[stage], percent)
            told = said["stages"][stage][f"p{percent}"]
            rows.append((name, stage, percent, true, told,
                         max(GRACE, SHARE * true)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", help="where the package stands")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--feed", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.feed:
        asyncio.run(feed(json.loads(options.feed), options.messages))
        return 0
    if options.python:
        sys.path.insert(0, options.python)
    missed = 0
    print(f"{'':15} {'':10}      {'true':>10} {'told':>10} {'off by':>10}")
    for name in WORLDS:
        for _, stage, percent, true, told, most in compare(
                name, options.messages):
            off = told - true
            missed += abs(off) > most
            print(f"{name:15} {stage:10} p{percent} {true * 1e3:7.3f} ms "
                  f"{told * 1e3:7.3f} ms {off * 1e3:+7.3f} ms"
                  f"{'  MISSED' if abs(off) > most else ''}", flush=True)
    print(f"{missed} missed" if missed else "all within 5 % or 100 us")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
