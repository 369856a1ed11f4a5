"""Python's ssl, or words to stand for it where Python lacks it."""
try:
    import ssl
    from ssl import SSLEOFError, SSLError, SSLWantReadError, SSLWantWriteError
    HAVE_SSL = True
    HAVE_CONTEXT_CHECK_HOSTNAME = True
except ImportError:  # Python built without OpenSSL
    ssl = None
    HAVE_SSL = False
    HAVE_CONTEXT_CHECK_HOSTNAME = False

    class SSLError(OSError):
        """Stands in for ssl.SSLError."""

    class SSLEOFError(SSLError):
        """Stands in for ssl.SSLEOFError."""

    class SSLWantReadError(SSLError):
        """Stands in for ssl.SSLWantReadError."""

    class SSLWantWriteError(SSLError):
        """Stands in for ssl.SSLWantWriteError."""

__all__ = ["HAVE_SSL", "ssl", "SSLError", "SSLEOFError", "SSLWantReadError",
           "SSLWantWriteError"]
