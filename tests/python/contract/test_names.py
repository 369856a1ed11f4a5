"""Every public name, argument and class is where programs look for it."""
import importlib.resources
import inspect

import pytest

NAMES = """
__version__ WebSocketApp set_reconnect WebSocket create_connection ABNF
frame_buffer continuous_frame STATUS_NORMAL STATUS_GOING_AWAY
STATUS_PROTOCOL_ERROR STATUS_UNSUPPORTED_DATA_TYPE STATUS_STATUS_NOT_AVAILABLE
STATUS_ABNORMAL_CLOSED STATUS_INVALID_PAYLOAD STATUS_POLICY_VIOLATION
STATUS_MESSAGE_TOO_BIG STATUS_INVALID_EXTENSION STATUS_UNEXPECTED_CONDITION
STATUS_BAD_GATEWAY STATUS_TLS_HANDSHAKE_ERROR WebSocketException
WebSocketProtocolException WebSocketPayloadException
WebSocketConnectionClosedException WebSocketTimeoutException
WebSocketProxyException WebSocketBadStatusException WebSocketAddressException
enableTrace dump error warning debug trace isEnabledForError isEnabledForDebug
isEnabledForTrace DEFAULT_SOCKET_OPTION sock_opt setdefaulttimeout
getdefaulttimeout recv recv_line send
""".split()
SUBMODULES = """_abnf _app _cookiejar _core _dispatcher _exceptions _handshake
_http _logging _socket _ssl_compat _url _utils""".split()


@pytest.mark.since(1, 9)
def test_public_names(ws):
    assert [name for name in NAMES if not hasattr(ws.module, name)] == []


@pytest.mark.since(1, 9)
def test_submodules_are_attributes_and_files(ws):
    for name in SUBMODULES:
        assert getattr(ws.module, name) is ws.part(name)
        assert ws.part(name).__file__


def test_both_names_of_set_reconnect(ours):
    assert ours.set_reconnect is ours.setReconnect


@pytest.mark.since(1, 9)
@pytest.mark.parametrize("path, arguments", [
    ("WebSocketApp.__init__",
     "self url header on_open on_reconnect on_message on_error on_close "
     "on_ping on_pong on_cont_message keep_running get_mask_key cookie "
     "subprotocols on_data socket"),
    ("WebSocketApp.run_forever",
     "self sockopt sslopt ping_interval ping_timeout ping_payload "
     "http_proxy_host http_proxy_port http_no_proxy http_proxy_auth "
     "http_proxy_timeout skip_utf8_validation host origin dispatcher "
     "suppress_origin proxy_type reconnect"),
    ("WebSocketApp.create_dispatcher",
     "self ping_timeout dispatcher is_ssl handleDisconnect"),
    ("WebSocket.__init__",
     "self get_mask_key sockopt sslopt fire_cont_frame enable_multithread "
     "skip_utf8_validation dispatcher _"),
    ("create_connection", "url timeout class_ options"),
    ("enableTrace", "traceable handler level"),
])
def test_arguments_in_their_order(ws, path, arguments):
    thing = ws.module
    for name in path.split("."):
        thing = getattr(thing, name)
    there = list(inspect.signature(thing).parameters)
    if not ws.is_ours and ws.version > (1, 9, 1):
        there = [name for name in there if name != "suppress_host"]
    assert there == arguments.split()


@pytest.mark.since(1, 8)
def test_attributes_of_an_app(ws):
    app = ws.WebSocketApp("ws://x")
    for name in ("url header cookie on_open on_reconnect on_message on_data "
                 "on_error on_close on_ping on_pong on_cont_message "
                 "keep_running get_mask_key sock last_ping_tm last_pong_tm "
                 "ping_thread stop_ping ping_interval ping_timeout "
                 "ping_payload subprotocols prepared_socket has_errored "
                 "has_done_teardown has_done_teardown_lock").split():
        assert hasattr(app, name), name
    assert app.keep_running is False and app.sock is None
    assert app.header == []


def test_exceptions_are_one_family(ws):
    for name in NAMES:
        if name.startswith("WebSocket") and name.endswith("Exception"):
            assert issubclass(getattr(ws, name), ws.WebSocketException)
    assert issubclass(ws.WebSocketException, Exception)


def test_bad_status_keeps_what_came(ws):
    error = ws.WebSocketBadStatusException("words %d %s", 403, "Forbidden")
    assert error.status_code == 403


def test_opcodes(ws):
    assert (ws.ABNF.OPCODE_CONT, ws.ABNF.OPCODE_TEXT, ws.ABNF.OPCODE_BINARY,
            ws.ABNF.OPCODE_CLOSE, ws.ABNF.OPCODE_PING, ws.ABNF.OPCODE_PONG) \
        == (0, 1, 2, 8, 9, 10)


def test_types_are_told(ours):
    folder = importlib.resources.files("hawser")
    assert (folder / "py.typed").is_file()
