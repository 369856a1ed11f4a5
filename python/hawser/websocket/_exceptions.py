"""The exceptions of websocket-client, under its names."""


class WebSocketException(Exception):
    """Any failure of a WebSocket."""


class WebSocketProtocolException(WebSocketException):
    """The peer broke the protocol."""


class WebSocketPayloadException(WebSocketException):
    """The peer sent text that is not UTF-8."""


class WebSocketConnectionClosedException(WebSocketException):
    """The connection is closed, by whomever."""


class WebSocketTimeoutException(WebSocketException):
    """Something took longer than it may."""


class WebSocketProxyException(WebSocketException):
    """The proxy did not let us through."""


class WebSocketBadStatusException(WebSocketException):
    """The server answered the handshake with another status than 101."""

    def __init__(self, message, status_code, status_message=None,
                 resp_headers=None, resp_body=None):
        super().__init__(message)
        self.status_code = status_code
        self.status_message = status_message
        self.resp_headers = resp_headers
        self.resp_body = resp_body


class WebSocketAddressException(WebSocketException):
    """The name of the server has no address."""
