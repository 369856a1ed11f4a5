"""Reading from and writing to a socket that has a timeout, whatever object it
is; and the options that every socket gets."""
import errno
import selectors
import socket

from ._exceptions import (WebSocketConnectionClosedException,
                          WebSocketTimeoutException)
from ._ssl_compat import SSLError, SSLWantReadError, SSLWantWriteError
from ._utils import extract_error_code, extract_err_message

DEFAULT_SOCKET_OPTION = [(socket.SOL_TCP, socket.TCP_NODELAY, 1),
                         (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
for _name, _value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10),
                      ("TCP_KEEPCNT", 3)):
    if hasattr(socket, _name):
        DEFAULT_SOCKET_OPTION.append(
            (socket.SOL_TCP, getattr(socket, _name), _value))

__all__ = ["DEFAULT_SOCKET_OPTION", "sock_opt", "setdefaulttimeout",
           "getdefaulttimeout", "recv", "recv_line", "send"]

_default_timeout = None


class sock_opt:
    """What a connection's socket is made with."""

    def __init__(self, sockopt, sslopt):
        self.sockopt = [] if sockopt is None else sockopt
        self.sslopt = {} if sslopt is None else sslopt
        self.timeout = None


def setdefaulttimeout(timeout):
    """Seconds for connections that name none; None: for ever."""
    global _default_timeout
    if timeout is None or isinstance(timeout, (int, float)):
        _default_timeout = timeout


def getdefaulttimeout():
    return _default_timeout


def _wait(sock, event, timeout):
    """Wait until the socket is ready; False after the timeout."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, event)
        return bool(selector.select(timeout))


def _is_again(error):
    return extract_error_code(error) in (errno.EAGAIN, errno.EWOULDBLOCK)


def _timed_out(error):
    return WebSocketTimeoutException(
        extract_err_message(error) if error and
        extract_err_message(error) else "Connection timed out")


def _try(sock, call, event):
    """call() when it goes at once, or when the socket has become ready."""
    try:
        return call()
    except SSLWantReadError:
        event = selectors.EVENT_READ
    except SSLWantWriteError:
        event = selectors.EVENT_WRITE
    except socket.timeout as error:
        raise _timed_out(error) from error
    except OSError as error:
        if not _is_again(error):
            raise
    if not _wait(sock, event, sock.gettimeout()):
        raise _timed_out(None)
    return _try(sock, call, event)


def recv(sock, bufsize):
    """Up to `bufsize` bytes; raises at the end of the stream."""
    if not sock:
        raise WebSocketConnectionClosedException("socket is already closed.")
    try:
        if sock.gettimeout() == 0:
            data = sock.recv(bufsize)
        else:
            data = _try(sock, lambda: sock.recv(bufsize),
                        selectors.EVENT_READ)
    except SSLError as error:
        if "timed out" in str(extract_err_message(error)):
            raise _timed_out(error) from error
        raise
    if not data:
        raise WebSocketConnectionClosedException(
            "Connection to remote host was lost.")
    return data


def recv_line(sock):
    """Bytes up to and with the next line end."""
    line = []
    while not line or line[-1] != b"\n":
        line.append(recv(sock, 1))
    return b"".join(line)


def send(sock, data):
    """Send some of `data`; how many bytes."""
    if isinstance(data, str):
        data = data.encode("utf-8")
    if not sock:
        raise WebSocketConnectionClosedException("socket is already closed.")
    if sock.gettimeout() == 0:
        return sock.send(data)
    return _try(sock, lambda: sock.send(data), selectors.EVENT_WRITE)
