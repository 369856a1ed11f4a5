/* The table of what is retried: every row, and the numbers beside the rows.
 * docs/RECONNECT.md shows the same table. */
#include "support/test.h"

#include "session/policy.h"

#include <stdlib.h>

#define NOW HWS_S(784111777) /* Sun, 06 Nov 1994 08:49:37 GMT */

static enum hwi_eagerness of_http(int status)
{
    struct hws_fault fault = {.status = HWS_E_REFUSED, .http_status = status};
    struct hws_event down = {.kind = HWS_DOWN, .down.fault = &fault};
    return hwi_policy_of(&down);
}

static enum hwi_eagerness of_close(int code)
{
    struct hws_fault fault = {.status = HWS_E_CLOSED, .close_code = code};
    struct hws_event down = {.kind = HWS_DOWN, .down.fault = &fault};
    return hwi_policy_of(&down);
}

static enum hwi_eagerness of_status(enum hws_status status)
{
    struct hws_fault fault = {.status = status};
    struct hws_event down = {.kind = HWS_DOWN, .down.fault = &fault};
    return hwi_policy_of(&down);
}

struct row {
    int from, to;
    enum hwi_eagerness eagerness;
};

static void assert_rows(enum hwi_eagerness (*of)(int), const struct row *rows,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int n = rows[i].from; n <= rows[i].to; n++) {
            if (of(n) != rows[i].eagerness)
                fail_msg("%d: not %d", n, (int)rows[i].eagerness);
        }
    }
}

/* Together the rows cover every number once. */
static void assert_complete(const struct row *rows, size_t count, int from,
                            int to)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].from, from);
        from = rows[i].to + 1;
    }
    assert_int_equal(from, to + 1);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

TEST(every_http_status_has_its_rule)
{
    static const struct row rows[] = {
        {200, 299, HWI_RETRY_SLOW},  {300, 399, HWI_RETRY_NEVER},
        {400, 407, HWI_RETRY_NEVER}, {408, 408, HWI_RETRY_SOON},
        {409, 420, HWI_RETRY_NEVER}, {421, 421, HWI_RETRY_SLOW},
        {422, 422, HWI_RETRY_NEVER}, {423, 423, HWI_RETRY_SLOW},
        {424, 424, HWI_RETRY_NEVER}, {425, 425, HWI_RETRY_SOON},
        {426, 428, HWI_RETRY_NEVER}, {429, 429, HWI_RETRY_SLOW},
        {430, 499, HWI_RETRY_NEVER}, {500, 500, HWI_RETRY_SOON},
        {501, 501, HWI_RETRY_NEVER}, {502, 502, HWI_RETRY_SOON},
        {503, 503, HWI_RETRY_SLOW},  {504, 504, HWI_RETRY_SOON},
        {505, 505, HWI_RETRY_NEVER}, {506, 999, HWI_RETRY_SOON},
    };
    assert_complete(rows, COUNT(rows), 200, 999);
    assert_rows(of_http, rows, COUNT(rows));
}

TEST(every_close_code_has_its_rule)
{
    static const struct row rows[] = {
        {1000, 1001, HWI_RETRY_SOON}, {1002, 1003, HWI_RETRY_SLOW},
        {1004, 1006, HWI_RETRY_SOON}, {1007, 1010, HWI_RETRY_SLOW},
        {1011, 1012, HWI_RETRY_SOON}, {1013, 1013, HWI_RETRY_SLOW},
        {1014, 3999, HWI_RETRY_SOON}, {4000, 4999, HWI_RETRY_SLOW},
    };
    assert_complete(rows, COUNT(rows), 1000, 4999);
    assert_rows(of_close, rows, COUNT(rows));
}

TEST(every_status_has_its_rule)
{
    static const struct {
        enum hws_status status;
        enum hwi_eagerness eagerness;
    } rows[] = {
        {HWS_E_EOF, HWI_RETRY_SOON},
        {HWS_E_RESET, HWI_RETRY_SOON},
        {HWS_E_MEMORY, HWI_RETRY_SOON},
        {HWS_E_ARGUMENT, HWI_RETRY_NEVER},
        {HWS_E_STATE, HWI_RETRY_SOON},
        {HWS_E_FULL, HWI_RETRY_SOON},
        {HWS_E_TOO_BIG, HWI_RETRY_SLOW},
        {HWS_E_TIMEOUT, HWI_RETRY_SOON},
        {HWS_E_RESOLVE, HWI_RETRY_SOON},
        {HWS_E_CONNECT, HWI_RETRY_SOON},
        {HWS_E_TLS, HWI_RETRY_SLOW},
        {HWS_E_CERTIFICATE, HWI_RETRY_SLOW},
        {HWS_E_HTTP, HWI_RETRY_SLOW},
        {HWS_E_HANDSHAKE, HWI_RETRY_SLOW},
        {HWS_E_PROTOCOL, HWI_RETRY_SLOW},
        {HWS_E_UTF8, HWI_RETRY_SLOW},
        {HWS_E_SILENT, HWI_RETRY_SOON},
        {HWS_E_SYSTEM, HWI_RETRY_SOON},
        {HWS_E_SUPPORT, HWI_RETRY_NEVER},
        {HWS_E_FORK, HWI_RETRY_NEVER},
        {HWS_E_CANCELLED, HWI_RETRY_SOON},
        {HWS_E_REDIRECT, HWI_RETRY_SLOW},
        {HWS_E_COMPRESSION, HWI_RETRY_SLOW},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (of_status(rows[i].status) != rows[i].eagerness)
            fail_msg("%s", hws_status_name(rows[i].status));
    }
}

/* One answer as the head of a DOWN. */
static hws_time retry_after(enum hws_status status, const char *head)
{
    struct hws_fault fault = {.status = status, .http_status = 503};
    struct hws_event down = {.kind = HWS_DOWN, .down.fault = &fault};
    /* Exactly sized, so that a read beyond the end is seen. */
    struct hws_span text = hws_span_text(head);
    uint8_t *copy = malloc(text.size + !text.size);
    memcpy(copy, text.data, text.size);
    down.down.head = (struct hws_span){copy, text.size};
    hws_time delay = hwi_policy_retry_after(&down, NOW);
    free(copy);
    return delay;
}

#define ANSWER(headers) "HTTP/1.1 503 Busy\r\n" headers "\r\n"

TEST(fault_07_retry_after_is_read_in_seconds_and_as_a_date)
{
    assert_int_equal(retry_after(HWS_E_REFUSED, ANSWER("Retry-After: 120\r\n")),
                     HWS_S(120));
    assert_int_equal(retry_after(HWS_E_REFUSED, ANSWER("retry-after: 0\r\n")),
                     0);
    assert_int_equal(
        retry_after(HWS_E_REFUSED,
                    ANSWER("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n")),
        HWS_S(60));
    assert_int_equal(
        retry_after(HWS_E_REFUSED,
                    ANSWER("Retry-After: Sun, 06 Nov 1994 07:00:00 GMT\r\n")),
        0);
}

TEST(fault_07_absurd_retry_after_is_bounded_or_ignored)
{
    hws_time century = HWS_S(100 * 366 * 24 * INT64_C(3600));
    hws_time huge = retry_after(
        HWS_E_REFUSED, ANSWER("Retry-After: 99999999999999999999999999\r\n"));
    assert_true(huge == HWS_NEVER || (huge > 0 && huge <= century));
    assert_int_equal(retry_after(HWS_E_REFUSED, ANSWER("Retry-After: -1\r\n")),
                     HWS_NEVER);
    assert_int_equal(
        retry_after(HWS_E_REFUSED, ANSWER("Retry-After: soon\r\n")), HWS_NEVER);
    assert_int_equal(retry_after(HWS_E_REFUSED, ANSWER("Retry-After:\r\n")),
                     HWS_NEVER);
}

TEST(retry_after_counts_in_refusals_alone)
{
    const char *head = ANSWER("Retry-After: 120\r\n");
    assert_int_equal(retry_after(HWS_E_HANDSHAKE, head), HWS_NEVER);
    assert_int_equal(retry_after(HWS_E_REFUSED, ""), HWS_NEVER);
    assert_int_equal(retry_after(HWS_E_REFUSED, ANSWER("X: y\r\n")), HWS_NEVER);
    assert_int_equal(retry_after(HWS_E_REFUSED, "garbage"), HWS_NEVER);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(every_http_status_has_its_rule),
        RUN(every_close_code_has_its_rule),
        RUN(every_status_has_its_rule),
        RUN(fault_07_retry_after_is_read_in_seconds_and_as_a_date),
        RUN(fault_07_absurd_retry_after_is_bounded_or_ignored),
        RUN(retry_after_counts_in_refusals_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
