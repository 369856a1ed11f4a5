"""The interface of `rel`, on hawser's loop.

    import hawser.rel as rel

    rel.signal(2, rel.abort)
    rel.dispatch()

What a program calls is the same, in names, arguments and order. What differs:
nothing sleeps and nothing is polled. The loop waits in the kernel until a
descriptor is ready, a timer is due, a signal comes, or another thread calls;
set_sleep() and set_turbo() are accepted and do nothing.
"""
from . import buff, errors, listener, registrar, util, version  # noqa: F401
from . import rel  # noqa: F401
from .buff import buffwrite, release_buff
from .rel import (EV_PERSIST, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE, abort,
                  abort_branch, call_soon, dispatch, error, event, init,
                  initialize, is_running, loop, override, pause, read, report,
                  resume, safe_read, set_sleep, set_turbo, set_verbose, signal,
                  start, stop, supported_methods, thread, tick, timeout, write)

__version__ = version.__version__
__all__ = ["EV_PERSIST", "EV_READ", "EV_SIGNAL", "EV_TIMEOUT", "EV_WRITE",
           "abort", "abort_branch", "buffwrite", "call_soon", "dispatch",
           "error", "event", "init", "initialize", "is_running", "loop",
           "override", "pause", "read", "release_buff", "report", "resume",
           "safe_read", "set_sleep", "set_turbo", "set_verbose", "signal",
           "start", "stop", "supported_methods", "thread", "tick", "timeout",
           "write"]
