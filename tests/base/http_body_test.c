/* The framing of bodies, and chunked ones decoded. */
#include "support/test.h"

#include "base/http.h"

/* How the body after this start line and these headers is framed. */
static enum hwi_http_body body(const char *start, const char *lines,
                               uint64_t *length)
{
    static struct hwi_http_header headers[8];
    struct hwi_http_head h = {.headers = headers, .header_max = 8};
    const char *why = NULL;
    char text[300];
    snprintf(text, sizeof(text), "%s\r\n%s\r\n", start, lines);
    bool answer = strncmp(start, "HTTP", 4) == 0;
    int status = answer ? hwi_http_split_answer(&h, hws_span_text(text), &why)
                        : hwi_http_split_request(&h, hws_span_text(text), &why);
    assert_int_equal(status, 0);
    *length = 99;
    return hwi_http_body(&h, length);
}

#define OK "HTTP/1.1 200 OK"
#define CL "Content-Length: "
#define TE "Transfer-Encoding: "

TEST(fault_06_framing_of_a_body_is_known_from_its_head)
{
    static const struct {
        const char *start, *lines;
        enum hwi_http_body body;
        uint64_t length;
    } cases[] = {
        {OK, "", HWI_BODY_UNTIL_EOF, 0},
        {OK, CL "5\r\n", HWI_BODY_LENGTH, 5},
        {OK, CL "0\r\n", HWI_BODY_NONE, 0},
        {OK, CL "10737418240\r\n", HWI_BODY_LENGTH, UINT64_C(10737418240)},
        {OK, CL "9223372036854775807\r\n", HWI_BODY_LENGTH, INT64_MAX},
        {OK, CL "5\r\n" CL "5\r\n", HWI_BODY_LENGTH, 5},
        {OK, CL "5, 5\r\n", HWI_BODY_LENGTH, 5},
        {OK, CL "5\r\n" CL "6\r\n", HWI_BODY_BAD, 0},
        {OK, CL "5, 6\r\n", HWI_BODY_BAD, 0},
        {OK, CL "\r\n", HWI_BODY_BAD, 0},
        {OK, CL "-1\r\n", HWI_BODY_BAD, 0},
        {OK, CL "+5\r\n", HWI_BODY_BAD, 0},
        {OK, CL "0x5\r\n", HWI_BODY_BAD, 0},
        {OK, CL "9223372036854775808\r\n", HWI_BODY_BAD, 0},
        {OK, TE "chunked\r\n", HWI_BODY_CHUNKED, 0},
        {OK, TE "gzip, Chunked\r\n", HWI_BODY_CHUNKED, 0},
        {OK, TE "gzip\r\n" TE "chunked\r\n", HWI_BODY_CHUNKED, 0},
        {OK, TE "gzip\r\n", HWI_BODY_UNTIL_EOF, 0},
        {OK, TE "chunked, gzip\r\n", HWI_BODY_BAD, 0},
        {OK, TE "chunked, chunked\r\n", HWI_BODY_BAD, 0},
        {OK, TE "chunked\r\n" CL "5\r\n", HWI_BODY_BAD, 0},
        {"HTTP/1.0 200 OK", TE "chunked\r\n", HWI_BODY_BAD, 0},
        {"HTTP/1.1 101 x", CL "5\r\n", HWI_BODY_NONE, 0},
        {"HTTP/1.1 103 x", TE "chunked\r\n", HWI_BODY_NONE, 0},
        {"HTTP/1.1 204 x", CL "5\r\n", HWI_BODY_NONE, 0},
        {"HTTP/1.1 304 x", CL "5\r\n", HWI_BODY_NONE, 0},
        {"GET / HTTP/1.1", "", HWI_BODY_NONE, 0},
        {"POST / HTTP/1.1", CL "7\r\n", HWI_BODY_LENGTH, 7},
        {"POST / HTTP/1.1", TE "gzip\r\n", HWI_BODY_BAD, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t length;
        enum hwi_http_body got = body(cases[i].start, cases[i].lines, &length);
        if (got != cases[i].body)
            fail_msg("case %zu gave %d", i, got);
        if (got != HWI_BODY_BAD)
            assert_true(length == cases[i].length);
    }
}

/* Decode `wire`, handed over in pieces of `piece` bytes, into `out` of which
 * `room` bytes are offered at a time. Returns the status. */
static int decode(struct hws_span wire, size_t piece, size_t room, char *out,
                  size_t *size, size_t *rest)
{
    struct hwi_http_chunked c = {0};
    int status = 0;
    *size = 0;
    while (status == 0 && !c.done && wire.size) {
        struct hws_span in = hwi_span_part(wire, 0, piece);
        size_t offered = in.size, stored = room;
        status = hwi_http_dechunk(&c, &in, (uint8_t *)out + *size, &stored);
        *size += stored;
        wire = hwi_span_part(wire, offered - in.size, wire.size);
        /* It must move, or a caller would spin. */
        assert_true(status || stored || in.size < offered);
    }
    *rest = wire.size;
    return status ? status : c.done ? 0 : HWS_E_AGAIN;
}

#define WIRE                                             \
    "5\r\nhello\r\n0010;a=\"b\"\r\n, chunked world!\r\n" \
    "0\r\nX: y\r\nZ: \xc3\xa4\r\n\r\n"

TEST(fault_06_chunks_are_joined_however_they_are_cut)
{
    char out[64];
    size_t size, rest;
    for (size_t piece = 1; piece <= sizeof(WIRE); piece++) {
        for (size_t room = 1; room < 40; room++) {
            assert_int_equal(decode(hws_span_text(WIRE "rest"), piece, room,
                                    out, &size, &rest),
                             0);
            assert_int_equal(size, 21);
            assert_memory_equal(out, "hello, chunked world!", 21);
            assert_int_equal(rest, 4);
        }
    }
}

TEST(every_cut_of_a_body_says_again)
{
    char out[64];
    size_t size, rest;
    for (size_t cut = 0; cut < sizeof(WIRE) - 1; cut++)
        assert_int_equal(decode(hwi_span(WIRE, cut), 64, 64, out, &size, &rest),
                         HWS_E_AGAIN);
}

TEST(full_room_stops_and_no_room_reads_framing_only)
{
    struct hwi_http_chunked c = {0};
    struct hws_span in = hws_span_text("5\r\nhello\r\n0\r\n\r\n");
    uint8_t out[5];
    size_t size = 5;
    assert_int_equal(hwi_http_dechunk(&c, &in, out, &size), 0);
    assert_int_equal(size, 5);
    assert_int_equal(in.size, 7);
    assert_false(c.done);
    size = 0;
    assert_int_equal(hwi_http_dechunk(&c, &in, NULL, &size), 0);
    assert_true(c.done);
    assert_int_equal(in.size, 0);
    size = 0;
    in = hws_span_text("more");
    assert_int_equal(hwi_http_dechunk(&c, &in, NULL, &size), 0);
    assert_int_equal(in.size, 4);
}

TEST(bad_framing_is_refused)
{
    static const char *const bads[] = {
        "\r\n",
        "g\r\n",
        ";x\r\n",
        " 5\r\n",
        "-5\r\n",
        "5\n",
        "5\rx",
        "5x\r\n",
        "5;\x01\r\n",
        "5;a\n\r\n",
        "5\r\nhellox",
        "5\r\nhello\n",
        "5\r\nhello\rx",
        "0\r\n\n",
        "0\r\n\rx",
        "0\r\nX: y\n",
        "0\r\nX: y\rz",
        "10000000000000000\r\n",
        "fffffffffffffffff\r\n",
    };
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        char out[64];
        size_t size, rest;
        int whole = decode(hws_span_text(bads[i]), 100, 64, out, &size, &rest);
        int cut = decode(hws_span_text(bads[i]), 1, 64, out, &size, &rest);
        if (whole != HWS_E_HTTP || cut != HWS_E_HTTP)
            fail_msg("case %zu gave %d and %d", i, whole, cut);
    }
}

TEST(payload_before_bad_framing_is_given)
{
    struct hwi_http_chunked c = {0};
    struct hws_span in = hws_span_text("5\r\nhellox");
    uint8_t out[9];
    size_t size = sizeof(out);
    assert_int_equal(hwi_http_dechunk(&c, &in, out, &size), HWS_E_HTTP);
    assert_int_equal(size, 5);
}

TEST(largest_chunk_size_does_not_overflow)
{
    struct hwi_http_chunked c = {0};
    struct hws_span in = hws_span_text("ffffffffffffffff\r\nab");
    uint8_t out[2];
    size_t size = 2;
    assert_int_equal(hwi_http_dechunk(&c, &in, out, &size), 0);
    assert_int_equal(size, 2);
    assert_true(c.left == UINT64_MAX - 2);
}

/* Feed `first`, then `again` until it is refused; how often it was taken. */
static int feed_endless(const char *first, const char *again)
{
    struct hwi_http_chunked c = {0};
    uint8_t out[1];
    struct hws_span in = hws_span_text(first);
    size_t size = 0;
    assert_int_equal(hwi_http_dechunk(&c, &in, out, &size), 0);
    for (int i = 0; i < 100000; i++) {
        in = hws_span_text(again);
        size = 0;
        if (hwi_http_dechunk(&c, &in, out, &size) != 0)
            return i;
    }
    return -1;
}

TEST(fault_06_endless_framing_is_refused)
{
    assert_int_equal(feed_endless("5;", "x"), 4095);
    assert_int_equal(feed_endless("", "0"), 4096);
    assert_in_range(feed_endless("0\r\n", "A: b\r\n"), 1, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_06_framing_of_a_body_is_known_from_its_head),
        RUN(fault_06_chunks_are_joined_however_they_are_cut),
        RUN(every_cut_of_a_body_says_again),
        RUN(full_room_stops_and_no_room_reads_framing_only),
        RUN(bad_framing_is_refused),
        RUN(payload_before_bad_framing_is_given),
        RUN(largest_chunk_size_does_not_overflow),
        RUN(fault_06_endless_framing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
