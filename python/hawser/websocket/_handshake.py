"""The opening handshake (RFC 6455 section 4) on a connected socket."""
import hashlib
import hmac
import os
from base64 import b64encode, encodebytes as base64encode
from http import HTTPStatus

from ._cookiejar import SimpleCookieJar
from ._exceptions import WebSocketBadStatusException, WebSocketException
from ._http import read_headers
from ._logging import dump, error
from ._socket import send

__all__ = ["handshake_response", "handshake", "SUPPORTED_REDIRECT_STATUSES"]

VERSION = 13
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BODY_MAX = 65536

SUPPORTED_REDIRECT_STATUSES = (
    HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
SUCCESS_STATUSES = SUPPORTED_REDIRECT_STATUSES + (
    HTTPStatus.SWITCHING_PROTOCOLS,)

CookieJar = SimpleCookieJar()


class handshake_response:
    """What the server answered."""

    def __init__(self, status, headers, subprotocol):
        self.status = status
        self.headers = headers
        self.subprotocol = subprotocol
        CookieJar.add(headers.get("set-cookie"))


def handshake(sock, url, hostname, port, resource, **options):
    """Ask for a WebSocket, and check the answer."""
    lines, key = _get_handshake_headers(resource, url, hostname, port, options)
    request = "\r\n".join(lines)
    dump("request header", request)
    data = request.encode("utf-8")
    while data:
        data = data[send(sock, data):]
    status, headers = _get_resp_headers(sock)
    if status in SUPPORTED_REDIRECT_STATUSES:
        return handshake_response(status, headers, None)
    success, subprotocol = _validate(headers, key,
                                     options.get("subprotocols"))
    if not success:
        raise WebSocketException("Invalid WebSocket Header")
    return handshake_response(status, headers, subprotocol)


def _pack_hostname(hostname):
    return f"[{hostname}]" if ":" in hostname else hostname


def _header_lines(header):
    """A dict or a list of lines, as lines. None values are left out."""
    if not header:
        return []
    if isinstance(header, dict):
        return [f"{name}: {value}" for name, value in header.items()
                if value is not None]
    return list(header)


def _get_handshake_headers(resource, url, host, port, options):
    """(lines of the request, its key)"""
    lines = [f"GET {resource} HTTP/1.1", "Upgrade: websocket"]
    hostport = _pack_hostname(host)
    if port not in (80, 443):
        hostport += f":{port}"
    lines.append(f"Host: {options.get('host') or hostport}")
    if not options.get("suppress_origin"):
        scheme = "https" if url.split(":", 1)[0] == "wss" else "http"
        origin = options.get("origin")
        lines.append(f"Origin: {origin}" if origin
                     else f"Origin: {scheme}://{hostport}")
    header = options.get("header")
    given = header if header else {}
    key = _create_sec_websocket_key()
    if "Sec-WebSocket-Key" in given:
        key = given["Sec-WebSocket-Key"]
    else:
        lines.append(f"Sec-WebSocket-Key: {key}")
    if "Sec-WebSocket-Version" not in given:
        lines.append(f"Sec-WebSocket-Version: {VERSION}")
    lines.append(options.get("connection") or "Connection: Upgrade")
    if options.get("subprotocols"):
        lines.append("Sec-WebSocket-Protocol: " +
                     ",".join(options["subprotocols"]))
    lines.extend(_header_lines(header))
    cookies = "; ".join(filter(None, [CookieJar.get(host),
                                      options.get("cookie")]))
    if cookies:
        lines.append(f"Cookie: {cookies}")
    return lines + ["", ""], key


def _get_resp_headers(sock, success_statuses=SUCCESS_STATUSES):
    """(status, headers); raises for another status, with the body's start."""
    status, headers, reason = read_headers(sock)
    if status in success_statuses:
        return status, headers
    body = None
    size = headers.get("content-length", "")
    if size.isdigit():
        body = _read_body(sock, min(int(size), BODY_MAX))
    error(f"Handshake status {status} {reason}")
    raise WebSocketBadStatusException(
        f"Handshake status {status} {reason} -+-+- {headers} -+-+- {body}",
        status, reason, headers, body)


def _read_body(sock, size):
    parts = []
    while size > 0:
        part = sock.recv(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _has_token(value, token):
    return token in (word.strip().lower() for word in value.split(","))


def _validate(headers, key, subprotocols):
    """(whether the answer is right, the subprotocol)"""
    if not _has_token(headers.get("upgrade", ""), "websocket") or \
            not _has_token(headers.get("connection", ""), "upgrade"):
        return False, None
    subprotocol = None
    if subprotocols:
        subprotocol = headers.get("sec-websocket-protocol")
        names = [name.lower() for name in subprotocols]
        if not subprotocol or subprotocol.lower() not in names:
            error(f"Invalid subprotocol: {subprotocols}")
            return False, None
        subprotocol = subprotocol.lower()
    accept = headers.get("sec-websocket-accept")
    if not accept:
        return False, None
    if isinstance(key, bytes):
        key = key.decode()
    wanted = b64encode(hashlib.sha1((key + GUID).encode()).digest())
    # Letter for letter: base64 knows upper and lower case.
    success = hmac.compare_digest(wanted, accept.encode())
    return (True, subprotocol) if success else (False, None)


def _create_sec_websocket_key():
    return base64encode(os.urandom(16)).decode("utf-8").strip()
