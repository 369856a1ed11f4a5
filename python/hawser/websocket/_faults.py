"""hawser's faults as the exceptions that websocket-client would raise."""
import errno
import os

from ._exceptions import (WebSocketAddressException,
                          WebSocketBadStatusException,
                          WebSocketConnectionClosedException,
                          WebSocketException, WebSocketPayloadException,
                          WebSocketProtocolException, WebSocketProxyException,
                          WebSocketTimeoutException)
from ._ssl_compat import SSLError, ssl

_BY_STATUS = {
    "closed": WebSocketConnectionClosedException,
    "eof": WebSocketConnectionClosedException,
    "http": WebSocketException,
    "handshake": WebSocketException,
    "protocol": WebSocketProtocolException,
    "too-big": WebSocketProtocolException,
    "utf8": WebSocketPayloadException,
    "resolve": WebSocketAddressException,
    "timeout": WebSocketTimeoutException,
    "silent": WebSocketTimeoutException,
    "argument": ValueError,
}


def exception_of(down):
    """The exception that says why a connection, or an attempt, is over. The
    fault itself is its __cause__."""
    fault = down["fault"]
    error = _exception_of(fault, down)
    error.__cause__ = fault
    return error


def _exception_of(fault, down):
    if fault.phase == "proxy":
        return WebSocketProxyException(str(fault))
    if fault.status == "refused":
        return _bad_status(down)
    if fault.status == "certificate":
        return _certificate(fault)
    if fault.status == "tls":
        return SSLError(1, str(fault))
    if fault.status == "closed":
        return closed(down["received_code"], down["reason"])
    if fault.status == "eof":
        return WebSocketConnectionClosedException(
            "Connection to remote host was lost.")
    if fault.status in _BY_STATUS:
        return _BY_STATUS[fault.status](str(fault))
    if fault.os_error or fault.status == "reset":
        return _os_error(fault)
    return WebSocketException(str(fault))


def closed(code, reason):
    """The exception for a close frame of the peer; has `code` (that of 1.9.2
    has `status_code`) and `reason`."""
    words = f" ({code}{' ' + reason if reason else ''})" if code else ""
    error = WebSocketConnectionClosedException(
        f"Connection was closed by the peer{words}.")
    error.code = error.status_code = code
    error.reason = reason
    return error


def _os_error(fault):
    number = fault.os_error or errno.ECONNRESET
    # OSError() itself chooses ConnectionRefusedError and its like.
    return OSError(number, f"{os.strerror(number)}: {fault}")


def _certificate(fault):
    kind = getattr(ssl, "SSLCertVerificationError", SSLError)
    error = kind(1, str(fault))
    error.verify_code = fault.tls_verify
    error.verify_message = str(fault)
    return error


def _bad_status(down):
    status, headers, reason = parse_head(down["head"])
    body = down["body"]
    return WebSocketBadStatusException(
        f"Handshake status {status} {reason} -+-+- {headers} -+-+- {body}",
        status, reason, headers, body)


def parse_head(head):
    """(status, headers, reason) of an HTTP head, as read_headers() gives
    them."""
    lines = head.decode("utf-8", "replace").split("\r\n")
    words = lines[0].split(" ", 2)
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name, value = name.strip().lower(), value.strip()
        if name == "set-cookie" and name in headers:
            value = headers[name] + "; " + value
        headers[name] = value
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    return status, headers, words[2] if len(words) > 2 else None
