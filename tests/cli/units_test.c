/* Numbers with units, read and written. */
#include "support/test.h"
#include "units.h"

static hws_time delay_of(const char *text)
{
    hws_time delay = -1;
    return units_read_delay(text, &delay) ? delay : -1;
}

TEST(delay_is_read_with_every_unit)
{
    assert_int_equal(delay_of("7ns"), 7);
    assert_int_equal(delay_of("7us"), HWS_US(7));
    assert_int_equal(delay_of("250ms"), HWS_MS(250));
    assert_int_equal(delay_of("30s"), HWS_S(30));
    assert_int_equal(delay_of("1.5s"), HWS_MS(1500));
    assert_int_equal(delay_of("5m"), HWS_S(300));
    assert_int_equal(delay_of("2h"), HWS_S(7200));
    assert_int_equal(delay_of("12"), HWS_S(12));
    assert_int_equal(delay_of("0"), 0);
}

TEST(delay_is_refused_when_any_part_is_wrong)
{
    static const char *const bad[] = {"",
                                      "s",
                                      "-1s",
                                      "+1s",
                                      " 1s",
                                      "1 s",
                                      "1S",
                                      "1x",
                                      "1ss",
                                      "inf",
                                      "nan",
                                      "0x1",
                                      "1e3s",
                                      "1..2s",
                                      "1.2.3",
                                      ".s",
                                      "99999999999999h",
                                      "1s "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(delay_of(bad[i]), -1);
}

TEST(size_is_read_in_powers_of_1024)
{
    size_t size = 0;
    assert_true(units_read_size("4096", &size));
    assert_int_equal(size, 4096);
    assert_true(units_read_size("64k", &size));
    assert_int_equal(size, 65536);
    assert_true(units_read_size("16m", &size));
    assert_int_equal(size, 16777216);
    assert_false(units_read_size("1.5k", &size));
    assert_false(units_read_size("k", &size));
    assert_false(units_read_size("99999999999g", &size));
}

TEST(count_takes_digits_only)
{
    uint64_t count = 0;
    assert_true(units_read_count("18446744073709551615", &count));
    assert_true(count == UINT64_MAX);
    assert_false(units_read_count("18446744073709551616", &count));
    assert_false(units_read_count("-1", &count));
    assert_false(units_read_count("1.0", &count));
    assert_false(units_read_count("", &count));
}

TEST(rate_is_positive)
{
    double rate = 0;
    assert_true(units_read_rate("0.5", &rate));
    assert_true(rate > 0.49 && rate < 0.51);
    assert_false(units_read_rate("0", &rate));
    assert_false(units_read_rate("-3", &rate));
    assert_false(units_read_rate("3/s", &rate));
}

TEST(address_is_split_at_the_last_colon)
{
    struct units_address a;
    assert_true(units_read_address("127.0.0.1:8080", &a));
    assert_string_equal(a.host, "127.0.0.1");
    assert_int_equal(a.port, 8080);
    assert_true(units_read_address("[::1]:0", &a));
    assert_string_equal(a.host, "::1");
    assert_int_equal(a.port, 0);
    assert_true(units_read_address(":9", &a));
    assert_string_equal(a.host, "127.0.0.1");
}

TEST(address_is_refused_without_port_or_brackets)
{
    struct units_address a;
    assert_false(units_read_address("127.0.0.1", &a));
    assert_false(units_read_address("127.0.0.1:", &a));
    assert_false(units_read_address("127.0.0.1:65536", &a));
    assert_false(units_read_address("::1:80", &a));
    assert_false(units_read_address("localhost:http", &a));
}

TEST(texts_name_their_unit)
{
    char text[UNITS_TEXT_MAX];
    assert_string_equal(units_delay(text, 999), "999 ns");
    assert_string_equal(units_delay(text, HWS_US(350)), "350 us");
    assert_string_equal(units_delay(text, HWS_MS(1200)), "1.2 s");
    assert_string_equal(units_delay(text, HWS_S(3600)), "60 min");
    assert_string_equal(units_delay(text, -HWS_MS(2)), "-2.0 ms");
    assert_string_equal(units_delay(text, HWS_NEVER), "-");
    assert_string_equal(units_size(text, 1023), "1023 B");
    assert_string_equal(units_size(text, 46285), "45.2 KiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(delay_is_read_with_every_unit),
        RUN(delay_is_refused_when_any_part_is_wrong),
        RUN(size_is_read_in_powers_of_1024),
        RUN(count_takes_digits_only),
        RUN(rate_is_positive),
        RUN(address_is_split_at_the_last_colon),
        RUN(address_is_refused_without_port_or_brackets),
        RUN(texts_name_their_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
