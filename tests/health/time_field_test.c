/* JSON pointers into whole, odd and broken texts. */
#include "support/test.h"

#include "health/json_find.h"

#include <stdlib.h>

#define FOUND_NOT INT64_MIN

/* Read from a heap copy of the exact size, so that one byte too far is seen by
 * the sanitizer. */
static int64_t read_bytes(const char *pointer, const char *json, size_t size)
{
    struct hws_fault fault;
    struct hws_time_field *field = hws_time_field_new(pointer, &fault);
    if (!field)
        fail_msg("%s", fault.text);
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, json, size);
    hws_time at;
    bool found = hws_time_field_read(field, (struct hws_span){copy, size}, &at);
    free(copy);
    hws_time_field_free(field);
    return found ? at : FOUND_NOT;
}

static int64_t read_text(const char *pointer, const char *json)
{
    return read_bytes(pointer, json, strlen(json));
}

#define assert_read(pointer, json, want) \
    assert_int_equal(read_text(pointer, json), (int64_t)(want))
#define assert_not_read(pointer, json) \
    assert_int_equal(read_text(pointer, json), FOUND_NOT)

TEST(units_scale_to_nanoseconds)
{
    assert_read("/T:s", "{\"T\":2}", HWS_S(2));
    assert_read("/T:ms", "{\"T\":2}", HWS_MS(2));
    assert_read("/T:us", "{\"T\":2}", HWS_US(2));
    assert_read("/T:ns", "{\"T\":2}", 2);
    assert_read("/T", "{\"T\":2}", HWS_MS(2));
    assert_read("/T:iso", "{\"T\":\"1970-01-01T00:00:01Z\"}", HWS_S(1));
}

TEST(numbers_may_stand_in_strings_but_dates_must)
{
    assert_read("/T:ns", "{\"T\":\"1700000000123456789\"}",
                1700000000123456789);
    assert_read("/T:s", "{\"T\":\"1.5\"}", HWS_MS(1500));
    assert_not_read("/T:iso", "{\"T\":1970}");
    assert_not_read("/T:s", "{\"T\":\"\"}");
}

/* The examples of RFC 6901 section 5, with numbers as their values. */
TEST(the_pointers_of_the_rfc_find_their_members)
{
    static const char json[] =
        "{\"foo\": [\"11\", \"12\"], \"\": 0, \"a/b\": 1, \"c%d\": 2, "
        "\"e^f\": 3, \"g|h\": 4, \"i\\\\j\": 5, \"k\\\"l\": 6, \" \": 7, "
        "\"m~n\": 8}";
    assert_read("/foo/0:ns", json, 11);
    assert_read("/foo/1:ns", json, 12);
    assert_read("/:ns", json, 0);
    assert_read("/a~1b:ns", json, 1);
    assert_read("/c%d:ns", json, 2);
    assert_read("/e^f:ns", json, 3);
    assert_read("/g|h:ns", json, 4);
    assert_read("/i\\j:ns", json, 5);
    assert_read("/k\"l:ns", json, 6);
    assert_read("/ :ns", json, 7);
    assert_read("/m~0n:ns", json, 8);
    assert_not_read("/foo:ns", json);
    assert_not_read(":ns", json);
}

TEST(the_empty_pointer_is_the_whole_text)
{
    assert_read(":ns", "42", 42);
    assert_read(":ns", " \t\r\n42 ", 42);
    assert_read("", "42", HWS_MS(42));
    assert_not_read(":ns", "[42]");
}

TEST(tilde_escapes_are_undone_in_the_right_order)
{
    assert_read("/~01:ns", "{\"/\":1,\"~1\":2}", 2);
    assert_read("/~10:ns", "{\"/0\":3}", 3);
    assert_read("/~0~1:ns", "{\"~/\":4}", 4);
}

TEST(array_indices_have_no_leading_zero_sign_or_dash)
{
    assert_read("/0:ns", "[5,6]", 5);
    assert_read("/1:ns", "[5,6]", 6);
    assert_not_read("/2:ns", "[5,6]");
    assert_not_read("/00:ns", "[5,6]");
    assert_not_read("/01:ns", "[5,6]");
    assert_not_read("/-:ns", "[5,6]");
    assert_not_read("/-1:ns", "[5,6]");
    assert_not_read("/+1:ns", "[5,6]");
    assert_not_read("/1 :ns", "[5,6]");
    assert_not_read("/0:ns", "[]");
    assert_not_read("/4294967296:ns", "[5,6]");
    assert_not_read("/18446744073709551616:ns", "[5,6]");
    assert_read("/01:ns", "{\"01\":7}", 7); /* a name here */
    assert_read("/1/0/a:ns", "[0,[{\"a\":8}]]", 8);
}

TEST(names_are_compared_unescaped)
{
    assert_read("/time:ns", "{\"t\\u0069me\":1}", 1);
    assert_read("/\xc3\xa9:ns", "{\"\\u00E9\":2}", 2);
    assert_read("/\xe2\x82\xac:ns", "{\"\\u20ac\":3}", 3);
    assert_read("/\xf0\x9f\x98\x80:ns", "{\"\\uD83D\\uDE00\":4}", 4);
    assert_read("/\xf0\x9f\x98\x80:ns", "{\"\xf0\x9f\x98\x80\":5}", 5);
    assert_read("/a~1b:ns", "{\"a\\/b\":6}", 6);
    assert_read("/a\n\t\b\f\r:ns", "{\"a\\n\\t\\b\\f\\r\":7}", 7);
    assert_not_read("/time:ns", "{\"t\\u0069mes\":1}");
    assert_not_read("/times:ns", "{\"t\\u0069me\":1}");
    assert_not_read("/a:ns", "{\"\\q\":1}");
    assert_not_read("/a:ns", "{\"\\u12\":1}");
    assert_not_read("/a:ns", "{\"\\ud83d\":1}");
    assert_not_read("/a:ns", "{\"\\ud83d\\u0041\":1}");
    assert_not_read("/a:ns", "{\"\\ude00\":1}");
    assert_not_read("/\xf6\x90\x88\x80:ns", "{\"\\ude00\\ude00\":1}");
    assert_read("/a:ns", "{\"\\q\":1,\"a\":9}", 9);
}

TEST(an_escaped_name_is_compared_within_the_wanted_one)
{
    assert_not_read("/a:ns",
                    "{\"a\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"
                    "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\":1}");
}

TEST(a_string_that_ends_in_a_backslash_has_no_end)
{
    static const uint8_t json[] = {'"', '1', '\\'};
    struct hwi_json_value value;
    struct hws_span span = {json, sizeof(json)};
    assert_false(hwi_json_find(span, NULL, 0, &value));
}

TEST(values_before_the_member_are_skipped_whole)
{
    assert_read("/T:ns",
                "{\"a\":{\"T\":1,\"x\":[{},[]]},\"b\":\"}\\\",\\\\\","
                "\"c\":[\"]\",{\"T\":2}],\"d\":null,\"e\":-1.5e+3,"
                "\"f\":true , \"g\" : \"T\" , \"T\" : 3 , \"h\" : 4}",
                3);
    assert_read("/T:ns", "{\"TT\":1,\"\":2,\"T\":3}", 3);
}

TEST(of_equal_names_the_first_counts)
{
    assert_read("/T:ns", "{\"T\":1,\"T\":2}", 1);
}

TEST(a_path_through_the_wrong_kind_finds_nothing)
{
    assert_not_read("/T/x:ns", "{\"T\":5}");
    assert_not_read("/T/0:ns", "{\"T\":\"55\"}");
    assert_not_read("/T:ns", "{\"T\":{\"T\":1}}");
    assert_not_read("/T:ns", "{\"T\":[1]}");
    assert_not_read("/T:ns", "{\"T\":null}");
    assert_not_read("/T:ns", "{\"T\":true}");
    assert_not_read("/T:ns", "[1]");
    assert_not_read("/T:ns", "{}");
}

TEST(broken_texts_are_no_answer)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "[",
        "\"",
        "\"\\",
        "{\"",
        "{\"T",
        "{\"T\\",
        "{\"T\"",
        "{\"T\":",
        "{\"T\":\"",
        "{\"T\":\"1",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\"}",
        "{,\"T\":1}",
        "{\"a\" 1,\"T\":1}",
        "{\"a\":1 \"T\":1}",
        "{\"a\":,\"T\":1}",
        "{'T':1}",
        "{T:1}",
        "{\"a\":[,\"T\":1}",
        "{\"a\":\"\\\",\"T\":1}",
        "{\"\\u",
        "{\"\\u00",
        "{\"\\ud83d\\",
        "{\"\\ud83d\\u",
        "{\"T\":}",
        "{\"T\":,}",
        "\xff\xfe{\"T\":1}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_not_read("/T:ns", texts[i]);
}

/* Cut anywhere, a text is either read rightly or not at all. */
TEST(a_text_cut_anywhere_is_never_read_beyond_its_end)
{
    static const char json[] =
        "{\"a\":[1,{\"b\\u00e9\":\"x\\\"y\\\\\"},[[]]],\"c\":-1.5e3,"
        "\"\\ud83d\\ude00\":{\"T\":[\"7\",77]}}";
    static const char pointer[] = "/\xf0\x9f\x98\x80/T/1:ns";
    assert_int_equal(read_text(pointer, json), 77);
    for (size_t size = 0; size < sizeof(json) - 1; size++) {
        int64_t got = read_bytes(pointer, json, size);
        if (got != 77 && got != 7) /* "7" is what is left of 77 */
            assert_int_equal(got, FOUND_NOT);
    }
}

TEST(garbage_is_never_read_beyond_its_end)
{
    static const char bytes[] = "{}[]\",:\\u0dT19.e- \n\xff";
    uint64_t seed = 99;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        size_t size = (size_t)(seed >> 33) % sizeof(text);
        for (size_t i = 0; i < size; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = bytes[(seed >> 33) % (sizeof(bytes) - 1)];
        }
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        read_bytes(round % 2 ? "/T:ns" : "/1/0:ns", text, size);
    }
}

TEST(a_million_open_brackets_need_no_stack)
{
    size_t deep = 1000000;
    char *json = malloc(2 * deep + 32);
    size_t size = (size_t)sprintf(json, "{\"a\":");
    memset(json + size, '[', deep);
    memset(json + size + deep, ']', deep);
    size += 2 * deep;
    size += (size_t)sprintf(json + size, ",\"T\":5}");
    assert_int_equal(read_bytes("/T:ns", json, size), 5);
    assert_int_equal(read_bytes("/T:ns", json, size / 2), FOUND_NOT);
    free(json);
}

TEST(sixty_four_steps_are_walked_and_sixty_five_refused)
{
    char pointer[2 * 65 + 4] = "";
    char json[64 * 5 + 64 + 2] = "";
    for (int i = 0; i < 64; i++) {
        strcat(pointer, "/0");
        strcat(json, "[");
    }
    strcat(json, "6");
    for (int i = 0; i < 64; i++)
        strcat(json, "]");
    assert_read(pointer, json, HWS_MS(6));
    strcat(pointer, "/0");
    assert_null(hws_time_field_new(pointer, NULL));
}

TEST(a_bad_field_names_its_place)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"T", "begin with '/' at byte 0"},
        {"T:ms", "begin with '/' at byte 0"},
        {"/T:min", "unit is not s, ms, us, ns or iso at byte 3"},
        {"/T:", "unit is not s, ms, us, ns or iso at byte 3"},
        {"/a~", "'~' without 0 or 1 at byte 2"},
        {"/a~2b", "'~' without 0 or 1 at byte 2"},
        {"/a~:ms", "'~' without 0 or 1 at byte 2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct hws_fault fault = {0};
        assert_null(hws_time_field_new(cases[i].text, &fault));
        assert_int_equal(fault.status, HWS_E_ARGUMENT);
        assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
        if (!strstr(fault.text, cases[i].part))
            fail_msg("%s", fault.text);
    }
    assert_null(hws_time_field_new(NULL, NULL));
}

#define assert_binary(field, bytes, want)                         \
    assert_int_equal(read_bytes(field, bytes, sizeof(bytes) - 1), \
                     (int64_t)(want))

TEST(numbers_stand_at_a_place_of_a_binary_message)
{
    static const char big[] = "head\0\0\0\0\0\0\1\2tail";
    static const char little[] = "\2\1\0\0\0\0\0\0";
    assert_binary("@4:u64be:ns", big, 258);
    assert_binary("@-12:u64be:us", big, HWS_US(258));
    assert_binary("@8:u32be", big, HWS_MS(258));
    assert_binary("@0:u64le:s", little, HWS_S(258));
    assert_binary("@0:i32le:ns", "\376\377\377\377", -2);
    assert_binary("@0:i64be:ms", "\377\377\377\377\377\377\377\376",
                  -HWS_MS(2));
    assert_binary("@0:f64be:s", "\x3f\xf8\0\0\0\0\0\0", HWS_MS(1500));
    assert_binary("@0:f32le:s", "\0\0\xc0\x3f", HWS_MS(1500));
}

TEST(binary_numbers_that_do_not_fit_are_not_read)
{
    assert_binary("@0:u64be:ns", "1234567", FOUND_NOT);
    assert_binary("@1:u64be:ns", "12345678", FOUND_NOT);
    assert_binary("@-4:u64be:ns", "12345678", FOUND_NOT);
    assert_binary("@-9:u64be:ns", "12345678", FOUND_NOT);
    assert_binary("@0:u32be:ns", "", FOUND_NOT);
    assert_binary("@0:u64be:ns", "\377\377\377\377\377\377\377\377", FOUND_NOT);
    assert_binary("@0:u64be:s", "\0\0\1\0\0\0\0\0", FOUND_NOT);
    assert_binary("@0:f64be:s", "\x7f\xf8\0\0\0\0\0\0", FOUND_NOT);
    assert_binary("@0:f64be:s", "\x7f\xf0\0\0\0\0\0\0", FOUND_NOT);
}

TEST(a_bad_place_is_named)
{
    static const char *const bad[][2] = {
        {"@:u64be", "offset is no number at byte 1"},
        {"@x:u64be", "offset is no number at byte 1"},
        {"@--1:u64be", "offset is no number at byte 2"},
        {"@16777217:u64be", "offset is above 16777216 at byte 1"},
        {"@99999999999999999999:u64be", "above 16777216 at byte 1"},
        {"@8", "type is not u32"},
        {"@8:", "type is not u32"},
        {"@8:u64", "type is not u32"},
        {"@8:u16be:ns", "at byte 3"},
        {"@8:u64me:ns", "at byte 3"},
        {"@8:u64be.ns", "no unit follows at byte 8"},
        {"@8:u64be:min", "unit is not s, ms, us, ns or iso at byte 9"},
        {"@8:u64be:iso", "a number has no unit iso at byte 9"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hws_fault fault = {0};
        assert_null(hws_time_field_new(bad[i][0], &fault));
        assert_int_equal(fault.status, HWS_E_ARGUMENT);
        if (!strstr(fault.text, bad[i][1]))
            fail_msg("%s: '%s'", bad[i][0], fault.text);
    }
}

static bool read_length(struct hws_span message, hws_time *at, void *user)
{
    *at = (hws_time)message.size * *(const int *)user;
    return message.size > 0;
}

TEST(a_function_finds_it_as_well)
{
    int factor = 3;
    hws_time at = 0;
    struct hws_time_field *field =
        hws_time_field_call(read_length, &factor, NULL);
    assert_true(hws_time_field_read(field, hws_span_text("four"), &at));
    assert_int_equal(at, 12);
    assert_false(hws_time_field_read(field, hws_span_text(""), &at));
    hws_time_field_free(field);
}

TEST(a_colon_inside_a_name_is_no_unit)
{
    assert_read("/a:b/T", "{\"a:b\":{\"T\":1}}", HWS_MS(1));
    assert_read("/a:b:ns", "{\"a:b\":1}", 1);
}

static void *refuse_alloc(void *context, size_t size)
{
    (void)context;
    (void)size;
    return NULL;
}

TEST(no_memory_is_said)
{
    struct hws_fault fault;
    hws_memory_set(&(struct hws_memory){.alloc = refuse_alloc});
    struct hws_time_field *field = hws_time_field_new("/T", &fault);
    hws_memory_set(NULL);
    assert_null(field);
    assert_int_equal(fault.status, HWS_E_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(units_scale_to_nanoseconds),
        RUN(numbers_may_stand_in_strings_but_dates_must),
        RUN(the_pointers_of_the_rfc_find_their_members),
        RUN(the_empty_pointer_is_the_whole_text),
        RUN(tilde_escapes_are_undone_in_the_right_order),
        RUN(array_indices_have_no_leading_zero_sign_or_dash),
        RUN(names_are_compared_unescaped),
        RUN(an_escaped_name_is_compared_within_the_wanted_one),
        RUN(a_string_that_ends_in_a_backslash_has_no_end),
        RUN(values_before_the_member_are_skipped_whole),
        RUN(of_equal_names_the_first_counts),
        RUN(a_path_through_the_wrong_kind_finds_nothing),
        RUN(broken_texts_are_no_answer),
        RUN(a_text_cut_anywhere_is_never_read_beyond_its_end),
        RUN(garbage_is_never_read_beyond_its_end),
        RUN(a_million_open_brackets_need_no_stack),
        RUN(sixty_four_steps_are_walked_and_sixty_five_refused),
        RUN(a_bad_field_names_its_place),
        RUN(numbers_stand_at_a_place_of_a_binary_message),
        RUN(binary_numbers_that_do_not_fit_are_not_read),
        RUN(a_bad_place_is_named),
        RUN(a_function_finds_it_as_well),
        RUN(a_colon_inside_a_name_is_no_unit),
        RUN(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
