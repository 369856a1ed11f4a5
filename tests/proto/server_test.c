/*
 * The opening handshake of a server: which requests are answered, how, and the
 * name of every refusal.
 */
#include "script.h"

#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|"

static void play_server(const char *text)
{
    struct hws_proto_options options;
    script_options(&options, HWS_SERVER);
    play_handshake(&options, text);
}

TEST(server_answers_as_the_rfc_asks)
{
    play_server("< http " SCRIPT_REQUEST
                "|\n"
                "> http HTTP/1.1 101 Switching Protocols|Upgrade: websocket|"
                "Connection: Upgrade|" ACCEPT
                "|\n"
                "! up\n");
}

TEST(server_chooses_by_its_own_order)
{
    struct hws_proto_options options;
    const char *const names[] = {"best", "good"};
    script_options(&options, HWS_SERVER);
    options.subprotocols = names;
    options.subprotocol_count = 2;
    play_handshake(&options, "< http " SCRIPT_REQUEST
                             "Sec-WebSocket-Protocol: bad, good|"
                             "Sec-WebSocket-Protocol: best||\n"
                             "> http HTTP/1.1 101 Switching Protocols|"
                             "Upgrade: websocket|Connection: Upgrade|" ACCEPT
                             "Sec-WebSocket-Protocol: best||\n"
                             "! up 'best'\n");
    play_handshake(&options, "< http " SCRIPT_REQUEST
                             "Sec-WebSocket-Protocol: bad||\n"
                             "> http HTTP/1.1 101 Switching Protocols|"
                             "Upgrade: websocket|Connection: Upgrade|" ACCEPT
                             "|\n"
                             "! up\n");
}

#define HOST "Host: x|"
#define UPGRADE "Upgrade: websocket|"
#define CONNECTION "Connection: Upgrade|"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|"
#define VERSION "Sec-WebSocket-Version: 13|"

TEST(server_refuses_bad_requests_by_name)
{
    static const struct {
        const char *request, *why;
    } cases[] = {
        {"POST / HTTP/1.1|" HOST UPGRADE CONNECTION KEY VERSION, "is not a *"},
        {"GET / HTTP/1.0|" HOST UPGRADE CONNECTION KEY VERSION, "is older *"},
        {"GET * HTTP/1.1|" HOST UPGRADE CONNECTION KEY VERSION,
         "for a target that names no resource"},
        {"GET x:443 HTTP/1.1|" HOST UPGRADE CONNECTION KEY VERSION,
         "for a target that names no resource"},
        {"GET /a#b HTTP/1.1|" HOST UPGRADE CONNECTION KEY VERSION,
         "for a target that names no resource"},
        {"GET / HTTP/1.1|" UPGRADE CONNECTION KEY VERSION, "without exactly *"},
        {"GET / HTTP/1.1|" HOST HOST UPGRADE CONNECTION KEY VERSION,
         "without exactly one Host header"},
        {"GET / HTTP/1.1|" HOST CONNECTION KEY VERSION, "without 'Upgrade: *"},
        {"GET / HTTP/1.1|" HOST UPGRADE KEY VERSION, "without 'Connection: *"},
        {"GET / HTTP/1.1|" HOST UPGRADE CONNECTION VERSION, "without one Sec*"},
        {"GET / HTTP/1.1|" HOST UPGRADE CONNECTION KEY KEY VERSION,
         "without one Sec-WebSocket-Key of 16 bytes"},
        {"GET / HTTP/1.1|" HOST UPGRADE CONNECTION VERSION
         "Sec-WebSocket-Key: c2hvcnQ=|",
         "without one Sec-WebSocket-Key of 16 bytes"},
        {"GET / HTTP/1.1|" HOST UPGRADE CONNECTION VERSION
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==|",
         "without one Sec-WebSocket-Key of 16 bytes"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char script[1024];
        snprintf(script, sizeof(script),
                 "< http %s|\n"
                 "> http HTTP/1.1 400 Bad Request|*\n"
                 "= shut\n"
                 "= lost eof\n"
                 "! down handshake http by local sent 0 got 1006: request %s\n",
                 cases[i].request, cases[i].why);
        play_server(script);
    }
}

TEST(server_names_the_version_that_it_speaks)
{
    play_server("< http GET / HTTP/1.1|" HOST UPGRADE CONNECTION KEY
                "Sec-WebSocket-Version: 8||\n"
                "> http HTTP/1.1 426 Upgrade Required|"
                "Connection: close, Upgrade|Upgrade: websocket|"
                "Sec-WebSocket-Version: 13|*\n"
                "@ 2s\n"
                "! down handshake http by local *\n");
}

TEST(server_answers_garbage)
{
    play_server(
        "< raw '\\x16\\x03\\x01'\n"
        "> http HTTP/1.1 400 *\n"
        "= lost eof\n"
        "! down http http by local *\n");
    play_server(
        "@ 5s\n"
        "! down timeout http by network sent 0 got 1006: no complete "
        "HTTP request in time, 0 bytes came\n");
}

TEST(server_lets_the_caller_answer)
{
    struct hws_proto_options options;
    script_options(&options, HWS_SERVER);
    options.manual_accept = true;
    play_handshake(&options,
                   "= accept -> state\n"
                   "< http " SCRIPT_REQUEST
                   "Sec-WebSocket-Protocol: a, b||\n"
                   "! request '/'\n"
                   "= accept 'c' -> argument\n"
                   "= accept 'b'\n"
                   "> http HTTP/1.1 101 Switching Protocols|"
                   "Upgrade: websocket|Connection: Upgrade|" ACCEPT
                   "Sec-WebSocket-Protocol: b||\n"
                   "! up 'b'\n"
                   "= accept 'b' -> state\n"
                   "< text 'hi'\n"
                   "! text 'hi'\n");
    play_handshake(&options,
                   "< http " SCRIPT_REQUEST
                   "|\n"
                   "! request '/'\n"
                   "= reject 200 -> argument\n"
                   "= reject 403\n"
                   "> http HTTP/1.1 403 Forbidden|Connection: close|"
                   "Content-Length: 2||no\n"
                   "= shut\n"
                   "= lost eof\n"
                   "! down refused http by local sent 0 got 1006: request "
                   "refused with 403\n");
    play_handshake(&options, "< http " SCRIPT_REQUEST
                             "|\n"
                             "! request '/'\n"
                             "< text 'too early'\n"
                             "> http HTTP/1.1 400 *\n"
                             "= lost eof\n"
                             "! down handshake http by local sent 0 got 1006: "
                             "request followed by bytes before its answer\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(server_answers_as_the_rfc_asks),
        RUN(server_chooses_by_its_own_order),
        RUN(server_refuses_bad_requests_by_name),
        RUN(server_names_the_version_that_it_speaks),
        RUN(server_answers_garbage),
        RUN(server_lets_the_caller_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
