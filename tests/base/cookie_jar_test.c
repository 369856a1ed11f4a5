/* The jar: who may set which cookie, and which go back with a request. */
#include "support/test.h"

#include "base/cookie_jar.h"
#include "starved.h"

#define NOW HWS_S(1700000000)

static int set(struct hwi_cookie_jar *jar, const char *url_text,
               const char *text)
{
    struct hwi_url url;
    assert_int_equal(hwi_url_parse(&url, url_text, NULL), 0);
    int status = hwi_cookie_jar_set(jar, &url, hws_span_text(text), NOW);
    hwi_url_release(&url);
    return status;
}

static const char *sent_at(struct hwi_cookie_jar *jar, const char *url_text,
                           hws_time realtime)
{
    static char shown[HWI_COOKIE_HEADER_MAX + 2];
    struct hwi_buf out;
    struct hwi_url url;
    hwi_buf_init(&out, sizeof(shown) - 1);
    assert_int_equal(hwi_url_parse(&url, url_text, NULL), 0);
    assert_int_equal(hwi_cookie_jar_write(jar, &url, realtime, &out), 0);
    struct hws_span line = hwi_buf_span(&out);
    if (line.size)
        memcpy(shown, line.data, line.size);
    shown[line.size] = '\0';
    hwi_url_release(&url);
    hwi_buf_release(&out);
    return shown;
}

static const char *sent(struct hwi_cookie_jar *jar, const char *url)
{
    return sent_at(jar, url, NOW);
}

/* One cookie in a jar of its own: what goes where. */
struct visit {
    const char *set_at, *text, *asked_at, *line;
};

static void assert_visits(const struct visit *visits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct visit *v = &visits[i];
        struct hwi_cookie_jar jar;
        hwi_cookie_jar_init(&jar);
        set(&jar, v->set_at, v->text);
        const char *line = sent(&jar, v->asked_at);
        if (strcmp(line, v->line) != 0)
            fail_msg("'%s' of %s at %s: '%s', not '%s'", v->text, v->set_at,
                     v->asked_at, line, v->line);
        hwi_cookie_jar_release(&jar);
    }
}

#define VISITS(visits) assert_visits(visits, sizeof(visits) / sizeof(visits[0]))

TEST(cookie_goes_back_to_its_host_alone)
{
    static const struct visit visits[] = {
        {"ws://feed.example/", "a=1", "ws://feed.example/", "a=1"},
        {"ws://feed.example/", "a=1", "wss://FEED.example/x?y", "a=1"},
        {"ws://feed.example/", "a=1", "ws://feed.example:8080/", "a=1"},
        {"ws://feed.example/", "a=1", "ws://x.feed.example/", ""},
        {"ws://feed.example/", "a=1", "ws://example/", ""},
        {"ws://feed.example/", "a=1; Domain=", "ws://x.feed.example/", ""},
        {"ws://feed.example/", "a=1; Domain=.", "ws://feed.example/", "a=1"},
        {"ws://feed.example/", "a=1; Domain=.", "ws://x.feed.example/", ""},
        {"ws://localhost/", "a=1", "ws://localhost/", "a=1"},
        {"ws+unix:///run/s.sock", "a=1", "ws+unix:///run/s.sock:/x", "a=1"},
        {"ws+unix:///run/s.sock", "a=1", "ws+unix:///run/t.sock", ""},
        {"ws+unix:///run/s.sock", "a=1", "ws://localhost/", ""},
    };
    VISITS(visits);
}

TEST(domain_includes_the_names_under_it)
{
    static const struct visit visits[] = {
        {"ws://feed.example/", "a=1; Domain=feed.example",
         "ws://x.y.feed.example/", "a=1"},
        {"ws://feed.example/", "a=1; Domain=.FEED.example",
         "ws://feed.example/", "a=1"},
        {"ws://x.feed.example/", "a=1; Domain=feed.example",
         "ws://y.feed.example/", "a=1"},
        {"ws://feed.example/", "a=1; Domain=feed.example",
         "ws://notfeed.example/", ""},
    };
    VISITS(visits);
}

TEST(nobody_sets_cookies_of_others)
{
    static const struct visit visits[] = {
        {"ws://feed.example/", "a=1; Domain=x.feed.example",
         "ws://x.feed.example/", ""},
        {"ws://feed.example/", "a=1; Domain=other.example",
         "ws://other.example/", ""},
        {"ws://notfeed.example/", "a=1; Domain=feed.example",
         "ws://feed.example/", ""},
        {"ws://feed.example/", "a=1; Domain=example", "ws://feed.example/", ""},
        {"ws://feed.example/", "a=1; Domain=example", "ws://example/", ""},
        {"ws://localhost/", "a=1; Domain=localhost", "ws://localhost/", "a=1"},
        {"ws://localhost/", "a=1; Domain=localhost", "ws://x.localhost/", ""},
    };
    VISITS(visits);
}

TEST(addresses_have_no_parents)
{
    static const struct visit visits[] = {
        {"ws://192.0.2.1/", "a=1; Domain=0.2.1", "ws://192.0.2.1/", ""},
        {"ws://192.0.2.1/", "a=1; Domain=192.0.2.1", "ws://192.0.2.1/", "a=1"},
        {"ws://x.192.0.2.1.example/", "a=1; Domain=192.0.2.1",
         "ws://192.0.2.1/", ""},
        {"ws://[2001:db8::1]/", "a=1", "ws://[2001:DB8::1]/", "a=1"},
    };
    VISITS(visits);
}

TEST(path_limits_where_it_goes)
{
    static const struct visit visits[] = {
        {"ws://h/a/b", "a=1", "ws://h/a/c?x", "a=1"},
        {"ws://h/a/b", "a=1", "ws://h/", ""},
        {"ws://h/a/b?c/d/e", "a=1", "ws://h/a", "a=1"},
        {"ws://h/a/b", "a=1; Path=/", "ws://h/", "a=1"},
        {"ws://h/a", "a=1; Path=/deep", "ws://h/deep/er", "a=1"},
        {"ws://h/a", "a=1; Path=/deep", "ws://h/deeper", ""},
    };
    VISITS(visits);
}

TEST(secure_ones_need_tls_or_this_machine)
{
    static const struct visit visits[] = {
        {"wss://h/", "a=1; Secure", "wss://h/", "a=1"},
        {"wss://h/", "a=1; Secure", "ws://h/", ""},
        {"ws://h/", "a=1; Secure", "wss://h/", ""},
        {"ws+unix:///s", "a=1; Secure", "ws+unix:///s", "a=1"},
    };
    VISITS(visits);
}

TEST(prefixes_keep_their_promise)
{
    static const struct visit visits[] = {
        {"wss://h/", "__Secure-a=1; Secure", "wss://h/", "__Secure-a=1"},
        {"wss://h/", "__Secure-a=1", "wss://h/", ""},
        {"wss://h/", "__secure-a=1", "wss://h/", ""},
        {"wss://h/", "__Host-a=1; Secure; Path=/", "wss://h/", "__Host-a=1"},
        {"wss://h/", "__Host-a=1; Secure", "wss://h/", ""},
        {"wss://h/", "__Host-a=1; Secure; Path=/x", "wss://h/x", ""},
        {"wss://h/", "__Host-a=1; Path=/", "wss://h/", ""},
        {"wss://h.x/", "__Host-a=1; Secure; Path=/; Domain=h.x", "wss://h.x/",
         ""},
    };
    VISITS(visits);
}

TEST(nobody_on_the_way_replaces_a_secure_cookie)
{
    struct hwi_cookie_jar jar;
    hwi_cookie_jar_init(&jar);
    assert_int_equal(set(&jar, "wss://h.x/", "a=1; Secure; Domain=h.x"), 0);
    assert_int_equal(set(&jar, "ws://h.x/", "a=2"), HWS_E_ARGUMENT);
    assert_int_equal(set(&jar, "ws://y.h.x/", "a=2"), HWS_E_ARGUMENT);
    assert_int_equal(set(&jar, "ws://h.x/", "a=; Domain=h.x; Max-Age=0"),
                     HWS_E_ARGUMENT);
    assert_int_equal(set(&jar, "wss://z.h.x/", "c=1; Secure"), 0);
    assert_int_equal(set(&jar, "ws://h.x/", "c=2; Domain=h.x"), HWS_E_ARGUMENT);
    assert_int_equal(set(&jar, "ws://h.x/", "b=2"), 0);
    assert_int_equal(set(&jar, "ws://other/", "a=2"), 0);
    assert_string_equal(sent(&jar, "wss://h.x/"), "a=1; b=2");
    assert_int_equal(set(&jar, "wss://h.x/", "a=3; Domain=h.x"), 0);
    assert_string_equal(sent(&jar, "ws://h.x/"), "a=3; b=2");
    hwi_cookie_jar_release(&jar);
}

TEST(longer_paths_and_older_ones_stand_first)
{
    struct hwi_cookie_jar jar;
    hwi_cookie_jar_init(&jar);
    set(&jar, "ws://h/", "a=1");
    set(&jar, "ws://h/", "b=2; Path=/x/y");
    set(&jar, "ws://h/", "c=3");
    set(&jar, "ws://h/", "d=4; Path=/x");
    set(&jar, "ws://h/", "a=5"); /* keeps its place */
    assert_string_equal(sent(&jar, "ws://h/x/y"), "b=2; d=4; a=5; c=3");
    set(&jar, "ws://h/", "c=3; Path=/x");
    assert_string_equal(sent(&jar, "ws://h/x/y"), "b=2; d=4; c=3; a=5; c=3");
    hwi_cookie_jar_release(&jar);
}

TEST(cookies_end)
{
    struct hwi_cookie_jar jar;
    hwi_cookie_jar_init(&jar);
    set(&jar, "ws://h/", "a=1; Max-Age=10");
    set(&jar, "ws://h/", "b=2; Expires=Wed, 21 Oct 2015 07:28:00 GMT");
    set(&jar, "ws://h/", "c=3");
    assert_int_equal(jar.count, 2);
    assert_string_equal(sent_at(&jar, "ws://h/", NOW + HWS_S(9)), "a=1; c=3");
    assert_string_equal(sent_at(&jar, "ws://h/", NOW + HWS_S(10)), "c=3");
    assert_int_equal(jar.count, 1);
    /* The way in which servers take one back. */
    set(&jar, "ws://h/", "c=; Max-Age=0");
    assert_int_equal(jar.count, 0);
    hwi_cookie_jar_release(&jar);
}

TEST(one_domain_has_its_limit_and_the_rested_one_goes)
{
    struct hwi_cookie_jar jar;
    char text[32];
    hwi_cookie_jar_init(&jar);
    set(&jar, "ws://other/", "a=1");
    set(&jar, "ws://h/", "old=1; Path=/x");
    for (int i = 0; i < HWI_COOKIES_PER_DOMAIN - 1; i++) {
        snprintf(text, sizeof(text), "n%d=1; Path=/y", i);
        assert_int_equal(set(&jar, "ws://h/", text), 0);
    }
    assert_int_equal(jar.count, HWI_COOKIES_PER_DOMAIN + 1);
    assert_string_equal(sent(&jar, "ws://h/x"), "old=1");
    set(&jar, "ws://h/", "new=1");
    assert_int_equal(jar.count, HWI_COOKIES_PER_DOMAIN + 1);
    assert_string_equal(sent(&jar, "ws://h/x"), "old=1; new=1");
    assert_null(strstr(sent(&jar, "ws://h/y"), "n0="));
    assert_string_equal(sent(&jar, "ws://other/"), "a=1");
    hwi_cookie_jar_release(&jar);
}

TEST(whole_jar_has_its_limit)
{
    struct hwi_cookie_jar jar;
    char url[64];
    hwi_cookie_jar_init(&jar);
    for (int i = 0; i < HWI_COOKIES_MAX + 7; i++) {
        snprintf(url, sizeof(url), "ws://h%d/", i);
        assert_int_equal(set(&jar, url, "a=1"), 0);
    }
    assert_int_equal(jar.count, HWI_COOKIES_MAX);
    assert_string_equal(sent(&jar, "ws://h6/"), "");
    assert_string_equal(sent(&jar, "ws://h7/"), "a=1");
    hwi_cookie_jar_release(&jar);
}

TEST(header_has_its_limit)
{
    static char text[4000];
    struct hwi_cookie_jar jar;
    hwi_cookie_jar_init(&jar);
    memset(text, 'x', sizeof(text) - 1);
    for (int i = 0; i < 5; i++) {
        text[0] = (char)('a' + i);
        text[1] = '=';
        assert_int_equal(set(&jar, "ws://h/", text), 0);
    }
    set(&jar, "ws://h/", "last=1");
    const char *line = sent(&jar, "ws://h/");
    assert_in_range(strlen(line), 2 * sizeof(text), HWI_COOKIE_HEADER_MAX);
    assert_non_null(strstr(line, "; last=1"));
    hwi_cookie_jar_release(&jar);
}

TEST(no_memory_is_told_and_changes_nothing)
{
    struct hwi_cookie_jar jar;
    struct hwi_url url;
    hwi_cookie_jar_init(&jar);
    set(&jar, "ws://h/", "a=1");
    assert_int_equal(hwi_url_parse(&url, "ws://h/", NULL), 0);
    starve_after(0);
    int status = hwi_cookie_jar_set(&jar, &url, hws_span_text("a=2"), NOW);
    starve_no_more();
    assert_int_equal(status, HWS_E_MEMORY);
    assert_string_equal(sent(&jar, "ws://h/"), "a=1");
    hwi_url_release(&url);
    hwi_cookie_jar_release(&jar);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(cookie_goes_back_to_its_host_alone),
        RUN(domain_includes_the_names_under_it),
        RUN(nobody_sets_cookies_of_others),
        RUN(addresses_have_no_parents),
        RUN(path_limits_where_it_goes),
        RUN(secure_ones_need_tls_or_this_machine),
        RUN(prefixes_keep_their_promise),
        RUN(nobody_on_the_way_replaces_a_secure_cookie),
        RUN(longer_paths_and_older_ones_stand_first),
        RUN(cookies_end),
        RUN(one_domain_has_its_limit_and_the_rested_one_goes),
        RUN(whole_jar_has_its_limit),
        RUN(header_has_its_limit),
        RUN(no_memory_is_told_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
