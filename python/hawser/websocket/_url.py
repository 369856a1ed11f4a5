"""URLs of servers and proxies, and which hosts need no proxy."""
import ipaddress
import os
from urllib.parse import unquote, urlparse

from ._exceptions import WebSocketProxyException

__all__ = ["parse_url", "get_proxy_info"]

DEFAULT_NO_PROXY_HOST = ["localhost", "127.0.0.1"]


def parse_url(url):
    """(host, port, resource, is_secure) of a ws:// or wss:// URL."""
    if ":" not in url:
        raise ValueError("url is invalid")
    scheme, rest = url.split(":", 1)
    if scheme not in ("ws", "wss"):
        raise ValueError(f"scheme {scheme} is invalid")
    parsed = urlparse(rest, scheme="http")
    if not parsed.hostname:
        raise ValueError("hostname is invalid")
    is_secure = scheme == "wss"
    port = parsed.port or (443 if is_secure else 80)
    resource = parsed.path or "/"
    if parsed.query:
        resource += "?" + parsed.query
    return parsed.hostname, port, resource, is_secure


def _is_ip_address(addr):
    try:
        ipaddress.ip_address(addr)
    except ValueError:
        return False
    return True


def _is_subnet_address(hostname):
    if "/" not in hostname:
        return False
    try:
        ipaddress.ip_network(hostname, strict=False)
    except ValueError:
        return False
    return True


def _is_address_in_network(ip, net):
    return ipaddress.ip_address(ip) in ipaddress.ip_network(net, strict=False)


def _is_no_proxy_host(hostname, no_proxy):
    """Whether the host is named by the list: as it is, by "*", by a network,
    or by a suffix that begins with a dot."""
    if not no_proxy:
        listed = os.environ.get("no_proxy", os.environ.get("NO_PROXY", ""))
        no_proxy = [entry for entry in listed.replace(" ", "").split(",")
                    if entry] or DEFAULT_NO_PROXY_HOST
    if "*" in no_proxy or hostname in no_proxy:
        return True
    if _is_ip_address(hostname):
        return any(_is_address_in_network(hostname, subnet)
                   for subnet in no_proxy if _is_subnet_address(subnet))
    return any(hostname.endswith(domain) or hostname == domain[1:]
               for domain in no_proxy if domain.startswith("."))


def get_proxy_info(hostname, is_secure, proxy_host=None, proxy_port=0,
                   proxy_auth=None, no_proxy=None, proxy_type="http"):
    """(host, port, auth) of the proxy to be used; (None, 0, None): none. What
    the caller names comes before the environment."""
    if _is_no_proxy_host(hostname, no_proxy):
        return None, 0, None
    if proxy_host:
        if not proxy_port:
            raise WebSocketProxyException(
                "Cannot use port 0 when proxy_host specified")
        return proxy_host, proxy_port, proxy_auth
    name = "https_proxy" if is_secure else "http_proxy"
    value = os.environ.get(name, os.environ.get(name.upper(), "")) \
        .replace(" ", "")
    if not value:
        return None, 0, None
    proxy = urlparse(value)
    auth = (unquote(proxy.username), unquote(proxy.password or "")) \
        if proxy.username else None
    return proxy.hostname, proxy.port, auth
