/*
 * The opening handshake of a client: what is written, what is accepted, and
 * the name of every refusal.
 */
#include "script.h"

#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|"
#define ASKS "> http GET / *\n"

static void play_client(const char *text)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    play_handshake(&options, text);
}

TEST(request_has_everything_that_the_rfc_asks)
{
    struct hws_proto_options options;
    const char *const names[] = {"chat", "superchat"};
    const struct hws_header headers[] = {{"Origin", "http://x"},
                                         {"X-Key", "1 2"}};
    script_options(&options, HWS_CLIENT);
    options.target = "/feed?a=b";
    options.subprotocols = names;
    options.subprotocol_count = 2;
    options.headers = headers;
    options.header_count = 2;
    play_handshake(&options,
                   "> http GET /feed?a=b HTTP/1.1|Host: x|"
                   "Upgrade: websocket|Connection: Upgrade|"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|"
                   "Sec-WebSocket-Version: 13|"
                   "Sec-WebSocket-Protocol: chat, superchat|"
                   "Sec-WebSocket-Extensions: permessage-deflate; "
                   "client_max_window_bits=12|"
                   "Origin: http://x|X-Key: 1 2||\n"
                   "< http " SCRIPT_ANSWER
                   "Sec-WebSocket-Protocol: chat||\n"
                   "! up 'chat'\n");
}

TEST(callers_host_stands_in_place_of_ours)
{
    struct hws_proto_options options;
    const struct hws_header header = {"host", "other:8080"};
    script_options(&options, HWS_CLIENT);
    options.deflate.enabled = false;
    options.headers = &header;
    options.header_count = 1;
    play_handshake(&options,
                   "> http GET / HTTP/1.1|Upgrade: websocket|"
                   "Connection: Upgrade|"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|"
                   "Sec-WebSocket-Version: 13|host: other:8080||\n");
}

static void assert_refused(const struct hws_proto_options *options,
                           const char *text)
{
    struct hws_fault fault = {.status = HWS_OK};
    assert_null(hws_proto_new(options, 0, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    assert_string_equal(fault.text, text);
}

TEST(headers_that_would_break_the_request_are_refused)
{
    static const struct {
        struct hws_header header;
        const char *text;
    } cases[] = {
        {{"X", "a\r\nEvil: b"}, "header 'X' has a value with control bytes"},
        {{"X", "a\nb"}, "header 'X' has a value with control bytes"},
        {{"Content-Length", "3"},
         "header 'Content-Length' announces a body, and there is none"},
        {{"transfer-encoding", "chunked"},
         "header 'transfer-encoding' announces a body, and there is none"},
        {{"X Y", "a"}, "header 'X Y' is no valid name"},
        {{"X:", "a"}, "header 'X:' is no valid name"},
        {{"", "a"}, "header '' is no valid name"},
        {{"upgrade", "h2c"}, "header 'upgrade' is set by the handshake itself"},
        {{"Connection", "x"},
         "header 'Connection' is set by the handshake itself"},
        {{"Sec-WebSocket-Extensions", "x"},
         "header 'Sec-WebSocket-Extensions' is set by the handshake itself"},
        {{"sec-websocket-key", "x"},
         "header 'sec-websocket-key' is set by the handshake itself"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hws_proto_options options;
        script_options(&options, HWS_CLIENT);
        options.headers = &cases[i].header;
        options.header_count = 1;
        assert_refused(&options, cases[i].text);
    }
}

TEST(hosts_targets_and_subprotocols_are_checked)
{
    struct hws_proto_options options;
    const char *names[] = {"chat", "chat"};
    script_options(&options, HWS_CLIENT);
    options.host = "a b";
    assert_refused(&options, "host 'a b' cannot stand in a request");
    options.host = NULL;
    assert_refused(&options, "host '' cannot stand in a request");
    options.host = "x";
    options.target = "/a b";
    assert_refused(&options, "target '/a b' cannot stand in a request");
    options.target = "no-slash";
    assert_refused(&options, "target 'no-slash' cannot stand in a request");
    options.target = "/a#b";
    assert_refused(&options, "target '/a#b' cannot stand in a request");
    options.target = "/";
    options.subprotocols = names;
    options.subprotocol_count = 2;
    assert_refused(&options, "subprotocol 'chat' cannot stand in a request");
    names[1] = "a,b";
    assert_refused(&options, "subprotocol 'a,b' cannot stand in a request");
}

TEST(fault_1_slow_head_ends_at_the_deadline)
{
    play_client(ASKS
                "< http HTTP/1.1 101 Swit\n"
                "@ 1s\n"
                "< raw 'c'\n"
                "@ 3.9s\n"
                "< raw 'h'\n"
                "@ 0.1s\n"
                "! down timeout http by network sent 0 got 1006: no "
                "complete HTTP answer in time, 19 bytes came\n");
}

TEST(fault_2_heads_are_bounded)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.header_max = 3;
    play_handshake(&options, ASKS
                   "< http HTTP/1.1 101 x|a: 1|b: 2|c: 3|d: 4|\n"
                   "! down too-big http by local *\n");
    options.limits.header_max = 256;
    options.limits.head_size_max = 100;
    play_handshake(&options, ASKS
                   "< raw 'HTTP/1.1 101 x\\x0d\\x0aa: ' 'x'*90\n"
                   "! down too-big http by local *\n");
}

TEST(fault_2_broken_lines_are_refused)
{
    play_client(ASKS "< http HTTP/1.1 101 x|A: 1| folded|" ACCEPT
                     "|\n"
                     "! down http http by local *\n");
    play_client(ASKS
                "< raw 'HTTP/1.1 101 x\\x0aA: 1\\x0a\\x0a'\n"
                "! down http http by local *\n");
    play_client(ASKS
                "< raw 'HTTP/1.1 101 x\\x0d\\x0aA: \\x00\\x0d\\x0a'\n"
                "! down http http by local *\n");
    play_client(ASKS
                "< raw 'SSH-2.0-OpenSSH\\x0d\\x0a\\x0d\\x0a'\n"
                "! down http http by local *\n");
}

#define REFUSES(headers, text)                                               \
    play_client(ASKS "< http HTTP/1.1 101 x|" headers                        \
                     "|\n"                                                   \
                     "! down handshake http by local sent 0 got 1006: " text \
                     "\n")

TEST(fault_3_accept_must_be_exact)
{
    REFUSES("Upgrade: websocket|Connection: Upgrade|",
            "101 without Sec-WebSocket-Accept");
    REFUSES(
        "Upgrade: websocket|Connection: Upgrade|"
        "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=|",
        "101 with the wrong Sec-WebSocket-Accept "
        "'AAAALMBiTxaQ9kYGzzhZRbK+xOo='");
    REFUSES(
        "Upgrade: websocket|Connection: Upgrade|"
        "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=|",
        "101 with the wrong Sec-WebSocket-Accept *");
    REFUSES("Upgrade: websocket|Connection: Upgrade|" ACCEPT ACCEPT,
            "101 with two Sec-WebSocket-Accept");
}

TEST(upgrade_and_connection_must_be_answered)
{
    REFUSES("Connection: Upgrade|" ACCEPT, "101 without 'Upgrade: websocket'");
    REFUSES("Upgrade: h2c|Connection: Upgrade|" ACCEPT,
            "101 without 'Upgrade: websocket'");
    REFUSES("Upgrade: websocket|" ACCEPT, "101 without 'Connection: Upgrade'");
    REFUSES("Upgrade: websocket|Connection: close|" ACCEPT,
            "101 without 'Connection: Upgrade'");
    play_client(ASKS
                "< http HTTP/1.1 101 x|UPGRADE: WebSocket|"
                "connection: keep-alive, uPGRADE|" ACCEPT
                "|\n"
                "! up\n");
}

/* HTTP/1.0 has no upgrade (RFC 9110 section 7.8). */
TEST(answer_older_than_http_1_1_is_refused)
{
    play_client(
        ASKS
        "< http HTTP/1.0 101 x|Upgrade: websocket|Connection: Upgrade|" ACCEPT
        "|\n"
        "! down handshake http by local sent 0 got 1006: "
        "101 in HTTP/1.0\n");
}

TEST(fault_5_subprotocol_that_was_not_offered)
{
    struct hws_proto_options options;
    const char *const names[] = {"a", "b"};
    REFUSES("Upgrade: websocket|Connection: Upgrade|" ACCEPT
            "Sec-WebSocket-Protocol: chat|",
            "101 with a subprotocol that was not offered 'chat'");
    script_options(&options, HWS_CLIENT);
    options.subprotocols = names;
    options.subprotocol_count = 2;
    play_handshake(&options, ASKS "< http " SCRIPT_ANSWER
                                  "Sec-WebSocket-Protocol: a|"
                                  "Sec-WebSocket-Protocol: b||\n"
                                  "! down handshake http by local sent 0 got "
                                  "1006: 101 with more than one subprotocol "
                                  "'a'\n");
    play_handshake(&options, ASKS "< http " SCRIPT_ANSWER
                                  "Sec-WebSocket-Protocol: A||\n"
                                  "! down handshake *\n");
    play_handshake(&options, ASKS "< http " SCRIPT_ANSWER
                                  "Sec-WebSocket-Protocol: a, b||\n"
                                  "! down handshake *\n");
    play_handshake(&options, ASKS "< http " SCRIPT_ANSWER "|\n! up\n");
}

TEST(fault_6_refusal_comes_with_its_body)
{
    play_client(ASKS
                "< http HTTP/1.1 403 Forbidden|Content-Length: 5||\n"
                "< raw 'sorry, and more'\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 403 Forbidden instead of 101 body 'sorry'\n");
    play_client(ASKS
                "< http HTTP/1.1 401 No|Transfer-Encoding: chunked||"
                "3|abc|2|de|0||\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 401 No instead of 101 body 'abcde'\n");
    play_client(ASKS
                "< http HTTP/1.1 401 No|Transfer-Encoding: chunked||"
                "3|abc|2|de, and no line end\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 401 No instead of 101 body 'abcde'\n");
    play_client(ASKS
                "< http HTTP/1.1 200 OK||\n"
                "< raw 'until the end'\n"
                "= lost eof\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 200 OK instead of 101 body 'until the end'\n");
    play_client(ASKS
                "< http HTTP/1.1 404 Not Found|Content-Length: 0||more\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 404 Not Found instead of 101\n");
    play_client(ASKS
                "< http HTTP/1.1 404 Not Found|Content-Length: many||more\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 404 Not Found instead of 101\n");
}

TEST(fault_6_body_is_bounded_in_size_and_time)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.body_size_max = 4;
    play_handshake(&options, ASKS
                   "< http HTTP/1.1 400 x|Content-Length: 10000000000||\n"
                   "< raw 'abcdefgh'\n"
                   "! down refused http by peer sent 0 got 1006: server "
                   "answered 400 x instead of 101 body 'abcd'\n");
    play_handshake(&options, ASKS
                   "< http HTTP/1.1 400 x|Transfer-Encoding: chunked||"
                   "ffff|abcdefgh\n"
                   "! down refused http by peer sent 0 got 1006: server "
                   "answered 400 x instead of 101 body 'abcd'\n");
    play_client(ASKS
                "< http HTTP/1.1 426 x|Content-Length: 10||\n"
                "< raw 'abc'\n"
                "@ 5s\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 426 x instead of 101 body 'abc'\n");
}

TEST(fault_8_redirect_is_named_and_not_followed)
{
    play_client(ASKS
                "< http HTTP/1.1 302 Found|Location: wss://b/c|"
                "Content-Length: 0||\n"
                "! down refused http by peer sent 0 got 1006: server "
                "answered 302 Found instead of 101: redirect to "
                "'wss://b/c' is not followed\n");
}

TEST(fault_9_frames_glued_to_the_answer_are_read)
{
    play_client(ASKS
                "< raw 'HTTP/1.1 101 x\\x0d\\x0aUpgrade: websocket"
                "\\x0d\\x0aConnection: Upgrade\\x0d\\x0a"
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
                "\\x0d\\x0a\\x0d\\x0a\\x81\\x02hi\\x89\\x00'\n"
                "! up\n! text 'hi'\n! ping ''\n> pong ''\n");
}

TEST(fault_10_other_1xx_are_skipped)
{
    char many[1200] = ASKS "< http ";
    play_client(ASKS
                "< http HTTP/1.1 100 Continue||HTTP/1.1 103 Early|"
                "Link: x||" SCRIPT_ANSWER
                "|\n"
                "! up\n");
    for (int i = 0; i < 17; i++)
        strcat(many, "HTTP/1.1 100 Go on||");
    strcat(many,
           "\n! down http http by local sent 0 got 1006: cannot use "
           "the peer's HTTP head: too many 1xx answers\n");
    play_client(many);
}

TEST(loss_during_the_handshake_is_told)
{
    play_client(ASKS
                "< http HTTP/1.1 101 x|\n"
                "= lost eof\n"
                "! down eof http by network sent 0 got 1006: connection "
                "ended before the handshake was done\n");
    play_client(ASKS
                "= send text 'early' -> state\n"
                "= ping 'early' -> state\n"
                "= close 1000\n"
                "! down cancelled local by local sent 0 got 1006: *\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(request_has_everything_that_the_rfc_asks),
        RUN(callers_host_stands_in_place_of_ours),
        RUN(headers_that_would_break_the_request_are_refused),
        RUN(hosts_targets_and_subprotocols_are_checked),
        RUN(fault_1_slow_head_ends_at_the_deadline),
        RUN(fault_2_heads_are_bounded),
        RUN(fault_2_broken_lines_are_refused),
        RUN(fault_3_accept_must_be_exact),
        RUN(upgrade_and_connection_must_be_answered),
        RUN(answer_older_than_http_1_1_is_refused),
        RUN(fault_5_subprotocol_that_was_not_offered),
        RUN(fault_6_refusal_comes_with_its_body),
        RUN(fault_6_body_is_bounded_in_size_and_time),
        RUN(fault_8_redirect_is_named_and_not_followed),
        RUN(fault_9_frames_glued_to_the_answer_are_read),
        RUN(fault_10_other_1xx_are_skipped),
        RUN(loss_during_the_handshake_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
