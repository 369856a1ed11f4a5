"""Cookies that servers set, for the life of the program (RFC 6265)."""
import http.cookies


class SimpleCookieJar:
    """Cookies by domain. Only those with a Domain are kept."""

    def __init__(self):
        self.jar = {}

    def _take(self, cookies, replace):
        parsed = http.cookies.SimpleCookie(cookies)
        for morsel in parsed.values():
            domain = morsel.get("domain")
            if not domain:
                continue
            domain = "." + domain.lower().lstrip(".")
            held = self.jar.get(domain)
            if held is None or replace:
                held = self.jar[domain] = http.cookies.SimpleCookie()
            held.update(http.cookies.SimpleCookie(morsel.OutputString()))

    def add(self, set_cookie):
        """Keep what a Set-Cookie says, beside what is held."""
        if set_cookie:
            self._take(set_cookie, replace=False)

    def set(self, set_cookie):
        """Keep it in place of what is held for its domain."""
        if set_cookie:
            self._take(set_cookie, replace=True)

    def get(self, host):
        """What a Cookie header for `host` says, or ""."""
        if not host:
            return ""
        host = host.lower()
        found = {}
        for domain, cookies in self.jar.items():
            if host.endswith(domain) or host == domain[1:]:
                for morsel in cookies.values():
                    found[morsel.key] = morsel.value
        return "; ".join(f"{name}={found[name]}" for name in sorted(found))
