/* The headers of one attempt: what is taken, what is refused, who owns. */
#include "base/starved.h"
#include "support/test.h"

#include "session/headers.h"

#include <stdlib.h>

TEST(both_texts_are_copied)
{
    struct hws_headers h = {0};
    char name[] = "X-Key", value[] = "one";
    assert_int_equal(hws_headers_add(&h, name, value), 0);
    memset(name, '!', sizeof(name) - 1);
    memset(value, '!', sizeof(value) - 1);
    assert_int_equal(h.count, 1);
    assert_string_equal(h.list[0].name, "X-Key");
    assert_string_equal(h.list[0].value, "one");
    hwi_headers_release(&h);
}

TEST(many_keep_their_order)
{
    struct hws_headers h = {0};
    char value[8];
    for (int i = 0; i < 100; i++) {
        snprintf(value, sizeof(value), "%d", i);
        assert_int_equal(hws_headers_add(&h, "X-Number", value), 0);
    }
    assert_int_equal(h.count, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(atoi(h.list[i].value), i);
    hwi_headers_release(&h);
}

TEST(bytes_that_break_the_request_are_refused)
{
    static const struct hws_header bad[] = {
        {"", "x"},         {"X Key", "x"},     {"X-Key:", "x"},
        {"X\r\nY", "x"},   {"X-Key", "a\r\n"}, {"X-Key", "a\nB: c"},
        {"X-Key", "\x01"}, {"X-Key", "\x7f"},  {NULL, "x"},
        {"X-Key", NULL},
    };
    struct hws_headers h = {0};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(hws_headers_add(&h, bad[i].name, bad[i].value),
                         HWS_E_ARGUMENT);
    assert_int_equal(h.count, 0);
    assert_int_equal(hws_headers_add(&h, "X-Empty", ""), 0);
    hwi_headers_release(&h);
}

/* The examples of RFC 7617 section 2, and every length of padding. */
TEST(userinfo_becomes_basic_authorization)
{
    static const char *const pairs[][2] = {
        {"Aladdin:open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"test:123\xC2\xA3", "Basic dGVzdDoxMjPCow=="},
        {"a:b", "Basic YTpi"},
        {"a:bc", "Basic YTpiYw=="},
        {"a:bcd", "Basic YTpiY2Q="},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct hws_headers h = {0};
        assert_int_equal(hwi_headers_add_basic(&h, pairs[i][0]), 0);
        assert_string_equal(h.list[0].name, "Authorization");
        assert_string_equal(h.list[0].value, pairs[i][1]);
        hwi_headers_release(&h);
    }
}

TEST(no_memory_is_told_and_leaks_nothing)
{
    int failures = 0;
    for (int allowed = 0;; allowed++) {
        struct hws_headers h = {0};
        starve_after(allowed);
        int status = hws_headers_add(&h, "X-One", "1");
        if (status == 0)
            status = hwi_headers_add_basic(&h, "user:password");
        starve_no_more();
        hwi_headers_release(&h);
        if (status == 0)
            break;
        assert_int_equal(status, HWS_E_MEMORY);
        failures++;
    }
    assert_true(failures >= 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(both_texts_are_copied),
        RUN(many_keep_their_order),
        RUN(bytes_that_break_the_request_are_refused),
        RUN(userinfo_becomes_basic_authorization),
        RUN(no_memory_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
