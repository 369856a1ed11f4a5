/* Retry-After in seconds and as a date. */
#include "support/test.h"

#include "base/http.h"

/* 1994-11-06 08:49:37 UTC. */
#define EXAMPLE HWS_S(784111777)
#define CENTURY HWS_S((hws_time)100 * 365 * 86400)

static hws_time delay(const char *text, hws_time now)
{
    return hwi_http_retry_after(hws_span_text(text), now);
}

TEST(fault_07_seconds_are_a_delay)
{
    assert_int_equal(delay("0", EXAMPLE), 0);
    assert_int_equal(delay("120", EXAMPLE), HWS_S(120));
    assert_int_equal(delay(" 7\t", EXAMPLE), HWS_S(7));
    assert_int_equal(delay("007", 0), HWS_S(7));
}

TEST(fault_07_three_forms_of_a_date_are_one_moment)
{
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(delay(forms[i], EXAMPLE - HWS_S(90)), HWS_S(90));
        assert_int_equal(delay(forms[i], EXAMPLE - 1), 1);
        assert_int_equal(delay(forms[i], EXAMPLE), 0);
        assert_int_equal(delay(forms[i], EXAMPLE + HWS_S(5)), 0);
    }
    assert_int_equal(delay("Wed Nov 16 08:49:37 1994", EXAMPLE), HWS_S(864000));
}

/* The day, in seconds since 1970, of the moments where calendars go wrong. */
TEST(leap_years_are_counted)
{
    static const struct {
        const char *text;
        int64_t day;
    } days[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 00:00:00 GMT", 11016},
        {"Wed, 01 Mar 2000 00:00:00 GMT", 11017},
        {"Sat, 31 Dec 2022 00:00:00 GMT", 19357},
        {"Thu, 29 Feb 2024 00:00:00 GMT", 19782},
        {"Fri, 01 Mar 2024 00:00:00 GMT", 19783},
        {"Sun, 28 Feb 2100 00:00:00 GMT", 47540},
        {"Mon, 01 Mar 2100 00:00:00 GMT", 47541},
    };
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
        hws_time at = HWS_S(days[i].day * 86400);
        assert_int_equal(delay(days[i].text, at - HWS_S(10)), HWS_S(10));
    }
}

TEST(two_digits_mean_a_year_at_most_50_ahead)
{
    /* 2026-11-23 */
    hws_time now = HWS_S((int64_t)20780 * 86400);
    assert_int_equal(delay("Monday, 23-Nov-26 00:01:00 GMT", now), HWS_S(60));
    assert_int_equal(delay("Friday, 06-Nov-94 08:49:37 GMT", now), 0);
    assert_true(delay("Friday, 06-Nov-76 08:49:37 GMT", now) > HWS_S(1));
    assert_int_equal(delay("Friday, 06-Nov-77 08:49:37 GMT", now), 0);
}

TEST(leap_second_is_allowed)
{
    assert_int_equal(
        delay("Sat, 31 Dec 2016 23:59:60 GMT", HWS_S(INT64_C(1483228799))),
        HWS_S(1));
}

TEST(fault_07_absurd_values_stay_in_bounds)
{
    assert_int_equal(delay("99999999999999999999999999", 0), CENTURY);
    assert_int_equal(delay("9223372036854775807", INT64_MAX), CENTURY);
    assert_int_equal(delay("Fri, 31 Dec 9999 23:59:59 GMT", 0), CENTURY);
    assert_int_equal(delay("Fri, 31 Dec 9999 23:59:59 GMT", INT64_MIN),
                     CENTURY);
    assert_int_equal(delay("Sat, 01 Jan 0000 00:00:00 GMT", INT64_MAX), 0);
    assert_int_equal(delay("Sat Jan  1 00:00:00 0000", 0), 0);
}

TEST(fault_07_all_else_is_unreadable)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "1 s",
                                      "soon",
                                      "0x10",
                                      "Sun",
                                      "Sun,",
                                      "Sun, ",
                                      "Sun, 6 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 06 Nov 1994 08:49:37 UTC",
                                      "Sun, 06 Nov 1994 08:49:37 GMT x",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "Sun, 31 Nov 1994 08:49:37 GMT",
                                      "Sun, 29 Feb 2023 08:49:37 GMT",
                                      "Sun, 29 Feb 1900 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 24:00:00 GMT",
                                      "Sun, 06 Nov 1994 08:60:00 GMT",
                                      "Sun, 06 Nov 1994 08:49:61 GMT",
                                      "Sun, 06 nov 1994 08:49:37 GMT",
                                      "Sun, 06 Now 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 94 08:49:37 GMT",
                                      "Sunday, 06-Nov-1994 08:49:37 GMT",
                                      "Sun Nov 6 08:49:37 1994",
                                      "Sun Nov  6 08:49:37 94",
                                      "Sun Nov  6 08:49:37 1994 GMT",
                                      ", 06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 -8:49:37 GMT",
                                      "1994-11-06T08:49:37Z"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (delay(bad[i], 0) != HWS_NEVER)
            fail_msg("'%s' was read", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fault_07_seconds_are_a_delay),
        RUN(fault_07_three_forms_of_a_date_are_one_moment),
        RUN(leap_years_are_counted),
        RUN(two_digits_mean_a_year_at_most_50_ahead),
        RUN(leap_second_is_allowed),
        RUN(fault_07_absurd_values_stay_in_bounds),
        RUN(fault_07_all_else_is_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
