/*
 * Which proxy is taken, by the options and by an environment of the test's.
 */
#include "support/test.h"

#include "session/no_proxy.h"
#include "session/proxies.h"

/* "NAME=value", ended by NULL. */
static const char *const *variables;

static const char *environment(const char *name)
{
    size_t size = strlen(name);
    for (const char *const *v = variables; v && *v; v++) {
        if (strncmp(*v, name, size) == 0 && (*v)[size] == '=')
            return *v + size + 1;
    }
    return NULL;
}

static struct hws_client_options options;
static struct hwi_proxies proxies;
static struct hws_fault fault;

static int init(void)
{
    fault = (struct hws_fault){0};
    return hwi_proxies_init(&proxies, &options, environment, &fault);
}

/* Begin with these variables, which may be read. */
static void allow(const char *const *list)
{
    hws_client_options_init(&options);
    options.proxy_from_environment = true;
    variables = list;
}

/* The proxy for `text` is called `name`, or there is none. */
static void expect(const char *text, const char *name)
{
    struct hwi_url url;
    assert_int_equal(hwi_url_parse(&url, text, &fault), 0);
    const struct hwi_proxy_url *found = hwi_proxies_find(&proxies, &url);
    if (name && !found)
        fail_msg("no proxy for %s", text);
    if (!name && found)
        fail_msg("proxy %s for %s", found->name, text);
    if (name)
        assert_string_equal(found->name, name);
    hwi_url_release(&url);
}

/* Which proxy is told for `text`, and who asks for it. */
static void expect_way(const char *text, const char *proxy, const char *why)
{
    struct hwi_url url;
    struct hws_way way;
    assert_int_equal(hwi_url_parse(&url, text, &fault), 0);
    hwi_proxies_tell(&proxies, &url, &way);
    assert_string_equal(way.proxy, proxy);
    assert_string_equal(way.why, why);
    hwi_url_release(&url);
}

static void begin(const char *const *list)
{
    allow(list);
    if (init() != 0)
        fail_msg("%s", fault.text);
}

static void end(void)
{
    hwi_proxies_release(&proxies);
}

#define VARIABLES(...)    \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

TEST(environment_is_not_read_unless_allowed)
{
    hws_client_options_init(&options);
    assert_false(options.proxy_from_environment);
    variables = VARIABLES("http_proxy=p:1", "all_proxy=a:2");
    assert_int_equal(init(), 0);
    expect("ws://feed.example/", NULL);
    end();
}

TEST(ws_takes_http_proxy_and_wss_takes_https_proxy)
{
    begin(VARIABLES("http_proxy=http://p:1", "https_proxy=http://s:2",
                    "all_proxy=socks5h://a"));
    expect("ws://feed.example/", "p:1");
    expect("wss://feed.example/", "s:2");
    end();
}

TEST(all_proxy_stands_in_for_each)
{
    begin(VARIABLES("https_proxy=s:2", "all_proxy=socks5h://a"));
    expect("ws://feed.example/", "a:1080");
    expect("wss://feed.example/", "s:2");
    end();
    begin(VARIABLES("http_proxy=", "ALL_PROXY=a:3"));
    expect("ws://feed.example/", "a:3");
    expect("wss://feed.example/", "a:3");
    end();
}

TEST(small_letters_come_before_capitals)
{
    begin(VARIABLES("HTTP_PROXY=big:1", "http_proxy=small:1",
                    "HTTPS_PROXY=big:2"));
    expect("ws://feed.example/", "small:1");
    expect("wss://feed.example/", "big:2");
    end();
}

/* A request header "Proxy:" becomes this variable in a CGI program. */
TEST(http_proxy_in_capitals_is_not_believed_by_cgi_programs)
{
    begin(VARIABLES("HTTP_PROXY=evil:1", "REQUEST_METHOD=GET",
                    "HTTPS_PROXY=good:2"));
    expect("ws://feed.example/", NULL);
    expect("wss://feed.example/", "good:2");
    end();
    begin(VARIABLES("HTTP_PROXY=good:1"));
    expect("ws://feed.example/", "good:1");
    end();
}

TEST(option_outweighs_the_environment)
{
    allow(VARIABLES("http_proxy=e:1", "https_proxy=e:1"));
    options.proxy = "o:2";
    assert_int_equal(init(), 0);
    expect("ws://feed.example/", "o:2");
    expect("wss://feed.example/", "o:2");
    end();
}

TEST(direct_and_nothing_forbid_every_proxy)
{
    static const char *const values[] = {"", "direct", "DIRECT"};
    for (int i = 0; i < 3; i++) {
        allow(VARIABLES("http_proxy=e:1", "https_proxy=e:1"));
        options.proxy = values[i];
        assert_int_equal(init(), 0);
        expect("ws://feed.example/", NULL);
        expect("wss://feed.example/", NULL);
        end();
    }
}

TEST(unix_sockets_never_take_a_proxy)
{
    hws_client_options_init(&options);
    options.proxy = "p:1";
    assert_int_equal(init(), 0);
    expect("ws+unix:///run/feed:/", NULL);
    end();
}

TEST(this_machine_needs_no_proxy_of_the_environment)
{
    static const char *const here[] = {
        "ws://localhost/", "ws://feed.localhost/", "ws://127.0.0.1/",
        "ws://127.9.9.9/", "ws://[::1]/",
    };
    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
        begin(VARIABLES("http_proxy=p:1"));
        expect(here[i], NULL);
        expect("ws://notlocalhost/", "p:1");
        end();
        /* What the caller said himself is obeyed. */
        hws_client_options_init(&options);
        options.proxy = "p:1";
        assert_int_equal(init(), 0);
        expect(here[i], "p:1");
        end();
    }
}

TEST(no_proxy_of_the_option_outweighs_that_of_the_environment)
{
    begin(VARIABLES("http_proxy=p:1", "no_proxy=feed.example"));
    expect("ws://feed.example/", NULL);
    expect("ws://other.example/", "p:1");
    end();
    allow(VARIABLES("http_proxy=p:1", "NO_PROXY=feed.example"));
    options.no_proxy = "other.example";
    assert_int_equal(init(), 0);
    expect("ws://feed.example/", "p:1");
    expect("ws://other.example/", NULL);
    end();
    /* and both go with a proxy from either side */
    allow(VARIABLES("NO_PROXY=feed.example"));
    options.proxy = "o:1";
    assert_int_equal(init(), 0);
    expect("ws://feed.example/", NULL);
    expect("ws://other.example/", "o:1");
    end();
}

struct exception {
    const char *list, *host;
    uint16_t port;
    bool direct;
};

static const struct exception exceptions[] = {
    /* names, and what is below them */
    {"example.com", "example.com", 443, true},
    {"example.com", "a.example.com", 443, true},
    {"example.com", "a.b.example.com", 443, true},
    {"example.com", "badexample.com", 443, false},
    {"example.com", "example.com.evil.org", 443, false},
    {"example.com", "com", 443, false},
    {".example.com", "example.com", 443, true},
    {".example.com", "a.example.com", 443, true},
    {".example.com", "badexample.com", 443, false},
    {"*.example.com", "a.example.com", 443, true},
    {"*.example.com", "badexample.com", 443, false},
    {"EXAMPLE.com", "a.Example.COM", 443, true},
    {"example.com.", "a.example.com", 443, true},
    {"example.com", "a.example.com.", 443, true},
    /* lists */
    {"a.org, b.org c.org,,\td.org", "d.org", 443, true},
    {"a.org, b.org c.org", "b.org", 443, true},
    {"a.org, b.org c.org", "d.org", 443, false},
    {"", "a.org", 443, false},
    {" , ", "a.org", 443, false},
    /* everything */
    {"*", "a.org", 443, true},
    {"*", "192.0.2.1", 443, true},
    {"a.org,*", "b.org", 443, true},
    {"*:80", "b.org", 443, false},
    {"*:80", "b.org", 80, true},
    /* ports */
    {"example.com:443", "a.example.com", 443, true},
    {"example.com:443", "a.example.com", 80, false},
    {"192.0.2.1:80", "192.0.2.1", 80, true},
    {"192.0.2.1:80", "192.0.2.1", 81, false},
    {"[2001:db8::1]:443", "2001:db8::1", 443, true},
    {"[2001:db8::1]:443", "2001:db8::1", 80, false},
    /* addresses */
    {"192.0.2.1", "192.0.2.1", 443, true},
    {"192.0.2.1", "192.0.2.10", 443, false},
    {"192.0.2.1", "::ffff:192.0.2.1", 443, true},
    {"::ffff:192.0.2.1", "192.0.2.1", 443, true},
    {"2001:db8::1", "2001:db8:0:0::1", 443, true},
    {"[2001:db8::1]", "2001:db8::1", 443, true},
    {"2001:db8::1", "2001:db8::2", 443, false},
    /* the name 2.1 is not the end of an address */
    {"2.1", "192.0.2.1", 443, false},
    /* blocks */
    {"10.0.0.0/8", "10.255.255.255", 443, true},
    {"10.0.0.0/8", "11.0.0.0", 443, false},
    {"10.1.2.3/8", "10.9.9.9", 443, true},
    {"192.168.4.0/22", "192.168.7.255", 443, true},
    {"192.168.4.0/22", "192.168.8.0", 443, false},
    {"192.0.2.1/32", "192.0.2.1", 443, true},
    {"192.0.2.1/32", "192.0.2.0", 443, false},
    {"0.0.0.0/0", "192.0.2.1", 443, true},
    {"0.0.0.0/0", "2001:db8::1", 443, false},
    {"0.0.0.0/0", "a.org", 443, false},
    {"::/0", "2001:db8::1", 443, true},
    {"::/0", "192.0.2.1", 443, false},
    {"fd00::/8", "fdab::1", 443, true},
    {"fd00::/8", "fe80::1", 443, false},
    {"2001:db8::/33", "2001:db8:7fff::1", 443, true},
    {"2001:db8::/33", "2001:db8:8000::1", 443, false},
    {"::ffff:10.0.0.0/104", "10.1.1.1", 443, true},
    /* a block is no name: nothing is resolved */
    {"127.0.0.0/8", "localhost", 443, false},
};

TEST(exceptions_fit_what_they_say_and_nothing_else)
{
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        const struct exception *e = &exceptions[i];
        if (hwi_no_proxy_check(e->list, "x", &fault) != 0)
            fail_msg("%s", fault.text);
        if (hwi_no_proxy_has(e->list, e->host, e->port) != e->direct)
            fail_msg("'%s' and %s:%u", e->list, e->host, e->port);
    }
}

TEST(entry_that_means_nothing_is_named)
{
    static const char *const bads[] = {
        "127.0.0.*",     "10.0.0.0/33", "10.0.0.0/", "2001:db8::/129",
        "a.org/8",       "a.org:0",     "a.org:",    "a.org:70000",
        "[::1",          "a b/c",       "*a.org",    "..a.org",
        "<local>",       ".",           ":80",       "[::1]80",
        "10.0.0.0/8:80",
    };
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        char list[64];
        snprintf(list, sizeof(list), "good.org,%s", bads[i]);
        if (hwi_no_proxy_check(list, "option 'no_proxy'", &fault) !=
            HWS_E_ARGUMENT)
            fail_msg("%s is taken", bads[i]);
    }
    hwi_no_proxy_check("a.org, 127.0.0.*", "option 'no_proxy'", &fault);
    assert_string_equal(fault.text,
                        "option 'no_proxy': '127.0.0.*' is not a name, an "
                        "address or a block of addresses such as 10.0.0.0/8");
}

TEST(list_of_the_environment_is_judged_only_when_it_is_used)
{
    begin(VARIABLES("no_proxy=<local>"));
    end();
    allow(VARIABLES("all_proxy=p:1", "no_proxy=<local>"));
    assert_int_equal(init(), HWS_E_ARGUMENT);
    assert_string_equal(fault.text,
                        "environment variable 'no_proxy': '<local>' is not a "
                        "name, an address or a block of addresses such as "
                        "10.0.0.0/8");
    end();
}

TEST(bad_proxy_names_the_option_or_the_variable)
{
    hws_client_options_init(&options);
    options.proxy = "ftp://anna:secret@p";
    assert_int_equal(init(), HWS_E_ARGUMENT);
    assert_string_equal(fault.text,
                        "option 'proxy': 'p' is no proxy: its scheme is not "
                        "http, https, socks4, socks4a, socks5 or socks5h");
    end();
    allow(VARIABLES("HTTPS_PROXY=http://p:x"));
    assert_int_equal(init(), HWS_E_ARGUMENT);
    assert_string_equal(fault.text,
                        "environment variable 'HTTPS_PROXY': 'http://p:x' is "
                        "no proxy: port 'x' is not 1 to 65535");
    end();
}

TEST(choice_is_told_with_who_asks_for_it)
{
    begin(VARIABLES("ALL_PROXY=socks5://anna:hush@p", "https_proxy=q:8080",
                    "NO_PROXY=quiet.example"));
    expect_way("ws://h/", "socks5://p:1080",
               "environment variable 'ALL_PROXY'");
    expect_way("wss://h/", "http://q:8080",
               "environment variable 'https_proxy'");
    expect_way("ws://quiet.example/", "",
               "environment variable 'NO_PROXY' lists the target");
    expect_way("ws://localhost/", "",
               "this machine needs none of the environment's");
    expect_way("ws+unix:///s:/", "", "a Unix socket needs none");
    end();
    allow(VARIABLES("ALL_PROXY=p"));
    options.proxy = "https://[::1]:3129";
    options.no_proxy = "10.0.0.0/8";
    assert_int_equal(init(), 0);
    expect_way("ws://h/", "https://[::1]:3129", "option 'proxy'");
    expect_way("ws://10.1.1.1/", "", "option 'no_proxy' lists the target");
    end();
}

TEST(absence_of_a_proxy_is_told_with_its_reason)
{
    begin(VARIABLES(""));
    expect_way("ws://h/", "", "neither an option nor the environment has one");
    end();
    allow(VARIABLES("all_proxy=p"));
    options.proxy = "direct";
    assert_int_equal(init(), 0);
    expect_way("ws://h/", "", "option 'proxy' rules it out");
    end();
    allow(VARIABLES("all_proxy=p"));
    options.proxy_from_environment = false;
    assert_int_equal(init(), 0);
    expect_way("ws://h/", "", "option 'proxy' is not set");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(environment_is_not_read_unless_allowed),
        RUN(ws_takes_http_proxy_and_wss_takes_https_proxy),
        RUN(all_proxy_stands_in_for_each),
        RUN(small_letters_come_before_capitals),
        RUN(http_proxy_in_capitals_is_not_believed_by_cgi_programs),
        RUN(option_outweighs_the_environment),
        RUN(direct_and_nothing_forbid_every_proxy),
        RUN(unix_sockets_never_take_a_proxy),
        RUN(this_machine_needs_no_proxy_of_the_environment),
        RUN(no_proxy_of_the_option_outweighs_that_of_the_environment),
        RUN(exceptions_fit_what_they_say_and_nothing_else),
        RUN(entry_that_means_nothing_is_named),
        RUN(list_of_the_environment_is_judged_only_when_it_is_used),
        RUN(choice_is_told_with_who_asks_for_it),
        RUN(absence_of_a_proxy_is_told_with_its_reason),
        RUN(bad_proxy_names_the_option_or_the_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
