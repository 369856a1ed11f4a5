"""The interface of websocket-client, by hawser.

    import hawser.websocket as websocket

Names, arguments, the order of callbacks, exceptions and return values are
those of websocket-client 1.9; what hangs there, storms, leaks, spins, loses a
close code or lies about an error, does not here.
"""
from . import (_abnf, _app, _cookiejar, _core, _dispatcher,  # noqa: F401
               _exceptions, _handshake, _http, _logging, _socket, _ssl_compat,
               _url, _utils)
from ._abnf import *  # noqa: F401,F403
from ._app import WebSocketApp, set_reconnect, setReconnect  # noqa: F401
from ._core import WebSocket, create_connection
from ._exceptions import *  # noqa: F401,F403
from ._logging import (debug, dump, enableTrace, error,  # noqa: F401
                       isEnabledForDebug, isEnabledForError,
                       isEnabledForTrace, trace, warning)
from ._socket import (DEFAULT_SOCKET_OPTION, getdefaulttimeout,  # noqa: F401
                      recv, recv_line, send, setdefaulttimeout, sock_opt)

__version__ = "1.9.0"
