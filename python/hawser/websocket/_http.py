"""From a URL to a connected socket: addresses, proxies, TLS; and the reading
of HTTP answers."""
import base64
import os
import socket
import sys

from ._exceptions import (WebSocketAddressException, WebSocketException,
                          WebSocketProxyException)
from ._logging import debug, dump, trace
from ._socket import DEFAULT_SOCKET_OPTION, recv_line, send
from ._ssl_compat import HAVE_SSL, ssl
from ._url import get_proxy_info, parse_url

__all__ = ["proxy_info", "connect", "read_headers"]

HEADERS_MAX = 256
LINE_MAX = 65536

try:
    from python_socks import (ProxyConnectionError,  # type: ignore
                              ProxyError, ProxyTimeoutError, ProxyType)
    from python_socks.sync import Proxy  # type: ignore
    HAVE_PYTHON_SOCKS = True
except ImportError:
    HAVE_PYTHON_SOCKS = False

    class ProxyError(Exception):
        """A proxy that cannot be used."""

    class ProxyTimeoutError(Exception):
        """A proxy that did not answer in time."""

    class ProxyConnectionError(Exception):
        """A proxy that could not be reached."""


class proxy_info:
    """What the options say about a proxy."""

    def __init__(self, **options):
        self.proxy_host = options.get("http_proxy_host", None)
        if not self.proxy_host:
            self.proxy_port = 0
            self.auth = None
            self.no_proxy = None
            self.proxy_protocol = "http"
            return
        self.proxy_port = options.get("http_proxy_port", 0)
        self.auth = options.get("http_proxy_auth", None)
        self.no_proxy = options.get("http_no_proxy", None)
        # None means the default: websocket-client fails here.
        self.proxy_protocol = options.get("proxy_type") or "http"
        self.proxy_timeout = options.get("http_proxy_timeout", None)
        if self.proxy_protocol not in ("http", "socks4", "socks4a", "socks5",
                                       "socks5h"):
            raise ProxyError(
                "Only http, socks4, socks5 proxy protocols are supported")


def connect(url, options, proxy, socket):  # pylint: disable=W0621
    """(socket, (host, port, resource)) for a URL. `socket`, when given, is
    taken as it is."""
    host, port, resource, is_secure = parse_url(url)
    if socket:
        return socket, (host, port, resource)
    if proxy.proxy_host and proxy.proxy_protocol != "http":
        sock = _start_proxied_socket(host, port, proxy)
        if is_secure:
            sock = _ssl_socket(sock, options.sslopt, host)
        return sock, (host, port, resource)
    addrinfo_list, need_tunnel, auth = _get_addrinfo_list(
        host, port, is_secure, proxy)
    if not addrinfo_list:
        raise WebSocketException(f"Host not found.: {host}:{port}")
    sock = None
    try:
        sock = _open_socket(addrinfo_list, options.sockopt, options.timeout)
        if need_tunnel:
            sock = _tunnel(sock, host, port, auth)
        if is_secure:
            sock = _ssl_socket(sock, options.sslopt, host)
    except BaseException:
        if sock:
            sock.close()
        raise
    return sock, (host, port, resource)


def _start_proxied_socket(host, port, proxy):
    if not HAVE_PYTHON_SOCKS:
        raise WebSocketException(
            "Python Socks is needed for SOCKS proxying but is not available")
    kind, resolves_there = {
        "socks4": (ProxyType.SOCKS4, False),
        "socks4a": (ProxyType.SOCKS4, True),
        "socks5": (ProxyType.SOCKS5, False),
        "socks5h": (ProxyType.SOCKS5, True),
    }[proxy.proxy_protocol]
    user, password = proxy.auth or (None, None)
    way = Proxy.create(proxy_type=kind, host=proxy.proxy_host,
                       port=int(proxy.proxy_port), username=user,
                       password=password, rdns=resolves_there)
    return way.connect(host, port, timeout=proxy.proxy_timeout)


def _get_addrinfo_list(hostname, port, is_secure, proxy):
    """(addresses, whether they are a proxy's, its user and password)"""
    phost, pport, pauth = get_proxy_info(
        hostname, is_secure, proxy.proxy_host, proxy.proxy_port, proxy.auth,
        proxy.no_proxy)
    try:
        if not phost:
            found = socket.getaddrinfo(hostname, port, 0, socket.SOCK_STREAM,
                                       socket.SOL_TCP)
            return found, False, None
        found = socket.getaddrinfo(phost, pport or 80, 0, socket.SOCK_STREAM,
                                   socket.SOL_TCP)
        return found, True, pauth
    except socket.gaierror as error:
        raise WebSocketAddressException(error) from error


def _open_socket(addrinfo_list, sockopt, timeout):
    """The first address that can be connected. The first failure is told, for
    it is about the address that was preferred."""
    first = None
    for family, kind, proto, _, address in addrinfo_list:
        sock = socket.socket(family, kind, proto)
        try:
            sock.settimeout(timeout)
            for option in DEFAULT_SOCKET_OPTION:
                sock.setsockopt(*option)
            for option in sockopt:
                sock.setsockopt(*option)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            error.remote_ip = str(address[0])
            first = first or error
        except BaseException:
            sock.close()
            raise
    raise first


def _environment_ca(sslopt):
    """WEBSOCKET_CLIENT_CA_BUNDLE names a file or a folder of authorities."""
    bundle = os.environ.get("WEBSOCKET_CLIENT_CA_BUNDLE")
    if not bundle or "ca_certs" in sslopt or "ca_cert" in sslopt:
        return {}
    if os.path.isfile(bundle):
        return {"ca_certs": bundle}
    if os.path.isdir(bundle) and "ca_cert_path" not in sslopt:
        return {"ca_cert_path": bundle}
    return {}


def _load_authorities(context, sslopt):
    cafile = sslopt.get("ca_certs")
    capath = sslopt.get("ca_cert_path")
    if cafile or capath:
        context.load_verify_locations(cafile=cafile, capath=capath)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)


def _make_context(sslopt):
    """An SSLContext as the keys of sslopt say."""
    context = ssl.SSLContext(sslopt.get("ssl_version",
                                        ssl.PROTOCOL_TLS_CLIENT))
    if os.environ.get("SSLKEYLOGFILE") and \
            hasattr(context, "keylog_filename"):
        context.keylog_filename = os.environ["SSLKEYLOGFILE"]
    verify = sslopt.get("cert_reqs", ssl.CERT_REQUIRED)
    if verify != ssl.CERT_NONE:
        _load_authorities(context, sslopt)
    if sslopt.get("certfile"):
        context.load_cert_chain(sslopt["certfile"], sslopt.get("keyfile"),
                                sslopt.get("password"))
    if verify == ssl.CERT_NONE and not sslopt.get("check_hostname", False):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = sslopt.get("check_hostname", True)
        context.verify_mode = verify
    if "ciphers" in sslopt:
        context.set_ciphers(sslopt["ciphers"])
    if "cert_chain" in sslopt:
        context.load_cert_chain(*sslopt["cert_chain"])
    if "ecdh_curve" in sslopt:
        context.set_ecdh_curve(sslopt["ecdh_curve"])
    return context


def _wrap_sni_socket(sock, sslopt, hostname, check_hostname=None):
    del check_hostname  # the context has it
    context = sslopt.get("context") or _make_context(sslopt)
    return context.wrap_socket(
        sock,
        do_handshake_on_connect=sslopt.get("do_handshake_on_connect", True),
        suppress_ragged_eofs=sslopt.get("suppress_ragged_eofs", True),
        server_hostname=hostname)


def _ssl_socket(sock, user_sslopt, hostname):
    if not HAVE_SSL:
        raise WebSocketException("SSL not available.")
    sslopt = {"cert_reqs": ssl.CERT_REQUIRED}
    sslopt.update(user_sslopt)
    sslopt.update(_environment_ca(user_sslopt))
    return _wrap_sni_socket(sock, sslopt,
                            sslopt.get("server_hostname") or hostname)


def _tunnel(sock, host, port, auth):
    """Ask an HTTP proxy for a way to host and port."""
    debug("Connecting proxy...")
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if auth and auth[0]:
        words = auth[0] + (f":{auth[1]}" if auth[1] else "")
        lines.append("Proxy-Authorization: Basic " +
                     base64.b64encode(words.encode()).decode())
    request = "\r\n".join(lines) + "\r\n\r\n"
    # The password stays out of the log.
    dump("request header", "\r\n".join(
        line for line in lines if not line.startswith("Proxy-Auth")))
    _send_all(sock, request.encode())
    try:
        status, _, _ = read_headers(sock)
    except Exception as error:
        raise WebSocketProxyException(str(error)) from error
    if status != 200:
        raise WebSocketProxyException(f"failed CONNECT via proxy status: "
                                      f"{status}")
    return sock


def _send_all(sock, data):
    while data:
        data = data[send(sock, data):]


def read_headers(sock):
    """(status, headers, reason) of an HTTP answer: names in lower case, the
    last of several lines counts, cookies are joined by "; "."""
    status = None
    status_message = None
    headers = {}
    trace("--- response header ---")
    for _ in range(HEADERS_MAX):
        line = _bounded_line(sock).decode("utf-8").strip()
        if not line:
            break
        trace(line)
        if status is None:
            words = line.split(" ", 2)
            status = int(words[1])
            status_message = words[2] if len(words) > 2 else None
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise WebSocketException("Invalid header")
        name, value = name.lower(), value.strip()
        if name == "set-cookie" and headers.get(name):
            value = headers[name] + "; " + value
        headers[name] = value
    else:
        raise WebSocketException(
            f"the answer has more than {HEADERS_MAX} header lines")
    trace("-----------------------")
    return status, headers, status_message


def _bounded_line(sock):
    line = recv_line(sock)
    if len(line) > LINE_MAX:
        raise WebSocketException(f"a header line exceeds {LINE_MAX} bytes")
    return line


assert sys.version_info >= (3, 9)
