"""How soon a foreign dispatcher looks at what is ready: it is knocked at a few
times, and warned about when it sleeps instead.

Whether it slept is not told by the clock, for a busy machine makes everybody
late: it gave the processor away by itself, and no other thread of this program
worked meanwhile, as one that holds the interpreter would. A program whose
threads work much leaves few knocks that say anything: so it has many of them.
"""
import collections
import resource
import statistics
import time
import warnings

from ._logging import warning

KNOCKS = 100  # in all
LATEST = 10  # of them are looked at together
SLEPT = 8  # of these: then it is its way


class Knock:
    """`knock()` makes our descriptor ready, at the end of a call; `heard()` is
    called at the begin of the next one."""

    def __init__(self, loop, dispatcher):
        self._loop = loop
        self._name = _name_of(dispatcher)
        self._begun = None
        self._left = KNOCKS
        self._latest = collections.deque(maxlen=LATEST)  # (delay, slept)

    def knock(self):
        if self._left:
            self._left -= 1
            self._loop.post(nothing)
            self._begun = (time.monotonic(), time.process_time(),
                           _switches())

    def heard(self):
        if self._begun is None:
            return
        begun, worked, switches = self._begun
        self._begun = None
        delay = time.monotonic() - begun
        slept = _switches() > switches and \
            time.process_time() - worked < delay / 2
        self._latest.append((delay, slept))
        if sum(slept for _, slept in self._latest) >= SLEPT:
            self._left = 0
            self._warn()

    def _warn(self):
        late = statistics.median(delay for delay, _ in self._latest)
        words = (f"the dispatcher {self._name} sleeps while a descriptor is "
                 f"ready, {late * 1e3:.1f} ms at the median: messages come "
                 "late by that, and it wakes for nothing. hawser.rel takes "
                 "its place; 'python -m hawser.doctor' knows bad versions")
        warning(words)
        try:
            warnings.warn(words, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:
            pass  # of a program that makes errors of warnings: it is logged


def _name_of(dispatcher):
    name = getattr(dispatcher, "__name__", None) or \
        type(dispatcher).__name__
    version = getattr(dispatcher, "__version__", None)
    return f"'{name}' {version}" if version else f"'{name}'"


def _switches():
    who = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
    return resource.getrusage(who).ru_nvcsw


def nothing():
    """Wakes a loop by being called in it."""
