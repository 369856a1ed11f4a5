/* Numbers and dates as text, to the nanosecond. */
#include "support/test.h"

#include "health/decimal.h"

static void assert_number(const char *text, int power, int64_t want)
{
    hws_time got = -1;
    if (!hwi_number_read(hws_span_text(text), power, &got))
        fail_msg("'%s' was not read", text);
    if (got != want)
        fail_msg("'%s': got %lld, want %lld", text, (long long)got,
                 (long long)want);
}

static void assert_no_number(const char *text, int power)
{
    hws_time got;
    if (hwi_number_read(hws_span_text(text), power, &got))
        fail_msg("'%s' was read as %lld", text, (long long)got);
}

TEST(numbers_keep_every_nanosecond)
{
    assert_number("1700000000.123456789", 9, 1700000000123456789);
    assert_number("1700000000123.456789", 6, 1700000000123456789);
    assert_number("1700000000123456.789", 3, 1700000000123456789);
    assert_number("1700000000123456789", 0, 1700000000123456789);
    assert_number("9223372036.854775807", 9, INT64_MAX);
    assert_number("9007199254740993", 0, 9007199254740993); /* 2^53 + 1 */
}

TEST(digits_below_a_nanosecond_are_cut)
{
    assert_number("1700000000.12345678999999", 9, 1700000000123456789);
    assert_number("0.9999999999", 9, 999999999);
    assert_number("-0.9999999999", 9, -999999999);
    assert_number("1.5", 0, 1);
    assert_number("0.00000000000000000000000000001", 9, 0);
}

TEST(exponents_are_understood)
{
    assert_number("1.7e9", 9, 1700000000000000000);
    assert_number("1.7E+9", 9, 1700000000000000000);
    assert_number("17000000000000e-4", 9, 1700000000000000000);
    assert_number("1e-9", 9, 1);
    assert_number("1e-400", 9, 0);
    assert_number("0e999999999999", 9, 0);
    assert_number("100000000000000000000000000e-17", 9, 1000000000000000000);
}

TEST(zero_and_negative_numbers_are_numbers)
{
    assert_number("0", 9, 0);
    assert_number("-0", 9, 0);
    assert_number("-1.5", 9, -1500000000);
    assert_number("-9223372036854775807", 0, -INT64_MAX);
    assert_number("000012", 0, 12);
}

TEST(what_does_not_fit_is_refused)
{
    assert_no_number("9223372036.854775808", 9);
    assert_no_number("9223372036854775808", 0);
    assert_no_number("18446744073709551616", 0);
    assert_no_number("99999999999999999999999", 0);
    assert_no_number("1e400", 0);
    assert_no_number("1e999999999999999999999", 9);
}

TEST(what_is_no_number_is_refused)
{
    static const char *const texts[] = {
        "",    "-",    "+1",  ".5",   "1.",    "1.e5", "e5",   "1e",
        "1e+", "1e-",  "1x",  "0x10", "1 ",    " 1",   "--1",  "1.2.3",
        "nan", "null", "inf", "true", "1e5.5", "1,5",  "12a3", "1.-5",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_no_number(texts[i], 9);
}

static void assert_date(const char *text, int64_t seconds, int64_t ns)
{
    hws_time got = -1;
    if (!hwi_iso8601_read(hws_span_text(text), &got))
        fail_msg("'%s' was not read", text);
    if (got != HWS_S(seconds) + ns)
        fail_msg("'%s': got %lld", text, (long long)got);
}

static void assert_no_date(const char *text)
{
    hws_time got;
    if (hwi_iso8601_read(hws_span_text(text), &got))
        fail_msg("'%s' was read as %lld", text, (long long)got);
}

TEST(dates_count_from_1970)
{
    assert_date("1970-01-01T00:00:00Z", 0, 0);
    assert_date("2001-09-09T01:46:40Z", 1000000000, 0);
    assert_date("2026-11-23T19:49:00Z", 1795463340, 0);
    assert_date("1969-12-31T23:59:59Z", -1, 0);
    assert_date("1900-03-01T00:00:00Z", -2203891200, 0);
    assert_date("2261-12-31T23:59:59Z", 9214646399, 0);
}

TEST(leap_days_exist_in_leap_years_only)
{
    assert_date("2024-02-29T00:00:00Z", 1709164800, 0);
    assert_date("2024-03-01T00:00:00Z", 1709251200, 0);
    assert_date("2000-02-29T12:00:00Z", 951825600, 0);
    assert_no_date("2023-02-29T00:00:00Z");
    assert_no_date("1900-02-29T00:00:00Z");
    assert_no_date("2026-04-31T00:00:00Z");
}

TEST(fractions_reach_to_the_nanosecond)
{
    assert_date("1970-01-01T00:00:00.5Z", 0, 500000000);
    assert_date("1970-01-01T00:00:00.123456789Z", 0, 123456789);
    assert_date("1970-01-01T00:00:00.1234567899999Z", 0, 123456789);
    assert_date("1970-01-01T00:00:00,25Z", 0, 250000000);
    assert_date("1969-12-31T23:59:59.75Z", -1, 750000000);
    assert_no_date("1970-01-01T00:00:00.Z");
}

TEST(offsets_are_taken_off)
{
    assert_date("1970-01-01T02:00:00+02:00", 0, 0);
    assert_date("1970-01-01T02:00:00+0200", 0, 0);
    assert_date("1970-01-01T02:00:00+02", 0, 0);
    assert_date("1969-12-31T18:30:00-05:30", 0, 0);
    assert_date("1970-01-01T00:00:00.5-00:00", 0, 500000000);
    assert_date("1970-01-01 00:00:00", 0, 0);
    assert_date("1970-01-01t00:00:00z", 0, 0);
    assert_date("2016-12-31T23:59:60Z", 1483228800, 0);
}

TEST(what_is_no_date_is_refused)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-23",
        "2026-11-23T",
        "2026-11-23T19:49",
        "2026-11-23T19:49:0",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00+",
        "2026-01-01T00:00:00+2",
        "2026-01-01T00:00:00+02:",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+02:60",
        "2026/01/01T00:00:00Z",
        "26-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "-2026-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_no_date(texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(numbers_keep_every_nanosecond),
        RUN(digits_below_a_nanosecond_are_cut),
        RUN(exponents_are_understood),
        RUN(zero_and_negative_numbers_are_numbers),
        RUN(what_does_not_fit_is_refused),
        RUN(what_is_no_number_is_refused),
        RUN(dates_count_from_1970),
        RUN(leap_days_exist_in_leap_years_only),
        RUN(fractions_reach_to_the_nanosecond),
        RUN(offsets_are_taken_off),
        RUN(what_is_no_date_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
