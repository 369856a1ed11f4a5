/*
 * What the handshake agrees on about compression (RFC 7692 section 7.1, RFC
 * 6455 section 9.1), in both roles, and the name of every illegal answer.
 */
#include "script.h"

#include <stdlib.h>

#define EXTENSIONS "Sec-WebSocket-Extensions: "

static void defaults(struct hws_proto_options *options, enum hws_role role)
{
    script_options(options, role);
    options->deflate.window_bits = 15;
    options->deflate.threshold = 0;
}

/* The client with `options` offers `offer`. */
static void expect_offer(const struct hws_proto_options *options,
                         const char *offer)
{
    struct hws_proto *p = hws_proto_new(options, 0, NULL);
    assert_non_null(p);
    struct hws_span request = hws_proto_output(p);
    char *text = strndup((const char *)request.data, request.size);
    char *line = strstr(text, EXTENSIONS);
    assert_non_null(line);
    line += strlen(EXTENSIONS);
    line[strcspn(line, "\r")] = 0;
    assert_string_equal(line, offer);
    free(text);
    hws_proto_free(p);
}

TEST(client_offers_what_its_options_say)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    expect_offer(&options, "permessage-deflate; client_max_window_bits=12");
    defaults(&options, HWS_CLIENT);
    expect_offer(&options, "permessage-deflate; client_max_window_bits");
    options.deflate.no_context_takeover = true;
    options.deflate.fallback = true; /* of no use: nothing is demanded */
    expect_offer(&options,
                 "permessage-deflate; client_max_window_bits; "
                 "client_no_context_takeover");
    options.deflate.peer_no_context_takeover = true;
    options.deflate.peer_window_bits = 8;
    options.deflate.window_bits = 9;
    options.deflate.fallback = false;
    expect_offer(&options,
                 "permessage-deflate; client_max_window_bits=9; "
                 "client_no_context_takeover; server_no_context_takeover; "
                 "server_max_window_bits=8");
    options.deflate.no_context_takeover = false;
    options.deflate.fallback = true;
    expect_offer(&options,
                 "permessage-deflate; client_max_window_bits=9; "
                 "server_no_context_takeover; server_max_window_bits=8, "
                 "permessage-deflate; client_max_window_bits=9");
}

TEST(client_that_does_not_compress_offers_nothing)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.deflate.enabled = false;
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    struct hws_span request = hws_proto_output(p);
    char *text = strndup((const char *)request.data, request.size);
    assert_null(strstr(text, EXTENSIONS));
    free(text);
    hws_proto_free(p);
    play_with(&options, "= send text 'a'*300\n> text 'a'*300\n");
}

/* An answer that is fine: messages go compressed, both ways. */
static void accept(const struct hws_proto_options *options, const char *answer)
{
    play_deflated(options, answer,
                  "< deflated text 'hello'\n! text 'hello'\n"
                  "= send text 'h'*50\n> deflated text 'h'*50\n");
}

static void refuse(const struct hws_proto_options *options, const char *lines,
                   const char *fault)
{
    char script[1024];
    snprintf(script, sizeof(script),
             "> http GET *\n"
             "< http " SCRIPT_ANSWER
             "%s|\n"
             "! down handshake http by local sent 0 got 1006: 101 %s\n",
             lines, fault);
    play_handshake(options, script);
}

TEST(client_takes_any_legal_answer)
{
    static const char *const answers[] = {
        "permessage-deflate",
        "permessage-deflate; server_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=\"15\"",
        "permessage-deflate; server_max_window_bits=\"\\1\\5\"",
        "permessage-deflate ;\tserver_max_window_bits = 9",
        "permessage-deflate; client_max_window_bits=8",
        "permessage-deflate; client_max_window_bits=15",
        ", permessage-deflate,",
    };
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        accept(&options, answers[i]);
}

TEST(server_may_do_without_compression)
{
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    play_with(&options,
              "< text 'hello'\n! text 'hello'\n"
              "= send text 'a'*300\n> text 'a'*300\n");
}

TEST(fault_04_extension_that_nobody_offered)
{
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    refuse(&options, EXTENSIONS "x-unknown; a=1|",
           "with an extension that was not offered 'x-unknown; a=1'");
    refuse(&options, EXTENSIONS "permessage-deflate, x-webkit-deflate-frame|",
           "with an extension that was not offered 'x-webkit-deflate-frame'");
    refuse(&options, EXTENSIONS "Permessage-Deflate|",
           "with an extension that was not offered 'Permessage-Deflate'");
    options.deflate.enabled = false;
    refuse(&options, EXTENSIONS "permessage-deflate|",
           "with an extension that was not offered 'permessage-deflate'");
}

TEST(fault_04_permessage_deflate_twice)
{
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    refuse(&options, EXTENSIONS "permessage-deflate, permessage-deflate|",
           "with permessage-deflate twice 'permessage-deflate'");
    refuse(&options,
           EXTENSIONS "permessage-deflate|" EXTENSIONS "permessage-deflate|",
           "with two Sec-WebSocket-Extensions");
}

TEST(fault_04_bad_parameters_of_an_answer)
{
    static const struct {
        const char *params, *fault, *subject;
    } cases[] = {
        {"server_max_window_bits=7", "a bad value in a", "="},
        {"server_max_window_bits=16", "a bad value in a", "="},
        {"server_max_window_bits=08", "a bad value in a", "="},
        {"server_max_window_bits=115", "a bad value in a", "="},
        {"server_max_window_bits=-9", "a bad value in a", "="},
        {"server_max_window_bits=1e1", "a bad value in a", "="},
        {"server_max_window_bits", "a bad value in a", "="},
        {"client_max_window_bits", "a bad value in a", "="},
        {"client_max_window_bits=16", "a bad value in a", "="},
        {"server_no_context_takeover=1", "a bad value in a", "="},
        {"client_no_context_takeover=true", "a bad value in a", "="},
        {"server_max_window_bits=15;15", "an unknown", "15"},
        {"server_max_window_bits=9; server_max_window_bits=9", "a twice",
         "server_max_window_bits=9"},
        {"server_no_context_takeover; server_no_context_takeover", "a twice",
         "server_no_context_takeover"},
        {"max_window_bits=15", "an unknown", "="},
        {"SERVER_NO_CONTEXT_TAKEOVER", "an unknown", "="},
    };
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char lines[256], fault[256];
        const char *subject = cases[i].subject;
        bool twice = strcmp(cases[i].fault, "a twice") == 0;
        subject = strcmp(subject, "=") == 0 ? cases[i].params : subject;
        snprintf(lines, sizeof(lines), EXTENSIONS "permessage-deflate; %s|",
                 cases[i].params);
        snprintf(fault, sizeof(fault),
                 "with %s parameter of permessage-deflate%s '%s'",
                 twice ? "a" : cases[i].fault, twice ? " twice" : "", subject);
        refuse(&options, lines, fault);
    }
}

TEST(fault_04_malformed_list_of_extensions)
{
    static const char *const lists[] = {
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=\"15;15\"",
        "permessage-deflate; server_max_window_bits=\"15",
        "permessage-deflate; server_max_window_bits=\"15\\\"",
        "permessage-deflate; server_max_window_bits=\"1\"5",
        "permessage-deflate; server_max_window_bits=1 5",
        "permessage-deflate;",
        "permessage-deflate;; server_no_context_takeover",
        "permessage-deflate; =9",
        "permessage deflate",
        "; server_no_context_takeover",
    };
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        char lines[256], fault[256];
        snprintf(lines, sizeof(lines), EXTENSIONS "%s|", lists[i]);
        snprintf(fault, sizeof(fault),
                 "with a malformed Sec-WebSocket-Extensions '%s'", lists[i]);
        refuse(&options, lines, fault);
    }
    refuse(&options, EXTENSIONS "|",
           "with a malformed Sec-WebSocket-Extensions");
    refuse(&options, EXTENSIONS ", ,|",
           "with a malformed Sec-WebSocket-Extensions");
}

/* RFC 7692 sections 7.1.1.1, 7.1.1.2 and 7.1.2.1: these a server may add
 * without having been asked. */
TEST(fault_04_unoffered_parameters_that_a_server_may_add)
{
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    accept(&options, "permessage-deflate; client_no_context_takeover");
    accept(&options, "permessage-deflate; server_max_window_bits=10");
    play_deflated(&options, "permessage-deflate; server_no_context_takeover",
                  "< afresh text 'hello'\n! text 'hello'\n"
                  "< afresh text 'hello'\n! text 'hello'\n");
}

TEST(client_insists_on_what_it_demanded)
{
    struct hws_proto_options options;
    defaults(&options, HWS_CLIENT);
    options.deflate.peer_no_context_takeover = true;
    refuse(&options, EXTENSIONS "permessage-deflate|",
           "without the demanded parameter of permessage-deflate "
           "'server_no_context_takeover'");
    options.deflate.peer_no_context_takeover = false;
    options.deflate.peer_window_bits = 10;
    refuse(&options, EXTENSIONS "permessage-deflate|",
           "with a larger window than was demanded with "
           "'server_max_window_bits'");
    refuse(&options,
           EXTENSIONS "permessage-deflate; server_max_window_bits=11|",
           "with a larger window than was demanded with "
           "'server_max_window_bits'");
    accept(&options, "permessage-deflate; server_max_window_bits=10");
    accept(&options, "permessage-deflate; server_max_window_bits=9");
    options.deflate.fallback = true;
    accept(&options, "permessage-deflate");
}

/* The server with `options` gives `answer` ("": none) to the offers. */
static void expect_answer(const struct hws_proto_options *options,
                          const char *offers, const char *answer)
{
    char script[1024];
    snprintf(script, sizeof(script),
             "< http " SCRIPT_REQUEST EXTENSIONS
             "%s||\n"
             "> http HTTP/1.1 101 Switching Protocols|Upgrade: websocket|"
             "Connection: Upgrade|"
             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=|%s%s%s|\n"
             "! up\n",
             offers, *answer ? EXTENSIONS : "", answer, *answer ? "|" : "");
    play_handshake(options, script);
}

TEST(server_agrees_to_what_it_can_honour)
{
    struct hws_proto_options options;
    defaults(&options, HWS_SERVER);
    expect_answer(&options, "permessage-deflate", "permessage-deflate");
    expect_answer(&options, "permessage-deflate; client_max_window_bits",
                  "permessage-deflate");
    expect_answer(&options, "permessage-deflate; client_max_window_bits=10",
                  "permessage-deflate; client_max_window_bits=10");
    expect_answer(&options, "permessage-deflate; server_max_window_bits=8",
                  "permessage-deflate; server_max_window_bits=8");
    expect_answer(&options, "permessage-deflate; server_max_window_bits=\"15\"",
                  "permessage-deflate; server_max_window_bits=15");
    expect_answer(&options,
                  "permessage-deflate; client_no_context_takeover; "
                  "server_no_context_takeover",
                  "permessage-deflate; server_no_context_takeover; "
                  "client_no_context_takeover");
    options.deflate.window_bits = 12;
    expect_answer(&options, "permessage-deflate",
                  "permessage-deflate; server_max_window_bits=12");
    expect_answer(&options, "permessage-deflate; server_max_window_bits=13",
                  "permessage-deflate; server_max_window_bits=12");
}

TEST(server_takes_the_first_offer_that_it_can_honour)
{
    struct hws_proto_options options;
    defaults(&options, HWS_SERVER);
    expect_answer(&options,
                  "x-other; q=\"a\\-b\"; r, "
                  "permessage-deflate; server_max_window_bits=7, "
                  "permessage-deflate; unknown, "
                  "permessage-deflate; server_max_window_bits, "
                  "permessage-deflate; client_max_window_bits=16, "
                  "permessage-deflate; client_no_context_takeover=1, "
                  "permessage-deflate; server_max_window_bits=9; "
                  "server_max_window_bits=9, "
                  "permessage-deflate; server_max_window_bits=11, "
                  "permessage-deflate",
                  "permessage-deflate; server_max_window_bits=11");
    expect_answer(&options,
                  "x-other|" EXTENSIONS
                  "permessage-deflate; server_max_window_bits=9",
                  "permessage-deflate; server_max_window_bits=9");
    expect_answer(&options, "permessage-deflate; server_max_window_bits=7", "");
    expect_answer(&options, "x-other", "");
    options.deflate.enabled = false;
    expect_answer(&options, "permessage-deflate", "");
}

TEST(server_limits_the_window_only_of_clients_that_allow_it)
{
    struct hws_proto_options options;
    defaults(&options, HWS_SERVER);
    options.deflate.peer_window_bits = 10;
    options.deflate.peer_no_context_takeover = true;
    expect_answer(&options, "permessage-deflate", "");
    expect_answer(&options,
                  "permessage-deflate, "
                  "permessage-deflate; client_max_window_bits=12",
                  "permessage-deflate; client_no_context_takeover; "
                  "client_max_window_bits=10");
    options.deflate.fallback = true;
    expect_answer(&options, "permessage-deflate",
                  "permessage-deflate; client_no_context_takeover");
}

TEST(server_refuses_a_malformed_list)
{
    struct hws_proto_options options;
    defaults(&options, HWS_SERVER);
    for (int enabled = 0; enabled < 2; enabled++) {
        options.deflate.enabled = enabled;
        play_handshake(&options,
                       "< http " SCRIPT_REQUEST EXTENSIONS
                       "permessage-deflate, x; a=\"1||\n"
                       "> http HTTP/1.1 400 Bad Request|*\n"
                       "= lost eof\n"
                       "! down handshake http by local sent 0 got 1006: "
                       "request with a malformed Sec-WebSocket-Extensions "
                       "'x; a=\"1'\n");
    }
}

TEST(options_out_of_range_are_named)
{
    struct hws_proto_options options;
    struct hws_fault fault;
    struct {
        int *value, bad;
        const char *text;
    } cases[] = {
        {&options.deflate.window_bits, 7,
         "option 'deflate.window_bits' must be 8 to 15, not 7"},
        {&options.deflate.peer_window_bits, 16,
         "option 'deflate.peer_window_bits' must be 8 to 15, not 16"},
        {&options.deflate.level, 0,
         "option 'deflate.level' must be 1 to 9, not 0"},
        {&options.deflate.memory_level, 10,
         "option 'deflate.memory_level' must be 1 to 9, not 10"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        script_options(&options, i % 2 ? HWS_SERVER : HWS_CLIENT);
        *cases[i].value = cases[i].bad;
        assert_null(hws_proto_new(&options, 0, &fault));
        assert_int_equal(fault.status, HWS_E_ARGUMENT);
        assert_string_equal(fault.text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(client_offers_what_its_options_say),
        RUN(client_that_does_not_compress_offers_nothing),
        RUN(client_takes_any_legal_answer),
        RUN(server_may_do_without_compression),
        RUN(fault_04_extension_that_nobody_offered),
        RUN(fault_04_permessage_deflate_twice),
        RUN(fault_04_bad_parameters_of_an_answer),
        RUN(fault_04_malformed_list_of_extensions),
        RUN(fault_04_unoffered_parameters_that_a_server_may_add),
        RUN(client_insists_on_what_it_demanded),
        RUN(server_agrees_to_what_it_can_honour),
        RUN(server_takes_the_first_offer_that_it_can_honour),
        RUN(server_limits_the_window_only_of_clients_that_allow_it),
        RUN(server_refuses_a_malformed_list),
        RUN(options_out_of_range_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
