/*
 * CONNECT against a proxy played by hand: every way in which it may say yes,
 * no, or nothing that could be understood.
 */
#include "proxying.h"

static struct proxying p;

static void begin_as(const char *user, const char *password)
{
    p = (struct proxying){.pair = p.pair, .cut = p.cut};
    proxying_begin_http(&p, user, password);
}

static int play(const struct proxying_turn *turns, size_t count)
{
    return proxying_play(&p, turns, count);
}

/* One answer; the proxy goes on to listen. */
static int answer(const char *text)
{
    const struct proxying_turn turn = {.bytes = text};
    return play(&turn, 1);
}

/* One answer, and how it ends. */
static void expect_answer(const char *text, int status, int http_status,
                          const char *fault)
{
    begin_as(NULL, NULL);
    assert_int_equal(answer(text), status);
    proxying_expect(&p, status, http_status, fault);
    proxying_end(&p);
}

TEST(proxy_is_asked_for_the_target_by_its_name)
{
    begin_as(NULL, NULL);
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    assert_string_equal(p.said, ASK "\r\n");
    assert_int_equal(hws_link_deadline(p.layer), HWS_S(5));
    assert_int_equal(answer(YES), 0);
    proxying_expect_tunnel(&p, "");
    proxying_end(&p);
}

TEST(any_2xx_is_a_yes_and_has_no_body)
{
    static const char *const yeses[] = {
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 299 Fine\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ("HTTP/1.1 100 Wait\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" YES),
    };
    for (size_t i = 0; i < sizeof(yeses) / sizeof(yeses[0]); i++) {
        begin_as(NULL, NULL);
        assert_int_equal(answer(yeses[i]), 0);
        proxying_expect_tunnel(&p, "");
        proxying_end(&p);
    }
}

/* A server that speaks first, or a proxy that writes both at once. */
TEST(bytes_glued_to_the_yes_belong_to_the_tunnel)
{
    begin_as(NULL, NULL);
    assert_int_equal(answer(YES "220 first words"), 0);
    proxying_expect_tunnel(&p, "220 first words");
    proxying_end(&p);
}

TEST(glued_bytes_are_read_in_pieces_and_join_what_follows)
{
    uint8_t got[64] = {0};
    begin_as(NULL, NULL);
    assert_int_equal(answer(YES "abcdef"), 0);
    assert_int_equal(hws_link_read(p.layer, got, 2), 2);
    assert_memory_equal(got, "ab", 2);
    hws_link_write(p.far, (const uint8_t *)"gh", 2);
    assert_int_equal(hws_link_read(p.layer, got, sizeof(got)), 6);
    assert_memory_equal(got, "cdefgh", 6);
    proxying_end(&p);
}

TEST(end_behind_glued_bytes_is_noticed_at_once)
{
    uint8_t got[64];
    const struct proxying_turn turn = {.bytes = YES "bye", .end = true};
    begin_as(NULL, NULL);
    assert_int_equal(play(&turn, 1), 0);
    assert_int_equal(hws_link_read(p.layer, got, sizeof(got)), 3);
    assert_true(p.layer->ended);
    assert_int_equal(hws_link_read(p.layer, got, sizeof(got)), HWS_E_EOF);
    proxying_end(&p);
}

/* "200 then garbage": it is the target's, and whoever is above judges it. */
TEST(fault_11_garbage_behind_the_200_is_handed_up_unchanged)
{
    begin_as(NULL, NULL);
    assert_int_equal(answer(YES "\001\002garbage\r\n\r\n"), 0);
    proxying_expect_tunnel(&p, "\001\002garbage\r\n\r\n");
    proxying_end(&p);
}

TEST(fault_11_ipv6_literal_stands_in_brackets)
{
    struct hws_http_proxy_options o;
    p = (struct proxying){0};
    hws_http_proxy_options_init(&o);
    proxying_options(&p, &o.tunnel, NULL, NULL);
    o.tunnel.host = "::1";
    p.layer = hws_http_proxy_new(&o, proxying_begin(&p));
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    assert_non_null(strstr(p.said,
                           "CONNECT [::1]:443 HTTP/1.1\r\n"
                           "Host: [::1]:443\r\n"));
    assert_int_equal(answer(YES), 0);
    proxying_end(&p);
}

TEST(fault_11_refusals_have_the_proxys_status_and_words)
{
    expect_answer("HTTP/1.1 403 Forbidden\r\n\r\n", HWS_E_REFUSED, 403,
                  "proxy 'p.example:3128' refuses a tunnel to "
                  "'feed.example:443': 403 Forbidden");
    expect_answer(
        "HTTP/1.1 503 Service Unavailable\r\n"
        "X-Squid-Error: ERR_DNS_FAIL 0\r\n\r\nbody",
        HWS_E_REFUSED, 503,
        "proxy 'p.example:3128' refuses a tunnel to "
        "'feed.example:443': 503 Service Unavailable "
        "(ERR_DNS_FAIL 0)");
    expect_answer(
        "HTTP/1.1 502 Bad\r\n"
        "Proxy-Status: p; error=connection_refused\r\n\r\n",
        HWS_E_REFUSED, 502,
        "proxy 'p.example:3128' refuses a tunnel to "
        "'feed.example:443': 502 Bad (p; "
        "error=connection_refused)");
    expect_answer("HTTP/1.1 302 Found\r\nLocation: http://login/\r\n\r\n",
                  HWS_E_REFUSED, 302,
                  "proxy 'p.example:3128' refuses a tunnel to "
                  "'feed.example:443': 302 Found");
    expect_answer("HTTP/1.1 101 Switching\r\n\r\n", HWS_E_REFUSED, 101,
                  "proxy 'p.example:3128' refuses a tunnel to "
                  "'feed.example:443': 101 Switching");
}

TEST(fault_11_401_in_place_of_407_is_named)
{
    expect_answer(
        "HTTP/1.1 401 Unauthorized\r\n"
        "WWW-Authenticate: Basic realm=\"x\"\r\n\r\n",
        HWS_E_REFUSED, 401,
        "proxy 'p.example:3128' answers 401 Unauthorized where a "
        "proxy would say 407: is it a proxy?");
}

TEST(fault_11_proxy_that_closes_after_connect_is_named)
{
    const struct proxying_turn nothing = {.bytes = "", .end = true};
    const struct proxying_turn half = {.bytes = "HTTP/1.1 200", .end = true};
    begin_as(NULL, NULL);
    assert_int_equal(play(&nothing, 1), HWS_E_EOF);
    proxying_expect(&p, HWS_E_EOF, 0,
                    "proxy 'p.example:3128' ended the connection instead of "
                    "an answer");
    proxying_end(&p);
    begin_as(NULL, NULL);
    assert_int_equal(play(&half, 1), HWS_E_EOF);
    proxying_expect(&p, HWS_E_EOF, 0,
                    "proxy 'p.example:3128' ended the connection in the "
                    "middle of its answer");
    proxying_end(&p);
}

TEST(fault_11_proxy_that_resets_after_connect_is_named)
{
    begin_as(NULL, NULL);
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    hws_pair_break(p.far, false);
    assert_int_equal(proxying_open(&p), HWS_E_RESET);
    assert_int_equal(p.layer->fault.phase, HWS_PHASE_PROXY);
    assert_non_null(strstr(p.layer->fault.text,
                           "proxy 'p.example:3128' was lost instead of an "
                           "answer: "));
    proxying_end(&p);
}

TEST(fault_11_silent_proxy_is_a_named_timeout)
{
    begin_as(NULL, NULL);
    p.now = HWS_S(100);
    assert_int_equal(answer("HTTP/1.1 2"), HWS_E_AGAIN);
    p.now = HWS_S(105) - 1;
    assert_int_equal(proxying_open(&p), HWS_E_AGAIN);
    p.now = HWS_S(105);
    assert_int_equal(proxying_open(&p), HWS_E_TIMEOUT);
    proxying_expect(&p, HWS_E_TIMEOUT, 0,
                    "proxy 'p.example:3128' opened no tunnel to "
                    "'feed.example:443' within 5.0 s");
    proxying_end(&p);
}

/* One byte a second is no progress: the limit is for the whole answer. */
TEST(fault_11_dripping_proxy_is_a_timeout_too)
{
    begin_as(NULL, NULL);
    int status = proxying_open(&p);
    for (int i = 0; i < 100 && status == HWS_E_AGAIN; i++) {
        p.now += HWS_S(1);
        hws_link_write(p.far, (const uint8_t *)"HTTP/1.1 200 OK" + i % 15, 1);
        status = proxying_open(&p);
    }
    assert_int_equal(status, HWS_E_TIMEOUT);
    assert_int_equal(p.now, HWS_S(5));
    proxying_end(&p);
}

TEST(fault_11_what_is_no_http_is_known_by_its_first_word)
{
    expect_answer("SSH-2.0-OpenSSH_9.2\r\n", HWS_E_HTTP, 0,
                  "proxy 'p.example:3128' does not speak HTTP, it begins with "
                  "'SSH-2.0-OpenSSH_9.2?"
                  "?'");
    expect_answer("\x15\x03\x01", HWS_E_HTTP, 0,
                  "proxy 'p.example:3128' does not speak HTTP, it begins with "
                  "'?"
                  "?"
                  "?'");
    expect_answer("HTTP/2 200\r\n\r\n", HWS_E_HTTP, 0,
                  "proxy 'p.example:3128' gives no usable HTTP answer to "
                  "CONNECT: status line does not begin with "
                  "HTTP/1.x");
}

TEST(fault_11_head_is_bounded)
{
    char line[1100];
    begin_as(NULL, NULL);
    memset(line, 'a', sizeof(line));
    memcpy(line, "HTTP/1.1 200 OK\r\nA: ", 20);
    line[sizeof(line) - 1] = '\0';
    int status = answer(line);
    for (int i = 0; i < 100 && status == HWS_E_AGAIN; i++)
        status = answer(line + 20);
    proxying_expect(&p, HWS_E_TOO_BIG, 0,
                    "proxy 'p.example:3128' gives no usable HTTP answer to "
                    "CONNECT: head too long");
    proxying_end(&p);
    begin_as(NULL, NULL);
    status = answer("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000 && status == HWS_E_AGAIN; i++)
        status = answer("a: b\r\n");
    proxying_expect(&p, HWS_E_TOO_BIG, 0,
                    "proxy 'p.example:3128' gives no usable HTTP answer to "
                    "CONNECT: too many header lines");
    proxying_end(&p);
    begin_as(NULL, NULL);
    status = HWS_E_AGAIN;
    for (int i = 0; i < 1000 && status == HWS_E_AGAIN; i++)
        status = answer("HTTP/1.1 100 Go on\r\n\r\n");
    proxying_expect(&p, HWS_E_HTTP, 0,
                    "proxy 'p.example:3128' sends 1xx answers without end");
    proxying_end(&p);
}

TEST(target_that_would_break_the_request_is_refused)
{
    static const char *const hosts[] = {"a b", "a\r\nB: c", "", "fe80::1%eth0"};
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct hws_http_proxy_options o;
        p = (struct proxying){0};
        hws_http_proxy_options_init(&o);
        proxying_options(&p, &o.tunnel, NULL, NULL);
        o.tunnel.host = hosts[i];
        p.layer = hws_http_proxy_new(&o, proxying_begin(&p));
        assert_int_equal(proxying_open(&p), HWS_E_ARGUMENT);
        assert_int_equal(p.layer->fault.phase, HWS_PHASE_PROXY);
        assert_int_equal(p.said_size, 0);
        proxying_end(&p);
    }
}

TEST(blocked_request_waits_for_writability)
{
    struct hws_want want[HWS_WANTS_MAX];
    p.pair.capacity = 10;
    begin_as(NULL, NULL);
    assert_int_equal(hws_link_open(p.layer, 0), HWS_E_AGAIN);
    assert_int_equal(hws_link_wants(p.layer, want), 1);
    assert_int_equal(want[0].interest, HWS_READ | HWS_WRITE);
    assert_int_equal(answer(YES), 0);
    assert_int_equal(hws_link_wants(p.layer, want), 1);
    assert_int_equal(want[0].interest, HWS_READ);
    proxying_end(&p);
    p.pair.capacity = 0;
}

/* Half of the request is still here: the yes is to something else. */
TEST(fault_11_yes_before_the_question_is_refused)
{
    int status = HWS_E_AGAIN;
    p.pair.capacity = 10;
    begin_as(NULL, NULL);
    assert_int_equal(hws_link_open(p.layer, 0), HWS_E_AGAIN);
    for (const char *at = YES; *at && status == HWS_E_AGAIN; at++) {
        assert_int_equal(hws_link_write(p.far, (const uint8_t *)at, 1), 1);
        status = hws_link_open(p.layer, 0);
    }
    proxying_expect(&p, HWS_E_PROTOCOL, 0,
                    "proxy 'p.example:3128' answers before it was asked");
    proxying_end(&p);
    p.pair.capacity = 0;
}

TEST(failure_below_says_that_the_proxy_cannot_be_reached)
{
    struct hws_http_proxy_options o;
    hws_http_proxy_options_init(&o);
    p = (struct proxying){0};
    proxying_options(&p, &o.tunnel, NULL, NULL);
    struct hws_link *link =
        hws_http_proxy_new(&o, hws_unix_new("/nowhere/proxy"));
    assert_int_equal(hws_link_open(link, 0), HWS_E_CONNECT);
    assert_string_equal(link->fault.text,
                        "cannot reach the proxy: cannot connect to "
                        "'/nowhere/proxy': no such file or directory (2)");
    assert_int_equal(link->fault.phase, HWS_PHASE_TCP);
    assert_int_equal(link->fault.os_error, 2);
    hws_link_free(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(proxy_is_asked_for_the_target_by_its_name),
        RUN(any_2xx_is_a_yes_and_has_no_body),
        RUN(bytes_glued_to_the_yes_belong_to_the_tunnel),
        RUN(glued_bytes_are_read_in_pieces_and_join_what_follows),
        RUN(end_behind_glued_bytes_is_noticed_at_once),
        RUN(fault_11_garbage_behind_the_200_is_handed_up_unchanged),
        RUN(fault_11_ipv6_literal_stands_in_brackets),
        RUN(fault_11_refusals_have_the_proxys_status_and_words),
        RUN(fault_11_401_in_place_of_407_is_named),
        RUN(fault_11_proxy_that_closes_after_connect_is_named),
        RUN(fault_11_proxy_that_resets_after_connect_is_named),
        RUN(fault_11_silent_proxy_is_a_named_timeout),
        RUN(fault_11_dripping_proxy_is_a_timeout_too),
        RUN(fault_11_what_is_no_http_is_known_by_its_first_word),
        RUN(fault_11_head_is_bounded),
        RUN(target_that_would_break_the_request_is_refused),
        RUN(blocked_request_waits_for_writability),
        RUN(fault_11_yes_before_the_question_is_refused),
        RUN(failure_below_says_that_the_proxy_cannot_be_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
