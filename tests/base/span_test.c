/* Questions about borrowed bytes. */
#include "support/test.h"

#include "base/span.h"

static struct hws_span text(const char *s)
{
    return hws_span_text(s);
}

TEST(text_of_null_is_empty)
{
    assert_int_equal(hws_span_text(NULL).size, 0);
    assert_span(hws_span_text("ab"), "ab");
}

TEST(part_is_clipped_to_the_span)
{
    assert_span(hwi_span_part(text("abcdef"), 2, 3), "cde");
    assert_span(hwi_span_part(text("abcdef"), 4, 100), "ef");
    assert_span(hwi_span_part(text("abcdef"), 2, SIZE_MAX), "cdef");
    assert_int_equal(hwi_span_part(text("abc"), 9, 1).size, 0);
    assert_null(hwi_span_part(hwi_span(NULL, 0), 5, 5).data);
}

TEST(equality_looks_at_size_and_bytes)
{
    assert_true(hwi_span_equal(text("abc"), text("abc")));
    assert_false(hwi_span_equal(text("abc"), text("abd")));
    assert_false(hwi_span_equal(text("abc"), text("ab")));
    assert_true(hwi_span_equal(hwi_span(NULL, 0), text("")));
    assert_true(hwi_span_is(text("abc"), "abc"));
    assert_false(hwi_span_is(text("abc"), "ABC"));
}

TEST(case_is_ignored_for_ascii_letters_only)
{
    assert_true(
        hwi_span_is_nocase(text("Sec-WebSocket-Key"), "sec-websocket-kEY"));
    assert_false(hwi_span_is_nocase(text("@"), "`"));
    assert_false(hwi_span_is_nocase(text("["), "{"));
    assert_false(hwi_span_equal_nocase(text("a"), text("aa")));
    assert_false(hwi_span_is_nocase(text("\xc4"), "\xe4"));
}

TEST(trim_takes_blanks_off_both_ends)
{
    assert_span(hwi_span_trim(text(" \t a b\t ")), "a b");
    assert_int_equal(hwi_span_trim(text(" \t ")).size, 0);
    assert_span(hwi_span_trim(text("\na\r")), "\na\r");
}

TEST(find_gives_the_first_index_or_the_size)
{
    assert_int_equal(hwi_span_find(text("abcb"), 'b'), 1);
    assert_int_equal(hwi_span_find(text("abcb"), 'x'), 4);
    assert_int_equal(hwi_span_find(hwi_span(NULL, 0), 'x'), 0);
}

TEST(list_elements_come_trimmed_and_empty_ones_do_not)
{
    struct hws_span element, list = text(" a ,, b;x=\"1,2\" ,\t,c");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "a");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "b;x=\"1,2\"");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "c");
    assert_false(hwi_span_next_element(&list, &element));
}

TEST(quoted_quote_does_not_end_the_quotes)
{
    struct hws_span element, list = text("\"a\\\",b\", c");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "\"a\\\",b\"");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "c");
}

TEST(list_that_ends_inside_quotes_ends)
{
    struct hws_span element, list = text("\"a,b\\");
    assert_true(hwi_span_next_element(&list, &element));
    assert_span(element, "\"a,b\\");
    assert_false(hwi_span_next_element(&list, &element));
}

static bool number(const char *s, uint64_t max, uint64_t wanted)
{
    uint64_t value = 12345;
    return hwi_span_number(text(s), max, &value) && value == wanted;
}

TEST(number_is_decimal_digits_up_to_max)
{
    assert_true(number("0", 0, 0));
    assert_true(number("65535", 65535, 65535));
    assert_true(number("007", 7, 7));
    assert_true(number("18446744073709551615", UINT64_MAX, UINT64_MAX));
}

TEST(number_refuses_all_else)
{
    uint64_t value;
    static const char *const bad[] = {"",   "-1", "+1", " 1", "1 ",
                                      "1x", "8",  "10", "/",  ":"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(hwi_span_number(text(bad[i]), 7, &value));
    assert_false(hwi_span_number(text("65536"), 65535, &value));
    assert_false(
        hwi_span_number(text("18446744073709551616"), UINT64_MAX, &value));
    assert_false(
        hwi_span_number(text("99999999999999999999999"), UINT64_MAX, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(text_of_null_is_empty),
        RUN(part_is_clipped_to_the_span),
        RUN(equality_looks_at_size_and_bytes),
        RUN(case_is_ignored_for_ascii_letters_only),
        RUN(trim_takes_blanks_off_both_ends),
        RUN(find_gives_the_first_index_or_the_size),
        RUN(list_elements_come_trimmed_and_empty_ones_do_not),
        RUN(quoted_quote_does_not_end_the_quotes),
        RUN(list_that_ends_inside_quotes_ends),
        RUN(number_is_decimal_digits_up_to_max),
        RUN(number_refuses_all_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
