"""What the options of run_forever() mean to a hawser.Client; and which of them
only a socket of Python's own can honour."""
import base64
import binascii
import os
import socket
from urllib.parse import quote

from ._exceptions import WebSocketException
from ._handshake import CookieJar, _pack_hostname
from ._http import ProxyError, _environment_ca
from ._logging import warning
from ._socket import getdefaulttimeout
from ._ssl_compat import ssl
from ._url import get_proxy_info, parse_url

# websocket-client has no limits; these are where memory ends.
MESSAGE_MAX = 1 << 30
SEND_QUEUE_MAX = 64 << 20
CLOSE_DELAY = 3  # what close() waits for the peer
REDIRECTS_MAX = 3

_CORE_TLS = {"ca_certs", "ca_cert_path", "certfile", "keyfile", "cert_reqs"}
_CORE_SOCKET = {
    (socket.SOL_SOCKET, socket.SO_RCVBUF): "receive_buffer",
    (socket.SOL_SOCKET, socket.SO_SNDBUF): "send_buffer",
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE): "keep_alive",
    (socket.IPPROTO_TCP, socket.TCP_NODELAY): "no_delay",
}
for _name, _option in (("TCP_KEEPIDLE", "keep_idle"),
                       ("TCP_KEEPINTVL", "keep_interval"),
                       ("TCP_KEEPCNT", "keep_count")):
    if hasattr(socket, _name):
        _CORE_SOCKET[socket.IPPROTO_TCP, getattr(socket, _name)] = _option

_OWN_HEADERS = ("upgrade", "connection", "sec-websocket-version",
                "sec-websocket-extensions", "sec-websocket-accept")


class Target:
    """A ws:// or wss:// URL in its parts."""

    def __init__(self, url):
        self.host, self.port, resource, self.is_secure = parse_url(url)
        self.resource = quote(resource, safe="/?#[]@!$&'()*+,;=:%-._~|\"<>"
                                             "\\^`{}").replace('"', "%22")
        self.scheme = "wss" if self.is_secure else "ws"
        self.authority = _pack_hostname(self.host)
        if self.port != (443 if self.is_secure else 80):
            self.authority += f":{self.port}"
        self.url = f"{self.scheme}://{self.authority}{self.resource}"
        self.origin = f"{'https' if self.is_secure else 'http'}://" \
                      f"{self.authority}"


def header_pairs(header):
    """(name, value) of each line of a list, or of each entry of a dict that is
    not None."""
    if not header:
        return []
    if isinstance(header, dict):
        return [(name, str(value)) for name, value in header.items()
                if value is not None]
    pairs = []
    for line in [header] if isinstance(header, str) else header:
        name, colon, value = line.partition(":")
        if not colon:
            raise WebSocketException(f"a header line has no colon: {line!r}")
        pairs.append((name.strip(), value.strip()))
    return pairs


class Request:
    """What one attempt asks the server for."""

    def __init__(self, target, app, options):
        self.key = None
        self.subprotocols = list(app.subprotocols or [])
        self.compresses = False
        self.headers = []
        if options.get("host"):
            self.headers.append(("Host", options["host"]))
        if not options.get("suppress_origin"):
            self.headers.append(
                ("Origin", options.get("origin") or target.origin))
        header = app.header() if callable(app.header) else app.header
        for name, value in header_pairs(header):
            self._add(name, value)
        cookies = "; ".join(filter(None, [CookieJar.get(target.host),
                                          app.cookie]))
        if cookies:
            self.headers.append(("Cookie", cookies))

    def _add(self, name, value):
        lower = name.lower()
        if lower == "sec-websocket-key":
            self.key = value
        elif lower == "sec-websocket-protocol":
            self.subprotocols += [word.strip() for word in value.split(",")]
        elif lower == "sec-websocket-extensions" and \
                value.lower().startswith("permessage-deflate"):
            self.compresses = True
        elif lower in _OWN_HEADERS:
            warning(f"header {name!r} is the library's own, and left out")
        else:
            self._drop(lower if lower in ("host", "origin") else None)
            self.headers.append((name, value))

    def _drop(self, name):
        self.headers = [pair for pair in self.headers
                        if pair[0].lower() != name]


def needs_python(target, app, options):
    """Why only a Python socket will do, or None."""
    if app.prepared_socket:
        return "socket"
    for level, name, *_ in options.get("sockopt") or ():
        if (level, name) not in _CORE_SOCKET:
            return "sockopt"
    if not target.is_secure:
        return None
    sslopt = options.get("sslopt") or {}
    verify = sslopt.get("cert_reqs", ssl.CERT_REQUIRED)
    if verify == ssl.CERT_NONE and not sslopt.get("check_hostname"):
        sslopt = {key: value for key, value in sslopt.items()
                  if key != "check_hostname"}
    elif sslopt.get("check_hostname") is True:
        sslopt = {key: value for key, value in sslopt.items()
                  if key != "check_hostname"}
    if set(sslopt) - _CORE_TLS or verify == ssl.CERT_OPTIONAL:
        return "sslopt"
    return None


def tcp_options(sockopt):
    """setsockopt() tuples as options of the client."""
    found = {}
    for level, name, value in sockopt or ():
        found[_CORE_SOCKET[level, name]] = value
    return found


def tls_options(sslopt):
    sslopt = {**(sslopt or {})}
    sslopt.update(_environment_ca(sslopt))
    found = {
        "tls_verify": sslopt.get("cert_reqs",
                                 ssl.CERT_REQUIRED) != ssl.CERT_NONE,
        "tls_ca_file": sslopt.get("ca_certs"),
        "tls_ca_path": sslopt.get("ca_cert_path"),
        "tls_certificate": sslopt.get("certfile"),
        "tls_private_key": sslopt.get("keyfile") or sslopt.get("certfile"),
        "tls_key_log": os.environ.get("SSLKEYLOGFILE"),
    }
    return {name: value if isinstance(value, bool) else os.fspath(value)
            for name, value in found.items() if value is not None}


def proxy_options(target, options):
    """The proxy by the options, else by the environment, as a URL."""
    kind = options.get("proxy_type") or "http"
    if kind not in ("http", "socks4", "socks4a", "socks5", "socks5h"):
        raise ProxyError(
            "Only http, socks4, socks5 proxy protocols are supported")
    host, port, auth = get_proxy_info(
        target.host, target.is_secure, options.get("http_proxy_host"),
        options.get("http_proxy_port") or 0, options.get("http_proxy_auth"),
        options.get("http_no_proxy"))
    if not host:
        return {"proxy": ""}
    login = ""
    if auth:
        login = ":".join(quote(word or "", safe="") for word in auth) + "@"
    found = {"proxy": f"{kind}://{login}{_pack_hostname(host)}:{port or 80}"}
    if options.get("http_proxy_timeout"):
        found["proxy_delay"] = options["http_proxy_timeout"]
    return found


def time_options():
    """setdefaulttimeout() bounds every part of an attempt."""
    timeout = getdefaulttimeout()
    if not timeout:
        return {}
    return {"open_delay": timeout, "connect_delay": timeout,
            "resolve_delay": timeout, "handshake_delay": timeout}


def client_options(target, request, app, options):
    """Keywords for hawser.Client."""
    skips = bool(options.get("skip_utf8_validation"))
    found = {
        "url": target.url, "headers": request.headers,
        "subprotocols": request.subprotocols, "retry": False,
        "redirects_max": REDIRECTS_MAX, "message_size_max": MESSAGE_MAX,
        "send_queue_max": SEND_QUEUE_MAX, "send_queue_high": 1 << 20,
        "close_delay": CLOSE_DELAY, "ping_delay": None,
        # websocket-client offers none: what a server sees stays the same.
        "deflate": request.compresses,
        "text_unchecked": skips, "decode": not skips,
        "opcodes": skips and bool(app.on_data), **time_options(),
    }
    if app.on_cont_message:
        found["chunk_size"] = MESSAGE_MAX
    if app.get_mask_key or request.key:
        found["on_random"] = Chance(app.get_mask_key, request.key)
    return found


class Chance:
    """Random bytes: those of a key that the program chose, where one is made,
    and those of its get_mask_key()."""

    def __init__(self, get_mask_key, key):
        self.get_mask_key = get_mask_key
        self.nonce = _nonce(key) if key else None

    def __call__(self, size):
        if self.nonce is not None and size == len(self.nonce):
            return self.nonce
        if self.get_mask_key is None or size % 4:
            return os.urandom(size)
        return b"".join(_mask(self.get_mask_key)
                        for _ in range(0, size, 4))


def _mask(get_mask_key):
    mask = get_mask_key(4)
    return mask.encode("latin-1") if isinstance(mask, str) else bytes(mask)


def _nonce(key):
    try:
        nonce = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        nonce = b""
    if len(nonce) != 16:
        raise ValueError(f"Sec-WebSocket-Key {key!r} is not the base64 of 16 "
                         "bytes, as RFC 6455 section 4.1 has it")
    return nonce
