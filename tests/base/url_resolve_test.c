/* References against a base: the examples of RFC 3986, what servers really
 * send, what is refused; and who is the same origin. */
#include "support/test.h"

#include "base/url.h"
#include "starved.h"

/* The URL that `reference` leads to, or the fault's text. Static memory. */
static const char *resolved(const char *base_text, const char *reference)
{
    static char shown[256];
    struct hws_fault fault = {0};
    struct hwi_url base, to;
    assert_int_equal(hwi_url_parse(&base, base_text, NULL), 0);
    /* Exactly sized, so that a read beyond the end is seen. */
    size_t size = strlen(reference);
    uint8_t *copy = malloc(size + !size);
    memcpy(copy, reference, size);
    int status =
        hwi_url_resolve(&to, &base, (struct hws_span){copy, size}, &fault);
    free(copy);
    snprintf(shown, sizeof(shown), "%s", status ? fault.text : to.text);
    if (status)
        assert_int_equal(status, HWS_E_ARGUMENT);
    hwi_url_release(&base);
    hwi_url_release(&to);
    return shown;
}

static void assert_all(const char *base, const char *const (*pairs)[2],
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *got = resolved(base, pairs[i][0]);
        if (strcmp(got, pairs[i][1]) != 0)
            fail_msg("'%s': '%s', not '%s'", pairs[i][0], got, pairs[i][1]);
    }
}

#define ALL(base, pairs) \
    assert_all(base, pairs, sizeof(pairs) / sizeof((pairs)[0]))

/* Section 5.4, with ws for http; without those that have another scheme or a
 * fragment, which are below. */
TEST(examples_of_rfc_3986_are_resolved)
{
    static const char *const pairs[][2] = {
        {"g", "ws://a/b/c/g"},
        {"./g", "ws://a/b/c/g"},
        {"g/", "ws://a/b/c/g/"},
        {"/g", "ws://a/g"},
        {"//g", "ws://g"},
        {"?y", "ws://a/b/c/d;p?y"},
        {"g?y", "ws://a/b/c/g?y"},
        {";x", "ws://a/b/c/;x"},
        {"g;x", "ws://a/b/c/g;x"},
        {"", "ws://a/b/c/d;p?q"},
        {".", "ws://a/b/c/"},
        {"./", "ws://a/b/c/"},
        {"..", "ws://a/b/"},
        {"../", "ws://a/b/"},
        {"../g", "ws://a/b/g"},
        {"../..", "ws://a/"},
        {"../../", "ws://a/"},
        {"../../g", "ws://a/g"},
        {"../../../g", "ws://a/g"},
        {"../../../../g", "ws://a/g"},
        {"/./g", "ws://a/g"},
        {"/../g", "ws://a/g"},
        {"g.", "ws://a/b/c/g."},
        {".g", "ws://a/b/c/.g"},
        {"g..", "ws://a/b/c/g.."},
        {"..g", "ws://a/b/c/..g"},
        {"./../g", "ws://a/b/g"},
        {"./g/.", "ws://a/b/c/g/"},
        {"g/./h", "ws://a/b/c/g/h"},
        {"g/../h", "ws://a/b/c/h"},
        {"g;x=1/./y", "ws://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "ws://a/b/c/y"},
        {"g?y/./x", "ws://a/b/c/g?y/./x"},
        {"g?y/../x", "ws://a/b/c/g?y/../x"},
        {"/a/b/../../c//d", "ws://a/c//d"},
    };
    ALL("ws://a/b/c/d;p?q", pairs);
}

TEST(fragments_are_dropped)
{
    static const char *const pairs[][2] = {
        {"#s", "ws://a/b?q"},       {"g#s", "ws://a/g"},
        {"g?y#s", "ws://a/g?y"},    {"g#s/../x", "ws://a/g"},
        {"ws://h/#a:b", "ws://h/"}, {"//h#x", "ws://h"},
    };
    ALL("ws://a/b?q", pairs);
}

TEST(http_and_https_stand_for_ws_and_wss)
{
    static const char *const pairs[][2] = {
        {"http://h/x?y", "ws://h/x?y"},
        {"https://h:8443/x", "wss://h:8443/x"},
        {"HTTPS://H/", "wss://H/"},
        {"wss://h/../x", "wss://h/x"},
        {"ws://h", "ws://h"},
        {"//other:99/x", "wss://other:99/x"},
        {"/x", "wss://feed.example:444/x"},
    };
    ALL("wss://u:p@feed.example:444/old?q", pairs);
}

TEST(what_should_have_been_encoded_is)
{
    static const char *const pairs[][2] = {
        {"/a b\tc?d e", "ws://a/a%20b%09c?d%20e"},
        {"/\xc3\xa9?\xc3\xa9", "ws://a/%C3%A9?%C3%A9"},
        {"/%2e%2E/x", "ws://a/%2e%2E/x"},
    };
    ALL("ws://a/", pairs);
}

TEST(what_leads_nowhere_is_refused_by_name)
{
    static const char *const pairs[][2] = {
        {"ftp://h/", "scheme 'ftp' is none of ws, wss, http, https"},
        {"javascript:alert(1)",
         "scheme 'javascript' is none of ws, wss, http, https"},
        {"ws+unix:///run/s.sock",
         "scheme 'ws+unix' is none of ws, wss, http, https"},
        {"http://u:p@h/", "userinfo stands before its host"},
        {"//u@h/", "userinfo stands before its host"},
        {"http:/x", "url 'ws:/x': no '//' after the scheme"},
        {"http://", "url 'ws://': no host"},
        {"http://h:99999/",
         "url 'ws://h:99999/': port '99999' is not 1 to "
         "65535"},
        {"http://\xc3\xa9/",
         "url 'ws://\xc3\xa9/': byte 0xc3 at 5 cannot stand in a url"},
    };
    ALL("ws://a/", pairs);
}

TEST(socket_of_this_machine_is_left_by_name_alone)
{
    static const char *const pairs[][2] = {
        {"/new?x", "ws+unix:///run/a%3a.sock:/new?x"},
        {"new", "ws+unix:///run/a%3a.sock:/old/new"},
        {"?y", "ws+unix:///run/a%3a.sock:/old/place?y"},
        {"http://localhost/new", "ws+unix:///run/a%3a.sock:/new"},
        {"http://feed.example/new", "ws://feed.example/new"},
        {"//feed.example/new", "ws://feed.example/new"},
        {"http://localhost:81/", "ws://localhost:81/"},
    };
    ALL("ws+unix:///run/a%3a.sock:/old/place?q", pairs);
    static const char *const bare[][2] = {{"/x", "ws+unix:/run/s:/x"}};
    ALL("ws+unix:/run/s", bare);
    static const char *const query[][2] = {{"/x", "ws+unix:/run/s:/x"}};
    ALL("ws+unix:/run/s?q=a:b", query);
}

static bool same(const char *from_text, const char *to_text)
{
    struct hwi_url from, to;
    assert_int_equal(hwi_url_parse(&from, from_text, NULL), 0);
    assert_int_equal(hwi_url_parse(&to, to_text, NULL), 0);
    bool is = hwi_url_same_origin(&from, &to);
    hwi_url_release(&from);
    hwi_url_release(&to);
    return is;
}

TEST(origin_is_scheme_host_and_port)
{
    assert_true(same("ws://h/a", "ws://u@H:80/b?c"));
    assert_true(same("wss://h:443/a", "wss://h/"));
    assert_true(same("ws+unix:///run/s:/a", "ws+unix:/run/s:/b"));
    assert_false(same("ws://h/", "ws://g/"));
    assert_false(same("ws://h/", "ws://x.h/"));
    assert_false(same("ws://h/", "ws://h:81/"));
    assert_false(same("wss://h/", "wss://h:8443/"));
    assert_false(same("wss://h/", "ws://h/"));
    assert_false(same("ws+unix:///run/s", "ws+unix:///run/t"));
    assert_false(same("ws+unix:///run/s", "ws://localhost/"));
}

TEST(lock_on_the_same_house_is_the_same_origin)
{
    assert_true(same("ws://h/", "wss://h/"));
    assert_false(same("ws://h:8080/", "wss://h/"));
    assert_false(same("ws://h/", "wss://h:8443/"));
    assert_false(same("ws://h:443/", "wss://h:443/"));
}

static void assert_shown(const char *reference, const char *shown)
{
    struct hws_span s = hwi_url_without_userinfo(hws_span_text(reference));
    assert_int_equal(s.size, strlen(shown));
    assert_memory_equal(s.data, shown, s.size);
}

TEST(userinfo_is_not_shown)
{
    assert_shown("http://u:secret@h/x@y", "h/x@y");
    assert_shown("//u:s@cret@h", "h");
    assert_shown("http://h/x@y", "http://h/x@y");
    assert_shown("/x@y", "/x@y");
    assert_shown("", "");
}

TEST(no_memory_is_told)
{
    struct hwi_url base;
    int failures = 0;
    assert_int_equal(hwi_url_parse(&base, "ws://h/a", NULL), 0);
    for (int allowed = 0;; allowed++) {
        struct hws_fault fault = {0};
        struct hwi_url to;
        starve_after(allowed);
        int status = hwi_url_resolve(&to, &base, hws_span_text("/b c"), &fault);
        starve_no_more();
        hwi_url_release(&to);
        if (status == 0)
            break;
        assert_int_equal(status, HWS_E_MEMORY);
        assert_int_equal(fault.status, HWS_E_MEMORY);
        failures++;
    }
    hwi_url_release(&base);
    assert_true(failures >= 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(examples_of_rfc_3986_are_resolved),
        RUN(fragments_are_dropped),
        RUN(http_and_https_stand_for_ws_and_wss),
        RUN(what_should_have_been_encoded_is),
        RUN(what_leads_nowhere_is_refused_by_name),
        RUN(socket_of_this_machine_is_left_by_name_alone),
        RUN(origin_is_scheme_host_and_port),
        RUN(lock_on_the_same_house_is_the_same_origin),
        RUN(userinfo_is_not_shown),
        RUN(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
