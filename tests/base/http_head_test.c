/* Finding the end of a head, splitting it, and the questions about it. */
#include "support/test.h"

#include "base/http.h"

#include <stdlib.h>

#define SIZE_LIMIT 65536
#define LINE_LIMIT 256

static const char *why;

/* Literals may hold NUL, so their size is that of the array. */
#define SPAN(literal) hwi_span(literal, sizeof(literal) - 1)

static ptrdiff_t find(struct hws_span bytes)
{
    struct hwi_http_scan scan = {0};
    why = NULL;
    return hwi_http_find(&scan, bytes, SIZE_LIMIT, LINE_LIMIT, &why);
}

/* The same, with every byte coming alone. */
static ptrdiff_t find_bytewise(struct hws_span bytes)
{
    struct hwi_http_scan scan = {0};
    ptrdiff_t found = HWS_E_AGAIN;
    why = NULL;
    for (size_t i = 1; i <= bytes.size && found == HWS_E_AGAIN; i++)
        found = hwi_http_find(&scan, hwi_span(bytes.data, i), SIZE_LIMIT,
                              LINE_LIMIT, &why);
    return found;
}

#define ANSWER                             \
    "HTTP/1.1 101 Switching Protocols\r\n" \
    "Upgrade: websocket\r\n"               \
    "Connection: keep-alive, Upgrade\r\n\r\n"

TEST(head_ends_with_its_empty_line)
{
    assert_int_equal(find(SPAN(ANSWER)), sizeof(ANSWER) - 1);
    assert_int_equal(find_bytewise(SPAN(ANSWER)), sizeof(ANSWER) - 1);
}

TEST(fault_09_bytes_glued_to_the_head_are_left_alone)
{
    assert_int_equal(find(SPAN(ANSWER "\x81\x05hello\0\n")),
                     sizeof(ANSWER) - 1);
}

TEST(every_cut_of_a_head_says_again)
{
    for (size_t i = 0; i < sizeof(ANSWER) - 1; i++)
        assert_int_equal(find(hwi_span(ANSWER, i)), HWS_E_AGAIN);
}

/* A second look at the same bytes costs nothing: the scan goes on where it
 * stood, so that a head of n bytes takes n steps however it comes. */
TEST(fault_01_each_byte_is_looked_at_once)
{
    struct hwi_http_scan scan = {0};
    uint8_t bytes[] = ANSWER;
    size_t half = sizeof(ANSWER) / 2;
    assert_int_equal(hwi_http_find(&scan, hwi_span(bytes, half), SIZE_LIMIT,
                                   LINE_LIMIT, &why),
                     HWS_E_AGAIN);
    assert_int_equal(scan.seen, half);
    memset(bytes, 0, half - 1);
    assert_int_equal(hwi_http_find(&scan, hwi_span(bytes, sizeof(bytes) - 1),
                                   SIZE_LIMIT, LINE_LIMIT, &why),
                     sizeof(ANSWER) - 1);
}

static void assert_refused(struct hws_span bytes, int status,
                           const char *reason)
{
    assert_int_equal(find(bytes), status);
    assert_string_equal(why, reason);
    assert_int_equal(find_bytewise(bytes), status);
    assert_string_equal(why, reason);
}

TEST(fault_02_bytes_that_can_be_read_in_two_ways_are_refused)
{
    assert_refused(SPAN("HTTP/1.1 101 x\nA: b\r\n\r\n"), HWS_E_HTTP,
                   "line feed without carriage return");
    assert_refused(SPAN("HTTP/1.1 101 x\r\nA: b\rC: d\r\n\r\n"), HWS_E_HTTP,
                   "carriage return without line feed");
    assert_refused(SPAN("HTTP/1.1 101 x\r\r\n\r\n"), HWS_E_HTTP,
                   "carriage return without line feed");
    assert_refused(SPAN("HTTP/1.1 101 x\r\nA: \0b\r\n\r\n"), HWS_E_HTTP,
                   "NUL in the head");
    assert_refused(SPAN("HTTP/1.1 101 x\r\nA: \x1b[2J\r\n\r\n"), HWS_E_HTTP,
                   "control byte in the head");
    assert_refused(SPAN("HTTP/1.1 101 x\r\nA: \x7f\r\n\r\n"), HWS_E_HTTP,
                   "control byte in the head");
    assert_refused(SPAN("\n"), HWS_E_HTTP, "line feed without carriage return");
}

/* A start line and `lines` headers of 6 bytes each. */
static struct hws_span many_lines(unsigned lines)
{
    static uint8_t bytes[4096];
    size_t at = 16;
    memcpy(bytes, "HTTP/1.1 101 x\r\n", 16);
    for (unsigned i = 0; i < lines; i++, at += 6)
        memcpy(bytes + at, "A: b\r\n", 6);
    memcpy(bytes + at, "\r\n", 2);
    return hwi_span(bytes, at + 2);
}

TEST(fault_02_lines_are_counted_without_the_start_line)
{
    assert_int_equal(find(many_lines(LINE_LIMIT)), many_lines(LINE_LIMIT).size);
    assert_refused(many_lines(LINE_LIMIT + 1), HWS_E_TOO_BIG,
                   "too many header lines");
}

TEST(fault_02_one_endless_line_ends_at_the_limit)
{
    uint8_t *bytes = malloc(SIZE_LIMIT);
    memset(bytes, 'a', SIZE_LIMIT);
    assert_int_equal(find(hwi_span(bytes, SIZE_LIMIT - 1)), HWS_E_AGAIN);
    assert_refused(hwi_span(bytes, SIZE_LIMIT), HWS_E_TOO_BIG, "head too long");
    /* One that ends with the very last byte is good. */
    memcpy(bytes + SIZE_LIMIT - 4, "\r\n\r\n", 4);
    assert_int_equal(find(hwi_span(bytes, SIZE_LIMIT)), SIZE_LIMIT);
    free(bytes);
}

/* ---- splitting ---- */

static struct hwi_http_header headers[8];

static int split(struct hwi_http_head *head, struct hws_span bytes)
{
    *head = (struct hwi_http_head){.headers = headers, .header_max = 8};
    why = NULL;
    return hwi_http_split_answer(head, bytes, &why);
}

static int split_request(struct hwi_http_head *head, struct hws_span bytes)
{
    *head = (struct hwi_http_head){.headers = headers, .header_max = 8};
    why = NULL;
    return hwi_http_split_request(head, bytes, &why);
}

TEST(answer_is_split_in_place)
{
    struct hwi_http_head h;
    assert_int_equal(split(&h, SPAN("HTTP/1.1 503 Not  Now\r\n"
                                    "Retry-After:\t 5 \t\r\n"
                                    "Empty:\r\n\r\nbody")),
                     0);
    assert_int_equal(h.status, 503);
    assert_int_equal(h.minor, 1);
    assert_span(h.reason, "Not  Now");
    assert_span(h.line, "HTTP/1.1 503 Not  Now");
    assert_int_equal(h.header_count, 2);
    assert_span(h.headers[0].name, "Retry-After");
    assert_span(h.headers[0].value, "5");
    assert_span(h.headers[1].value, "");
    assert_int_equal(h.size, 52);
}

TEST(reason_may_be_empty_or_missing)
{
    struct hwi_http_head h;
    assert_int_equal(split(&h, SPAN("HTTP/1.0 200 \r\n\r\n")), 0);
    assert_int_equal(h.reason.size, 0);
    assert_int_equal(h.minor, 0);
    assert_int_equal(split(&h, SPAN("HTTP/1.1 200\r\n\r\n")), 0);
    assert_int_equal(h.status, 200);
    assert_int_equal(h.reason.size, 0);
}

#define LINE_FAULT "status line does not begin with HTTP/1.x"
#define STATUS_FAULT "status is not a number of three digits"

TEST(bad_status_lines_are_refused)
{
    static const struct {
        const char *line, *why;
    } bads[] = {
        {"", LINE_FAULT},
        {"HTTP/1.1", STATUS_FAULT},
        {"HTTP/2.0 101 x", LINE_FAULT},
        {"HTTP/1.x 101 x", LINE_FAULT},
        {"http/1.1 101 x", LINE_FAULT},
        {"HTTP/11 101 x", LINE_FAULT},
        {" HTTP/1.1 101 x", LINE_FAULT},
        {"SSH-2.0-OpenSSH", LINE_FAULT},
        {"HTTP/1.1  101 x", STATUS_FAULT},
        {"HTTP/1.1 10 x", STATUS_FAULT},
        {"HTTP/1.1 1011 x", STATUS_FAULT},
        {"HTTP/1.1 099 x", STATUS_FAULT},
        {"HTTP/1.1 -10 x", STATUS_FAULT},
        {"HTTP/1.1 101x", STATUS_FAULT},
        {"HTTP/1.1\t101 x", STATUS_FAULT},
    };
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct hwi_http_head h;
        char text[64];
        snprintf(text, sizeof(text), "%s\r\n\r\n", bads[i].line);
        assert_int_equal(split(&h, hws_span_text(text)), HWS_E_HTTP);
        assert_string_equal(why, bads[i].why);
    }
}

TEST(fault_02_bad_header_lines_are_refused)
{
    static const struct {
        const char *lines, *why;
    } bads[] = {
        {"A: b\r\n c\r\n", "folded header line"},
        {"A: b\r\n\tc\r\n", "folded header line"},
        {" A: b\r\n", "folded header line"},
        {"A b\r\n", "header line without a colon"},
        {"A : b\r\n", "space before the colon of a header"},
        {"A\t: b\r\n", "space before the colon of a header"},
        {": b\r\n", "header name is not a token"},
        {"A B: c\r\n", "header name is not a token"},
        {"A(: c\r\n", "header name is not a token"},
        {"\xc3\xa4: c\r\n", "header name is not a token"},
        {"A: b\x01\r\n", "control byte in a header value"},
    };
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct hwi_http_head h;
        char text[64];
        snprintf(text, sizeof(text), "HTTP/1.1 101 x\r\n%s\r\n", bads[i].lines);
        assert_int_equal(split(&h, hws_span_text(text)), HWS_E_HTTP);
        assert_string_equal(why, bads[i].why);
    }
}

TEST(headers_beyond_the_array_are_refused)
{
    struct hwi_http_head h;
    assert_int_equal(split(&h, many_lines(8)), 0);
    assert_int_equal(h.header_count, 8);
    assert_int_equal(split(&h, many_lines(9)), HWS_E_HTTP);
    assert_string_equal(why, "too many headers");
}

TEST(head_without_its_end_is_refused)
{
    struct hwi_http_head h;
    assert_int_equal(split(&h, SPAN("")), HWS_E_HTTP);
    assert_int_equal(split(&h, SPAN("HTTP/1.1 101 x")), HWS_E_HTTP);
    assert_int_equal(split(&h, SPAN("HTTP/1.1 101 x\r\nA: b\r\n")), HWS_E_HTTP);
    assert_string_equal(why, "head without an empty line");
}

TEST(request_is_split_in_place)
{
    struct hwi_http_head h;
    assert_int_equal(
        split_request(&h, SPAN("GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n")), 0);
    assert_span(h.method, "GET");
    assert_span(h.target, "/a?b");
    assert_int_equal(h.minor, 1);
    assert_int_equal(h.status, 0);
    assert_int_equal(h.header_count, 1);
}

TEST(bad_request_lines_are_refused)
{
    static const char *const bads[] = {
        "",
        "GET",
        "GET /",
        "GET / ",
        "GET / HTTP/2.0",
        "GET / HTTP/1.1 ",
        "GET / HTTP/1.10",
        "GET  / HTTP/1.1",
        " GET / HTTP/1.1",
        "GET /a b HTTP/1.1",
        "G@T / HTTP/1.1",
        "GET \xc3\xa4 HTTP/1.1",
        "GET /\t HTTP/1.1",
        "GET  HTTP/1.1",
    };
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct hwi_http_head h;
        char text[64];
        snprintf(text, sizeof(text), "%s\r\n\r\n", bads[i]);
        if (split_request(&h, hws_span_text(text)) != HWS_E_HTTP)
            fail_msg("'%s' was taken", bads[i]);
    }
}

/* ---- questions ---- */

static struct hwi_http_head asked(void)
{
    struct hwi_http_head h;
    assert_int_equal(split(&h, SPAN("HTTP/1.1 101 x\r\n"
                                    "Connection: keep-alive,\tUPGRADE\r\n"
                                    "Upgrade: websocket\r\n"
                                    "connection: close\r\n"
                                    "X: Upgrader, \"a, b\"\r\n\r\n")),
                     0);
    return h;
}

TEST(headers_are_found_in_any_letter_case)
{
    struct hwi_http_head h = asked();
    assert_span(hwi_http_get(&h, "UPGRADE")->value, "websocket");
    assert_ptr_equal(hwi_http_get(&h, "Connection"), &h.headers[0]);
    assert_null(hwi_http_get(&h, "Upgrad"));
    assert_int_equal(hwi_http_count(&h, "CONNECTION"), 2);
    assert_int_equal(hwi_http_count(&h, "None"), 0);
}

TEST(tokens_are_looked_for_in_all_lines)
{
    struct hwi_http_head h = asked();
    assert_true(hwi_http_has_token(&h, "connection", "upgrade"));
    assert_true(hwi_http_has_token(&h, "connection", "close"));
    assert_false(hwi_http_has_token(&h, "connection", "alive"));
    assert_false(hwi_http_has_token(&h, "x", "upgrade"));
    assert_false(hwi_http_has_token(&h, "x", "b\""));
}

TEST(token_is_what_the_grammar_says)
{
    assert_true(hwi_http_is_token(SPAN("!#$%&'*+-.^_`|~09AZaz")));
    assert_false(hwi_http_is_token(SPAN("")));
    for (unsigned c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        bool separator = c <= 0x20 || c >= 0x7f ||
                         strchr("\"(),/:;<=>?@[\\]{}", (int)c) != NULL;
        assert_int_equal(hwi_http_is_token(hwi_span(&byte, 1)), !separator);
    }
}

TEST(field_value_has_no_controls_but_tab)
{
    assert_true(hwi_http_is_field_value(SPAN("")));
    assert_true(hwi_http_is_field_value(SPAN("a\tb \xc3\xa4 ~")));
    assert_false(hwi_http_is_field_value(SPAN("a\r\nX: y")));
    assert_false(hwi_http_is_field_value(SPAN("a\n")));
    assert_false(hwi_http_is_field_value(SPAN("a\0b")));
    assert_false(hwi_http_is_field_value(SPAN("\x7f")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(head_ends_with_its_empty_line),
        RUN(fault_09_bytes_glued_to_the_head_are_left_alone),
        RUN(every_cut_of_a_head_says_again),
        RUN(fault_01_each_byte_is_looked_at_once),
        RUN(fault_02_bytes_that_can_be_read_in_two_ways_are_refused),
        RUN(fault_02_lines_are_counted_without_the_start_line),
        RUN(fault_02_one_endless_line_ends_at_the_limit),
        RUN(answer_is_split_in_place),
        RUN(reason_may_be_empty_or_missing),
        RUN(bad_status_lines_are_refused),
        RUN(fault_02_bad_header_lines_are_refused),
        RUN(headers_beyond_the_array_are_refused),
        RUN(head_without_its_end_is_refused),
        RUN(request_is_split_in_place),
        RUN(bad_request_lines_are_refused),
        RUN(headers_are_found_in_any_letter_case),
        RUN(tokens_are_looked_for_in_all_lines),
        RUN(token_is_what_the_grammar_says),
        RUN(field_value_has_no_controls_but_tab),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
