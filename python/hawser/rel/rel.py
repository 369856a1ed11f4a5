"""rel's functions, on one registrar for the whole program."""
import pprint
import sys
import threading
import time
import types

from .errors import AbortBranch
from .listener import (EV_PERSIST, EV_READ, EV_SIGNAL, EV_TIMEOUT,  # noqa: F401
                       EV_WRITE)
from .registrar import (EpollRegistrar, KqueueRegistrar, PollRegistrar,
                        SelectRegistrar, set_sleep, set_turbo)  # noqa: F401
from .util import log, set_verbose  # noqa: F401

supported_methods = ["epoll", "poll", "select", "kqueue", "pyevent"]
mapping = {"select": SelectRegistrar, "epoll": EpollRegistrar,
           "poll": PollRegistrar, "kqueue": KqueueRegistrar}
registrar = None
running = False
SAFE_READ = False


def get_registrar(method):
    """A new registrar of that name. ImportError: it cannot be had here."""
    if method not in mapping:
        raise ImportError(f"no registrar {method!r}")
    return mapping[method]()


def initialize(methods=None, options=()):
    """Choose the back end: the first of `methods` that can be had, then any
    other unless the options say "strict". "verbose" prints events, "report"
    prints what is waited for every 5 s. Returns its name."""
    global registrar
    if "verbose" in options:
        set_verbose(True)
    wanted = list(supported_methods if methods is None else methods)
    if "strict" not in options:
        wanted += [m for m in supported_methods if m not in wanted]
    for method in wanted:
        try:
            registrar = get_registrar(method)
            break
        except ImportError as why:
            log(f'Could not import "{method}": {why}')
    else:
        raise ImportError(f"Could not import any of given methods: {wanted}")
    log(f'Initialized with "{method}"')
    if "report" in options:
        timeout(5, _report)
    return method


def check_init():
    if registrar is None:
        initialize()
    return registrar


def _report():
    print("rel status report", time.time())
    for name in ("events", "signals", "timers"):
        print(name)
        pprint.pprint(getattr(registrar, name))
    return True


def init():
    """Forget everything that is waited for."""
    global running
    running = False
    check_init().init()


def override():
    """Let `import event` (pyevent's name) find this module."""
    if isinstance(sys.modules.get("event"), _FakeEvent):
        return
    fake = _FakeEvent("event", "pyevent's interface, by hawser.rel")
    for name in ("EV_PERSIST", "EV_READ", "EV_SIGNAL", "EV_TIMEOUT",
                 "EV_WRITE", "abort", "dispatch", "event", "init", "loop",
                 "read", "signal", "timeout", "write"):
        setattr(fake, name, globals()[name])
    sys.modules["event"] = fake


class _FakeEvent(types.ModuleType):
    pass


def safe_read():
    """From now on read() drops its further arguments."""
    global SAFE_READ
    SAFE_READ = True


def read(sock, cb, *args):
    """Call cb(*args) while `sock` is readable and `cb` returns true."""
    return check_init().read(sock, cb, *(() if SAFE_READ else args))


def write(sock, cb, *args):
    """Call cb(*args) while `sock` is writable and `cb` returns true."""
    return check_init().write(sock, cb, *args)


def error(sock, cb, *args):
    """Call cb(*args) when `sock` has an error or is hung up."""
    return check_init().error(sock, cb, *args)


def timeout(delay, cb, *args):
    """Call cb(*args) in `delay` seconds, and again while it returns true."""
    return check_init().timeout(delay, cb, *args)


def signal(sig, callback, *args):
    """Call callback(*args) when the signal comes. Main thread only."""
    return check_init().signal(sig, callback, *args)


def event(callback, arg=None, evtype=0, handle=None):
    """pyevent's event; waits after its add()."""
    return check_init().event(callback, arg, evtype, handle)


def call_soon(callback):
    """Call callback() on the loop's thread; may come from any thread. (rel has
    no such function: its timeout() from another thread waits for a tick.)"""
    check_init().engine.post(callback)


def _run():
    global running
    running = True
    try:
        check_init().dispatch()
    finally:
        running = False


def dispatch():
    """Run until nothing is waited for, or abort(). Does nothing when it runs
    already."""
    if not running:
        _run()


def resume():
    """Go on after pause()."""
    dispatch()


def pause():
    """Leave dispatch(), and keep what is waited for."""
    if running:
        registrar.pause()


def loop():
    """One turn, without waiting."""
    check_init().loop()


def abort():
    """Leave dispatch() and wait for no descriptor any more."""
    check_init().abort()


def abort_branch():
    """Leave the present callback, and nothing else."""
    check_init().abort_branch()


def is_running():
    return running


def report():
    """How many timers, signals, reads and writes are waited for."""
    return check_init().report()


def tick():
    """Microseconds of the second in which the last turn began."""
    return check_init().tick


def _thread_wrapper(callback):
    try:
        callback()
    except AbortBranch:
        pass


def thread(callback):
    """Run `callback` in a thread, where abort_branch() ends it."""
    threading.Thread(target=_thread_wrapper, args=(callback,)).start()


def start():
    """dispatch(), with Ctrl-C to leave it."""
    signal(2, abort)
    dispatch()


def stop():
    """Leave dispatch(), or the program when it does not run."""
    if is_running():
        abort()
    else:
        sys.exit()
