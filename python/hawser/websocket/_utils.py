"""Small helpers: UTF-8, locks that do nothing, parts of exceptions."""


class NoLock:
    """Stands where a lock would, for programs of one thread."""

    def __enter__(self):
        return None

    def __exit__(self, *exception):
        return None


def validate_utf8(utfbytes):
    """Whether bytes are UTF-8 (RFC 3629), to their very end. Python's own
    decoder judges: no surrogates, no overlong forms, no half a character."""
    try:
        bytes(utfbytes).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def extract_err_message(exception):
    """What an exception says first, or None."""
    return exception.args[0] if getattr(exception, "args", ()) else None


def extract_error_code(exception):
    """The number of an OSError, or None."""
    arguments = getattr(exception, "args", ())
    if len(arguments) > 1 and isinstance(arguments[0], int):
        return arguments[0]
    return None
