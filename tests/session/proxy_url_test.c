#include "support/test.h"

#include "session/proxy_url.h"

struct good {
    const char *text;
    const char *name, *host, *user, *password;
    uint16_t port;
    bool socks, tls;
    enum hws_socks version;
};

static const struct good goods[] = {
    {"http://p.example:3128", "p.example:3128", "p.example", NULL, NULL, 3128,
     false, false, HWS_SOCKS5H},
    {"p.example:3128", "p.example:3128", "p.example", NULL, NULL, 3128, false,
     false, HWS_SOCKS5H},
    {"p.example", "p.example:80", "p.example", NULL, NULL, 80, false, false,
     HWS_SOCKS5H},
    {"HTTPS://p.example/", "p.example:443", "p.example", NULL, NULL, 443, false,
     true, HWS_SOCKS5H},
    {"http://[2001:db8::1]:80/", "[2001:db8::1]:80", "2001:db8::1", NULL, NULL,
     80, false, false, HWS_SOCKS5H},
    {"socks4://p", "p:1080", "p", NULL, NULL, 1080, true, false, HWS_SOCKS4},
    {"socks4a://anna@p:1", "p:1", "p", "anna", NULL, 1, true, false,
     HWS_SOCKS4A},
    {"socks5://p", "p:1080", "p", NULL, NULL, 1080, true, false, HWS_SOCKS5},
    {"socks5h://anna:secret@p", "p:1080", "p", "anna", "secret", 1080, true,
     false, HWS_SOCKS5H},
    {"http://an%3Ana:se%40c%3Aret@p:1", "p:1", "p", "an:na", "se@c:ret", 1,
     false, false, HWS_SOCKS5H},
    {"http://anna:@p:1", "p:1", "p", "anna", "", 1, false, false, HWS_SOCKS5H},
    {"http://:secret@p:1", "p:1", "p", "", "secret", 1, false, false,
     HWS_SOCKS5H},
    {"http://@p:1", "p:1", "p", NULL, NULL, 1, false, false, HWS_SOCKS5H},
    {"anna:secret@p:1", "p:1", "p", "anna", "secret", 1, false, false,
     HWS_SOCKS5H},
};

static void expect_text(const char *text, const char *expected)
{
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

TEST(proxy_is_taken_apart)
{
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        const struct good *g = &goods[i];
        struct hwi_proxy_url url;
        struct hws_fault fault = {0};
        if (hwi_proxy_url_parse(&url, g->text, "option 'proxy'", &fault) != 0)
            fail_msg("%s", fault.text);
        assert_string_equal(url.name, g->name);
        assert_string_equal(url.host, g->host);
        expect_text(url.user, g->user);
        expect_text(url.password, g->password);
        assert_int_equal(url.port, g->port);
        assert_int_equal(url.socks, g->socks);
        assert_int_equal(url.tls, g->tls);
        assert_int_equal(url.version, g->version);
        hwi_proxy_url_release(&url);
    }
}

struct bad {
    const char *text, *why;
};

static const struct bad bads[] = {
    {"", "no host"},
    {"http://", "no host"},
    {"http://p:0", "port '0' is not 1 to 65535"},
    {"http://p:99999", "port '99999' is not 1 to 65535"},
    {"http://p/path", "nothing may follow host and port"},
    {"http://p?x", "host 'p?x': not letters, digits, '-', '.' and '_' only"},
    {"http://a b", "host 'a b': not letters, digits, '-', '.' and '_' only"},
    {"http://[::1", "'[' without its ']'"},
    {"socks://p",
     "its scheme is not http, https, socks4, socks4a, socks5 or socks5h"},
    {"http://anna:se@cret@p", "second '@' before the host; write %40"},
    {"http://anna:%0asecret@p", "control byte"},
    {"http://anna%:secret@p", "bad percent sign"},
    {"socks4://anna:secret@p", "SOCKS 4 has no password"},
    {"socks5://:secret@p", "SOCKS 5 has no login without a user"},
};

TEST(bad_proxy_is_refused_with_the_reason)
{
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct hwi_proxy_url url;
        struct hws_fault fault = {0};
        if (hwi_proxy_url_parse(&url, bads[i].text, "option 'proxy'", &fault) !=
            HWS_E_ARGUMENT)
            fail_msg("'%s' is taken", bads[i].text);
        const char *why = strstr(fault.text, "' is no proxy: ");
        assert_non_null(why);
        assert_string_equal(why + strlen("' is no proxy: "), bads[i].why);
        assert_null(strstr(fault.text, "secret"));
        assert_null(strstr(fault.text, "cret@"));
        hwi_proxy_url_release(&url);
    }
}

TEST(login_that_socks_cannot_carry_is_refused)
{
    char text[400];
    struct hwi_proxy_url url;
    struct hws_fault fault = {0};
    memset(text, 'x', sizeof(text));
    memcpy(text, "socks5://", 9);
    memcpy(text + 9 + 256, "@p", 3);
    assert_int_equal(hwi_proxy_url_parse(&url, text, "x", &fault),
                     HWS_E_ARGUMENT);
    assert_string_equal(fault.text,
                        "x: 'p' is no proxy: user and password "
                        "have at most 255 bytes each");
    hwi_proxy_url_release(&url);
    memcpy(text + 9 + 255, "@p", 3);
    assert_int_equal(hwi_proxy_url_parse(&url, text, "x", &fault), 0);
    hwi_proxy_url_release(&url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(proxy_is_taken_apart),
        RUN(bad_proxy_is_refused_with_the_reason),
        RUN(login_that_socks_cannot_carry_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
