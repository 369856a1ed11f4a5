"""What a subject has received so far, and what it cost; one line of JSON at
the end."""
import array
import json
import os
import resource
import sys
import threading
import time

GRACE = 3  # seconds beyond its time until a silent subject is stopped


class Meter:
    """Counts from the first message on, and ends the process after so many
    seconds. `lags` are in nanoseconds, in order of arrival."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.lags = array.array("q")
        self.count = 0
        self.end = None
        self._lock = threading.Lock()
        watchdog = threading.Timer(seconds + GRACE, self.finish)
        watchdog.daemon = True
        watchdog.start()

    def start(self):
        print("begun", flush=True)
        self.begun = time.monotonic()
        self.end = self.begun + self.seconds
        self.cpu = time.process_time()
        self.waits = _waits()

    def paced(self, text):
        """A message of the feed, as a user would read it."""
        now = time.time_ns()
        if self.end is None:
            self.start()
        self.lags.append(now - json.loads(bytes(text) if isinstance(
            text, memoryview) else text)["T"])
        if time.monotonic() >= self.end:
            self.finish()

    def burst(self, text):
        """A message that is only counted."""
        self.count += 1
        if self.count & 255 == 1:
            if self.end is None:
                self.start()
            elif time.monotonic() >= self.end:
                self.finish()
        return len(text)

    def finish(self):
        with self._lock:  # never let go: the first one ends the process
            self._print()
            sys.stdout.flush()
            os._exit(0)

    def _print(self):
        if self.end is None:
            print(json.dumps({"count": 0}))
            return
        wall = time.monotonic() - self.begun
        cpu = time.process_time() - self.cpu
        count = self.count or len(self.lags)
        result = {"count": count, "rate": count / wall, "cpu": cpu / wall,
                  "cpu_each": cpu / count,
                  "waits": (_waits() - self.waits) / wall}
        if self.lags:
            ranked = sorted(self.lags)
            tenth = max(1, len(self.lags) // 10)
            result.update(
                p50=ranked[len(ranked) // 2] / 1e9,
                p99=ranked[len(ranked) * 99 // 100] / 1e9,
                max=ranked[-1] / 1e9,
                growth=(_median(self.lags[-tenth:]) -
                        _median(self.lags[:tenth])) / 1e9 / wall)
        print(json.dumps(result))


class Trips:
    """Round trips of echoes, as the meter's lags."""

    def __init__(self, meter):
        self.meter = meter
        self.left_at = 0

    def left(self):
        self.left_at = time.monotonic_ns()

    def came(self):
        now = time.monotonic_ns()
        meter = self.meter
        if meter.end is None:
            meter.start()
            return
        meter.lags.append(now - self.left_at)
        if time.monotonic() >= meter.end:
            meter.finish()


def _waits():
    return resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def _median(values):
    return sorted(values)[len(values) // 2]
