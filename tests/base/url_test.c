/* URLs: good ones taken apart, bad ones refused by name and place. */
#include "support/test.h"

#include "base/url.h"
#include "starved.h"

/* What a good URL must come to. */
struct good {
    const char *text, *host, *target, *authority, *userinfo;
    uint16_t port;
    bool tls, is_unix;
};

static const struct good goods[] = {
    {"ws://h", "h", "/", "h", NULL, 80, false, false},
    {"wss://h", "h", "/", "h", NULL, 443, true, false},
    {"ws://h/", "h", "/", "h", NULL, 80, false, false},
    {"ws://h?x=1", "h", "/?x=1", "h", NULL, 80, false, false},
    {"ws://h/a/b?c=d/e?f", "h", "/a/b?c=d/e?f", "h", NULL, 80, false, false},
    {"WSS://Feed.EXAMPLE/Path", "feed.example", "/Path", "feed.example", NULL,
     443, true, false},
    {"ws://h:80/", "h", "/", "h", NULL, 80, false, false},
    {"ws://h:443/", "h", "/", "h:443", NULL, 443, false, false},
    {"wss://h:443/", "h", "/", "h", NULL, 443, true, false},
    {"wss://h:80/", "h", "/", "h:80", NULL, 80, true, false},
    {"ws://h:1", "h", "/", "h:1", NULL, 1, false, false},
    {"ws://h:65535", "h", "/", "h:65535", NULL, 65535, false, false},
    {"ws://h:00080/", "h", "/", "h", NULL, 80, false, false},
    {"ws://h:/", "h", "/", "h", NULL, 80, false, false},
    {"ws://a_b-c.example./", "a_b-c.example.", "/", "a_b-c.example.", NULL, 80,
     false, false},
    {"ws://192.0.2.1:8080/", "192.0.2.1", "/", "192.0.2.1:8080", NULL, 8080,
     false, false},
    {"ws://[::1]", "::1", "/", "[::1]", NULL, 80, false, false},
    {"wss://[2001:DB8::A]:8443/x", "2001:db8::a", "/x", "[2001:db8::a]:8443",
     NULL, 8443, true, false},
    {"ws://[::]?q", "::", "/?q", "[::]", NULL, 80, false, false},
    {"ws://[1:2:3:4:5:6:7:8]/", "1:2:3:4:5:6:7:8", "/", "[1:2:3:4:5:6:7:8]",
     NULL, 80, false, false},
    {"ws://[1:2:3:4:5:6:7::]/", "1:2:3:4:5:6:7::", "/", "[1:2:3:4:5:6:7::]",
     NULL, 80, false, false},
    {"ws://[::ffff:192.0.2.1]/", "::ffff:192.0.2.1", "/", "[::ffff:192.0.2.1]",
     NULL, 80, false, false},
    {"ws://u:p@h/", "h", "/", "h", "u:p", 80, false, false},
    {"ws://u%3A%40%2f:%25@h:81/", "h", "/", "h:81", "u:@/:%", 81, false, false},
    {"ws://u%c3%a9@h/", "h", "/", "h", "u\xc3\xa9", 80, false, false},
    {"ws://@h/", "h", "/", "h", NULL, 80, false, false},
    {"ws://h/a@b:c", "h", "/a@b:c", "h", NULL, 80, false, false},
    {"ws://h/%zz|{}", "h", "/%zz|{}", "h", NULL, 80, false, false},
    {"ws+unix:///run/s.sock:/t?x=1", "/run/s.sock", "/t?x=1", "localhost", NULL,
     0, false, true},
    {"ws+unix:///run/s.sock", "/run/s.sock", "/", "localhost", NULL, 0, false,
     true},
    {"ws+unix:///run/s.sock:", "/run/s.sock", "/", "localhost", NULL, 0, false,
     true},
    {"ws+unix:///run/s.sock:?x", "/run/s.sock", "/?x", "localhost", NULL, 0,
     false, true},
    {"ws+unix:///run/s.sock?x=a:b", "/run/s.sock", "/?x=a:b", "localhost", NULL,
     0, false, true},
    {"WS+UNIX:/run/a%20b%3a:/t:u", "/run/a b:", "/t:u", "localhost", NULL, 0,
     false, true},
};

static void check_good(const struct good *g)
{
    struct hwi_url url;
    struct hws_fault fault = {0};
    if (hwi_url_parse(&url, g->text, &fault) != 0)
        fail_msg("%s", fault.text);
    if (!g->userinfo)
        assert_string_equal(url.text, g->text);
    assert_string_equal(url.host, g->host);
    assert_string_equal(url.target, g->target);
    assert_string_equal(url.authority, g->authority);
    if (g->userinfo)
        assert_string_equal(url.userinfo, g->userinfo);
    else
        assert_null(url.userinfo);
    assert_int_equal(url.port, g->port);
    assert_int_equal(url.tls, g->tls);
    assert_int_equal(url.is_unix, g->is_unix);
    hwi_url_release(&url);
}

TEST(good_urls_are_taken_apart)
{
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++)
        check_good(&goods[i]);
}

/* A bad URL and the fault it must get, after "url '...': ". */
static const struct {
    const char *text, *why;
} bads[] = {
    {"", "no scheme, such as ws://"},
    {"feed.example/x", "no scheme, such as ws://"},
    {"//h/a:b", "no scheme, such as ws://"},
    {"htp://x", "scheme 'htp' is not ws or wss"},
    {"https://x", "scheme 'https' is not ws or wss"},
    {"localhost:8080", "scheme 'localhost' is not ws or wss"},
    {"://x", "scheme '' is not ws or wss"},
    {"ws:h", "no '//' after the scheme"},
    {"ws:/h", "no '//' after the scheme"},
    {"ws://", "no host"},
    {"ws:///x", "no host"},
    {"ws://:80/", "no host"},
    {"ws://u:p@/", "no host"},
    {"ws://[]/", "no host"},
    {"ws://h:0/", "port '0' is not 1 to 65535"},
    {"ws://h:65536/", "port '65536' is not 1 to 65535"},
    {"ws://h:-1/", "port '-1' is not 1 to 65535"},
    {"ws://h:8x/", "port '8x' is not 1 to 65535"},
    {"ws://h:99999999999999999999/",
     "port '99999999999999999999' is not 1 to 65535"},
    {"ws://h:1:2/", "port '1:2' is not 1 to 65535"},
    {"ws://::1/", "no host"},
    {"ws://[::1/", "'[' without its ']'"},
    {"ws://[::1]x/", "'x' after the address"},
    {"ws://[fe80::1%25eth0]/",
     "host 'fe80::1%25eth0': a zone id is not supported"},
    {"ws://[1::2::3]/", "host '1::2::3': not an IPv6 address"},
    {"ws://[12345::]/", "host '12345::': not an IPv6 address"},
    {"ws://[1:2:3:4:5:6:7]/", "host '1:2:3:4:5:6:7': not an IPv6 address"},
    {"ws://[1:2:3:4:5:6:7:8:9]/",
     "host '1:2:3:4:5:6:7:8:9': not an IPv6 address"},
    {"ws://[1:2:3:4:5:6:7:8::]/",
     "host '1:2:3:4:5:6:7:8::': not an IPv6 address"},
    {"ws://[:1]/", "host ':1': not an IPv6 address"},
    {"ws://[1:]/", "host '1:': not an IPv6 address"},
    {"ws://[:::]/", "host ':::': not an IPv6 address"},
    {"ws://[::1.2.3]/", "host '::1.2.3': not an IPv6 address"},
    {"ws://[::1.2.3.256]/", "host '::1.2.3.256': not an IPv6 address"},
    {"ws://[::1.2.3.4:5]/", "host '::1.2.3.4:5': not an IPv6 address"},
    {"ws://[1.2.3.4]/", "host '1.2.3.4': not an IPv6 address"},
    {"ws://[v1.x]/", "host 'v1.x': not an IPv6 address"},
    {"ws://a%41/", "host 'a%41': not letters, digits, '-', '.' and '_' only"},
    {"ws://a\\b/", "host 'a\\b': not letters, digits, '-', '.' and '_' only"},
    {"ws://h/#f", "fragment at byte 7"},
    {"ws://h#", "fragment at byte 6"},
    {"ws://h/a b", "byte 0x20 at 8 cannot stand in a url"},
    {"ws://h/\r\nX: y", "byte 0x0d at 7 cannot stand in a url"},
    {" ws://h/", "byte 0x20 at 0 cannot stand in a url"},
    {"ws://h\x7f/", "byte 0x7f at 6 cannot stand in a url"},
    {"ws://h\xc3\xa9/", "byte 0xc3 at 6 cannot stand in a url"},
    {"ws://a@b@h/", "second '@' before the host; write %40"},
    {"ws://u%@h/", "bad percent sign in the userinfo"},
    {"ws://u%4@h/", "bad percent sign in the userinfo"},
    {"ws://u%4x@h/", "bad percent sign in the userinfo"},
    {"ws://u%00@h/", "control byte in the userinfo"},
    {"ws://u%0d%0a@h/", "control byte in the userinfo"},
    {"ws+unix://host/run/s", "host 'host' where a path must begin"},
    {"ws+unix:run/s", "no absolute path of a socket"},
    {"ws+unix://", "no absolute path of a socket"},
    {"ws+unix:///", "no absolute path of a socket"},
    {"ws+unix:///:/t", "no absolute path of a socket"},
    {"ws+unix:///s:t", "target 't' does not begin with '/'"},
    {"ws+unix:///s%00:/t", "control byte in the path of the socket"},
};

TEST(bad_urls_are_refused_by_name_and_place)
{
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct hwi_url url;
        struct hws_fault fault = {0};
        int status = hwi_url_parse(&url, bads[i].text, &fault);
        if (status != HWS_E_ARGUMENT)
            fail_msg("'%s' gave %d", bads[i].text, status);
        assert_int_equal(fault.status, HWS_E_ARGUMENT);
        assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
        assert_memory_equal(fault.text, "url '", 5);
        size_t length = strlen(fault.text), tail = strlen(bads[i].why);
        assert_true(length > tail);
        assert_string_equal(fault.text + length - tail, bads[i].why);
        hwi_url_release(&url);
    }
}

TEST(passwords_stay_out_of_faults)
{
    static const char *const texts[] = {
        "wss://user:secret@h:0/", "wss://user:secret@h/#f",
        "wss://user:secret@x@h/", "wss://user:secret%0@h/",
        "htp://user:secret@h/"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct hwi_url url;
        struct hws_fault fault;
        assert_int_equal(hwi_url_parse(&url, texts[i], &fault), HWS_E_ARGUMENT);
        assert_null(strstr(fault.text, "secret"));
        hwi_url_release(&url);
    }
}

TEST(long_url_is_shown_by_its_begin_with_the_reason)
{
    char text[1000];
    struct hwi_url url;
    struct hws_fault fault;
    memset(text, 'a', sizeof(text));
    memcpy(text, "ws://h/", 7);
    memcpy(text + 990, "#", 2);
    assert_int_equal(hwi_url_parse(&url, text, &fault), HWS_E_ARGUMENT);
    assert_non_null(strstr(fault.text, "aaa...': fragment at byte 990"));
    hwi_url_release(&url);
}

TEST(missing_url_and_missing_fault_are_survived)
{
    struct hwi_url url;
    struct hws_fault fault;
    assert_int_equal(hwi_url_parse(&url, NULL, &fault), HWS_E_ARGUMENT);
    assert_string_equal(fault.text, "url is missing");
    assert_int_equal(hwi_url_parse(&url, "htp://x", NULL), HWS_E_ARGUMENT);
    hwi_url_release(&url);
    hwi_url_release(&url);
}

TEST(overlong_host_is_refused)
{
    char text[400] = "ws://";
    struct hwi_url url;
    memset(text + 5, 'a', 254);
    assert_int_equal(hwi_url_parse(&url, text, NULL), 0);
    hwi_url_release(&url);
    memset(text + 5, 'a', 255);
    assert_int_equal(hwi_url_parse(&url, text, NULL), HWS_E_ARGUMENT);
    hwi_url_release(&url);
}

TEST(no_memory_is_a_fault_of_its_own)
{
    struct hwi_url url;
    struct hws_fault fault;
    starve_after(0);
    int status = hwi_url_parse(&url, "ws://h/", &fault);
    starve_no_more();
    assert_int_equal(status, HWS_E_MEMORY);
    assert_int_equal(fault.status, HWS_E_MEMORY);
    hwi_url_release(&url);
}

TEST(text_of_a_url_has_no_password)
{
    struct hwi_url url;
    assert_int_equal(
        hwi_url_parse(&url, "wss://me:secr%40et@feed.example/a@b?c", NULL), 0);
    assert_string_equal(url.text, "wss://feed.example/a@b?c");
    hwi_url_release(&url);
    assert_int_equal(hwi_url_parse(&url, "ws://h/a@b", NULL), 0);
    assert_string_equal(url.text, "ws://h/a@b");
    hwi_url_release(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(text_of_a_url_has_no_password),
        RUN(good_urls_are_taken_apart),
        RUN(bad_urls_are_refused_by_name_and_place),
        RUN(passwords_stay_out_of_faults),
        RUN(long_url_is_shown_by_its_begin_with_the_reason),
        RUN(missing_url_and_missing_fault_are_survived),
        RUN(overlong_host_is_refused),
        RUN(no_memory_is_a_fault_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
