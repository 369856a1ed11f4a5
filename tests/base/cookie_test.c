/* The words of one Set-Cookie, and its date in every disguise. */
#include "support/test.h"

#include "base/cookie.h"

#include <stdlib.h>

#define NOW HWS_S(1700000000) /* 14 Nov 2023 22:13:20 GMT */

/* The words of `text`, from memory of exactly its size; freed by the next. */
static bool read_words(struct hwi_cookie_words *words, const char *text)
{
    static uint8_t *copy;
    size_t size = strlen(text);
    free(copy);
    copy = malloc(size + !size);
    memcpy(copy, text, size);
    bool good = hwi_cookie_read(words, (struct hws_span){copy, size}, NOW);
    if (size == 0) {
        free(copy);
        copy = NULL;
    }
    return good;
}

TEST(all_words_are_read)
{
    struct hwi_cookie_words w;
    assert_true(
        read_words(&w,
                   "id = a=b ; Path=/p;DOMAIN=.Feed.Example; secure ;HttpOnly; "
                   "SameSite=Lax; Max-Age=60"));
    assert_span(w.name, "id");
    assert_span(w.value, "a=b");
    assert_span(w.path, "/p");
    assert_span(w.domain, "Feed.Example");
    assert_true(w.secure && w.http_only);
    assert_int_equal(w.expires, NOW + HWS_S(60));
}

TEST(bare_cookie_lives_with_the_session)
{
    struct hwi_cookie_words w;
    assert_true(read_words(&w, "a="));
    assert_span(w.name, "a");
    assert_int_equal(w.value.size, 0);
    assert_int_equal(w.domain.size + w.path.size, 0);
    assert_int_equal(w.expires, HWS_NEVER);
    assert_false(w.secure || w.http_only);
}

TEST(what_is_no_cookie_is_refused)
{
    static const char *const bad[] = {
        "",       "novalue",         "=value",  "  =x",   ";a=b",
        "a\tb=c", "a=b; Path=/x\ty", "a=b\x01", "a=\x7f", "a=b; Domain=\tx\ty",
    };
    struct hwi_cookie_words w;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (read_words(&w, bad[i]))
            fail_msg("'%s' is a cookie", bad[i]);
    }
}

TEST(sizes_are_limited)
{
    static char text[HWI_COOKIE_SIZE_MAX + HWI_COOKIE_ATTRIBUTE_MAX + 64];
    struct hwi_cookie_words w;
    memset(text, 'x', sizeof(text) - 1);
    text[1] = '=';
    text[HWI_COOKIE_SIZE_MAX + 1] = '\0';
    assert_true(read_words(&w, text));
    text[HWI_COOKIE_SIZE_MAX + 1] = 'x';
    text[HWI_COOKIE_SIZE_MAX + 2] = '\0';
    assert_false(read_words(&w, text));
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "a=b;path=/", 10);
    text[9 + HWI_COOKIE_ATTRIBUTE_MAX] = '\0';
    assert_true(read_words(&w, text));
    assert_int_equal(w.path.size, HWI_COOKIE_ATTRIBUTE_MAX);
    text[9 + HWI_COOKIE_ATTRIBUTE_MAX] = 'x';
    text[10 + HWI_COOKIE_ATTRIBUTE_MAX] = '\0';
    assert_true(read_words(&w, text));
    assert_int_equal(w.path.size, 0);
}

TEST(last_attribute_of_a_kind_counts)
{
    struct hwi_cookie_words w;
    assert_true(read_words(&w,
                           "a=b; Path=/x; Domain=one; Path=/y; "
                           "Domain=two; Max-Age=1; Max-Age=2"));
    assert_span(w.path, "/y");
    assert_span(w.domain, "two");
    assert_int_equal(w.expires, NOW + HWS_S(2));
    assert_true(read_words(&w, "a=b; Path=/x; Path=y"));
    assert_int_equal(w.path.size, 0);
}

static hws_time expiry(const char *attributes)
{
    struct hwi_cookie_words w;
    char text[256];
    snprintf(text, sizeof(text), "a=b; %s", attributes);
    assert_true(read_words(&w, text));
    return w.expires;
}

#define EPOCH_OF_EXAMPLE HWS_S(784111777)
#define EXAMPLE "Sun, 06 Nov 1994 08:49:37 GMT"

TEST(age_outweighs_the_date)
{
    assert_int_equal(expiry("Expires=" EXAMPLE), EPOCH_OF_EXAMPLE);
    assert_int_equal(expiry("Max-Age=9; Expires=" EXAMPLE), NOW + HWS_S(9));
    assert_int_equal(expiry("Expires=" EXAMPLE "; Max-Age=9"), NOW + HWS_S(9));
    assert_int_equal(expiry("Max-Age=soon; Expires=" EXAMPLE),
                     EPOCH_OF_EXAMPLE);
    assert_int_equal(expiry("Max-Age=; Expires=nonsense"), HWS_NEVER);
    assert_int_equal(expiry("Max-Age=0"), 0);
    assert_int_equal(expiry("Max-Age=-1"), 0);
    assert_int_equal(expiry("Max-Age=-"), HWS_NEVER);
    assert_int_equal(expiry("Max-Age=+1"), HWS_NEVER);
}

TEST(absurd_ages_and_dates_fit_any_clock)
{
    hws_time century = NOW + HWS_S(INT64_C(100) * 365 * 86400);
    assert_int_equal(expiry("Max-Age=99999999999999999999999999"), century);
    assert_int_equal(expiry("Max-Age=-99999999999999999999999999"), 0);
    assert_int_equal(expiry("Expires=Fri, 31 Dec 9999 23:59:59 GMT"),
                     HWS_S(INT64_C(9000000000)));
    assert_int_equal(expiry("Expires=Mon, 01 Jan 1601 00:00:00 GMT"), 0);
}

TEST(date_is_read_in_every_disguise)
{
    static const char *const same[] = {
        EXAMPLE,
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6 nov 94 8:49:37",
        "NOVEMBER 6 1994, 08:49:37.123+0100",
        "1994 Nov 6 08:49:37",
        "08:49:37 06-Nov-1994",
        "6th Nov 1994 08:49:37",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        int64_t seconds = 0;
        if (!hwi_cookie_date(hws_span_text(same[i]), &seconds))
            fail_msg("'%s' is no date", same[i]);
        assert_int_equal(seconds, 784111777);
    }
}

TEST(what_is_no_date_is_refused)
{
    static const char *const bad[] = {
        "",
        "never",
        "06 Nov 1994",
        "Nov 1994 08:49:37",
        "06 1994 08:49:37",
        "06 Nov 08:49:37",
        "32 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37",
        "29 Feb 1995 08:49:37",
        "00 Nov 1994 08:49:37",
        "06 Nov 1994 24:00:00",
        "06 Nov 1994 08:60:37",
        "06 Nov 1994 08:49:60",
        "06 Nov 1600 08:49:37",
        "06 Nov 19945 08:49:37",
        "06 Nov 1994 008:49:37",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t seconds;
        if (hwi_cookie_date(hws_span_text(bad[i]), &seconds))
            fail_msg("'%s' is a date", bad[i]);
    }
}

static bool matches(const char *cookie, const char *path)
{
    return hwi_cookie_path_matches(hws_span_text(cookie), hws_span_text(path));
}

TEST(path_matches_itself_and_what_is_below)
{
    assert_true(matches("/", "/"));
    assert_true(matches("/", "/a/b"));
    assert_true(matches("/a", "/a"));
    assert_true(matches("/a", "/a/"));
    assert_true(matches("/a", "/a/b"));
    assert_true(matches("/a/", "/a/b"));
    assert_false(matches("/a", "/ab"));
    assert_false(matches("/a/", "/a"));
    assert_false(matches("/a", "/"));
    assert_false(matches("/a", "/A"));
}

static void assert_default(const char *path, const char *folder)
{
    struct hws_span s = hwi_cookie_default_path(hws_span_text(path));
    assert_int_equal(s.size, strlen(folder));
    assert_memory_equal(s.data, folder, s.size);
}

TEST(default_path_is_the_folder)
{
    assert_default("/", "/");
    assert_default("/a", "/");
    assert_default("/a/", "/a");
    assert_default("/a/b", "/a");
    assert_default("", "/");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(all_words_are_read),
        RUN(bare_cookie_lives_with_the_session),
        RUN(what_is_no_cookie_is_refused),
        RUN(sizes_are_limited),
        RUN(last_attribute_of_a_kind_counts),
        RUN(age_outweighs_the_date),
        RUN(absurd_ages_and_dates_fit_any_clock),
        RUN(date_is_read_in_every_disguise),
        RUN(what_is_no_date_is_refused),
        RUN(path_matches_itself_and_what_is_below),
        RUN(default_path_is_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
