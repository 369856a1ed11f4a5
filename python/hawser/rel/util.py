"""Words for the log, and channels on which parts of a program speak."""
verbose = False
LOUD = True
listeners = {}
happenings = {}
_PAST = "transpired"


def set_verbose(isverb):
    """Whether log() prints."""
    global verbose
    verbose = isverb
    log(f"set_verbose {isverb}")


def log(text):
    if verbose:
        print("rel", text)


def loudListen(isloud):
    """Whether a channel without listeners is worth a word in the log."""
    global LOUD
    LOUD = isloud


def notListening(variety, channel):
    if LOUD:
        log(f"{variety}({channel}): no one's listening")


class Basic:
    """A thing with a name in the log."""

    def log(self, *msg):
        if verbose:
            subname = getattr(self, "subname", None)
            name = type(self).__name__ + (f"({subname})" if subname else "")
            log(f"{name} : {' '.join(map(str, msg))}")


def listen(channel, cb):
    """Call `cb` with whatever is emitted on the channel."""
    listeners.setdefault(channel, []).append(cb)


def emit(channel, *args, **kwargs):
    """Call every listener of the channel."""
    for cb in listeners.get(channel, ()):
        cb(*args, **kwargs)
    if channel not in listeners:
        notListening("emit", channel)


def ask(channel, *args, **kwargs):
    """What the first listener of the channel answers."""
    for cb in listeners.get(channel, ()):
        return cb(*args, **kwargs)
    return notListening("ask", channel)


def when(event, cb, *args, **kwargs):
    """Call `cb` when the event transpires, or now if it has."""
    waiting = happenings.setdefault(event, [])
    if waiting == _PAST:
        cb(*args, **kwargs)
    else:
        waiting.append((cb, args, kwargs))


def transpire(event):
    """The event happens, once and for all."""
    waiting = happenings.get(event, [])
    if waiting == _PAST:
        return
    happenings[event] = _PAST
    for cb, args, kwargs in waiting:
        cb(*args, **kwargs)
