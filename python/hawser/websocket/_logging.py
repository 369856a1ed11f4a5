"""The logger "websocket", silent until a program wants to hear it."""
import logging

_logger = logging.getLogger("websocket")
_logger.addHandler(logging.NullHandler())
_traceEnabled = False

__all__ = ["enableTrace", "dump", "error", "warning", "info", "debug",
           "trace", "isEnabledForError", "isEnabledForDebug",
           "isEnabledForTrace"]


def enableTrace(traceable, handler=None, level="DEBUG"):
    """Whether headers and frames are written to the logger. The first call
    with True adds `handler` (standard error at first); a handler is never
    added twice."""
    global _traceEnabled
    _traceEnabled = bool(traceable)
    if not traceable:
        return
    if handler is None:
        handler = _standard_handler()
    if handler not in _logger.handlers:
        _logger.addHandler(handler)
    _logger.setLevel(getattr(logging, level))


def _standard_handler():
    for handler in _logger.handlers:
        if type(handler) is logging.StreamHandler:
            return handler
    return logging.StreamHandler()


def dump(title, message):
    if _traceEnabled:
        _logger.debug("--- %s ---", title)
        _logger.debug(message)
        _logger.debug("-----------------------")


def error(msg):
    _logger.error(msg)


def warning(msg):
    _logger.warning(msg)


def info(msg):
    _logger.info(msg)


def debug(msg):
    _logger.debug(msg)


def trace(msg):
    if _traceEnabled:
        _logger.debug(msg)


def isEnabledForError():
    return _logger.isEnabledFor(logging.ERROR)


def isEnabledForDebug():
    return _logger.isEnabledFor(logging.DEBUG)


def isEnabledForTrace():
    return _traceEnabled
