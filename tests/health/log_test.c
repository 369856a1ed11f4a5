/* The log of connections' life: its lines, its rate, and what it hides. */
#include "support/test.h"

#include "health/secret.h"

#include <stdlib.h>

struct paper {
    char text[65536];
    size_t used, lines;
};

static void take(void *user, struct hws_span line)
{
    struct paper *paper = user;
    assert_true(paper->used + line.size < sizeof(paper->text));
    memcpy(paper->text + paper->used, line.data, line.size);
    paper->used += line.size;
    paper->text[paper->used] = '\0';
    paper->lines++;
}

static struct hws_log *new_log(struct paper *paper)
{
    struct hws_log_options options;
    hws_log_options_init(&options);
    *paper = (struct paper){.used = 0};
    options.write = take;
    options.user = paper;
    struct hws_log *log = hws_log_new(&options, NULL);
    assert_non_null(log);
    return log;
}

/* 2026-11-27T07:30:00.123456Z */
#define MOMENT (1795764600123456789)

static const struct hws_log_subject subject = {
    "feed", "wss://u:p@h.example/s?token=abc&x=1", MOMENT};

static void a_line_says_who_when_and_what(void **state)
{
    struct paper paper;
    struct hws_log *log = new_log(&paper);
    struct hws_event up = {.kind = HWS_UP, .at = 5};
    up.up.peer = "192.0.2.1:443";
    up.up.subprotocol = hws_span_text("chat");
    up.up.attempt = 2;
    up.up.connection = 3;
    hws_log_note(log, &subject, &up);
    assert_string_equal(
        paper.text,
        "{\"time\":\"2026-11-27T07:30:00.123456Z\",\"connection\":\"feed\","
        "\"url\":\"wss://***@h.example/s?token=***&x=***\",\"event\":\"up\","
        "\"peer\":\"192.0.2.1:443\",\"subprotocol\":\"chat\",\"attempt\":2,"
        "\"connection_count\":3}\n");
    hws_log_free(log);
    (void)state;
}

static void a_down_has_its_cause_and_what_comes(void **state)
{
    struct paper paper;
    struct hws_log *log = new_log(&paper);
    struct hws_fault fault = {
        .status = HWS_E_RESET, .phase = HWS_PHASE_FRAME, .os_error = 104};
    struct hws_event down = {.kind = HWS_DOWN, .at = HWS_S(10)};
    struct hws_log_subject nameless = {.realtime = MOMENT};
    snprintf(fault.text, sizeof(fault.text),
             "reset by \"h\" on wss://h/?key=secret, after 3 bytes");
    down.down.fault = &fault;
    down.down.by = HWS_PARTY_NETWORK;
    down.down.received_code = 1006;
    down.down.reason = (struct hws_span){(const uint8_t *)"a\n\xff", 3};
    down.down.was_up = true;
    down.down.retry_at = HWS_S(10) + HWS_MS(1500);
    hws_log_note(log, &nameless, &down);
    assert_non_null(
        strstr(paper.text, "\"event\":\"down\",\"by\":\"network\""));
    assert_non_null(strstr(paper.text, "\"status\":\"reset\""));
    assert_non_null(strstr(
        paper.text,
        "\"text\":\"reset by \\\"h\\\" on wss://h/?key=***, after 3 bytes\""));
    assert_non_null(strstr(paper.text, "\"os_error\":104"));
    assert_non_null(strstr(paper.text, "\"reason\":\"a??\""));
    assert_non_null(strstr(paper.text, "\"retry_in\":1.500000000"));
    assert_null(strstr(paper.text, "secret"));
    hws_log_free(log);
    (void)state;
}

static void every_event_of_life_has_a_line_and_data_has_none(void **state)
{
    struct paper paper;
    struct hws_log *log = new_log(&paper);
    struct hws_fault fault = {.status = HWS_E_TIMEOUT};
    struct hws_event e[] = {
        {.kind = HWS_CLOSING, .closing = {.code = 1001}},
        {.kind = HWS_REDIRECT,
         .redirect = {.http_status = 307, .url = "ws://h/?a=b"}},
        {.kind = HWS_WARNING, .warning = {.fault = &fault}},
        {.kind = HWS_STALE, .at = 7, .stale = {.since = 2}},
        {.kind = HWS_FRESH, .at = 7, .stale = {.since = 2}},
        {.kind = HWS_VERDICT,
         .verdict = {HWS_VERDICT_APP, HWS_VERDICT_OK, "busy"}},
        {.kind = HWS_ALARM,
         .alarm = {HWS_ALARM_LAG, true, HWS_MS(20), HWS_MS(10)}},
        {.kind = HWS_HIGH_WATER, .water = {.queued = 9}},
        {.kind = HWS_LOW_WATER, .water = {.queued = 1}},
    };
    for (size_t i = 0; i < sizeof(e) / sizeof(*e); i++) {
        size_t lines = paper.lines;
        hws_log_note(log, &subject, &e[i]);
        assert_int_equal(paper.lines, lines + 1);
    }
    assert_non_null(strstr(paper.text, "\"to\":\"ws://h/?a=***\""));
    assert_non_null(strstr(paper.text, "\"value\":0.020000000"));
    struct hws_event data[] = {
        {.kind = HWS_MESSAGE}, {.kind = HWS_PING}, {.kind = HWS_PONG}};
    size_t lines = paper.lines;
    for (size_t i = 0; i < 3; i++)
        hws_log_note(log, &subject, &data[i]);
    assert_int_equal(paper.lines, lines);
    hws_log_free(log);
    (void)state;
}

static void a_storm_is_cut_and_its_size_is_said(void **state)
{
    struct paper paper;
    struct hws_log *log = new_log(&paper);
    struct hws_event e = {.kind = HWS_LOW_WATER, .at = HWS_S(100)};
    for (unsigned i = 0; i < 1000; i++)
        hws_log_note(log, &subject, &e);
    assert_int_equal(paper.lines, 100);
    e.at += HWS_MS(99);
    hws_log_note(log, &subject, &e);
    assert_int_equal(paper.lines, 100);
    e.at += HWS_MS(1);
    hws_log_note(log, &subject, &e);
    assert_int_equal(paper.lines, 102);
    assert_non_null(
        strstr(paper.text, "{\"event\":\"left-out\",\"lines\":901}\n"));
    e.at += HWS_S(60);
    for (unsigned i = 0; i < 101; i++)
        hws_log_note(log, &subject, &e);
    assert_int_equal(paper.lines, 202);
    hws_log_free(log);
    assert_int_equal(paper.lines, 203);
    (void)state;
}

static void what_cannot_work_is_refused(void **state)
{
    struct hws_log_options options;
    struct hws_fault fault;
    hws_log_options_init(&options);
    assert_null(hws_log_new(&options, &fault));
    assert_int_equal(fault.status, HWS_E_ARGUMENT);
    assert_non_null(strstr(fault.text, "'write'"));
    options.write = take;
    options.pause = 0;
    assert_null(hws_log_new(&options, &fault));
    assert_non_null(strstr(fault.text, "'pause'"));
    hws_log_free(NULL);
    (void)state;
}

static void secrets_are_masked(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"no URL? yes & no = fine", "no URL? yes & no = fine"},
        {"ws://h/p?a=1", "ws://h/p?a=***"},
        {"ws://h/p?a=&b=2#c", "ws://h/p?a=&b=***#c"},
        {"ws://h/p?flag", "ws://h/p?flag"},
        {"ws://u:p@h/", "ws://***@h/"},
        {"ws://u@p@h/x@y", "ws://***@h/x@y"},
        {"'wss://u:p@h/?k=v' and http://h:1/",
         "'wss://***@h/?k=***' and "
         "http://h:1/"},
        {"cut ws://h/?a", "cut ws://h/?a"},
        {"://", "://"},
    };
    char masked[200];
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        hwi_secret_mask(masked, sizeof(masked), pairs[i][0]);
        assert_string_equal(masked, pairs[i][1]);
    }
    hwi_secret_mask(masked, 6, "abcdefgh");
    assert_string_equal(masked, "abcde");
    hwi_secret_mask(masked, 12, "ws://h/?a=secret");
    assert_string_equal(masked, "ws://h/?a=*");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_who_when_and_what),
        cmocka_unit_test(a_down_has_its_cause_and_what_comes),
        cmocka_unit_test(every_event_of_life_has_a_line_and_data_has_none),
        cmocka_unit_test(a_storm_is_cut_and_its_size_is_said),
        cmocka_unit_test(what_cannot_work_is_refused),
        cmocka_unit_test(secrets_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
