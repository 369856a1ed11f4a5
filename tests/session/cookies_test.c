/* A jar in the hands of clients: filled by every answer, sent where it fits,
 * shared between clients and threads. */
#include "base/starved.h"
#include "support/scene.h"
#include "support/test.h"

#include <pthread.h>

static hws_time realtime(const struct scene *s)
{
    return s->world.now + s->world.realtime_ahead;
}

static void begin_with_jar(struct scene *s)
{
    scene_begin(s);
    s->options.cookies = hws_cookies_new();
    assert_non_null(s->options.cookies);
}

static void end_with_jar(struct scene *s)
{
    hws_cookies_free(s->options.cookies);
    scene_end(s);
}

static void answer(struct scene *s, const char *bytes)
{
    peer_answer(&s->peer, bytes);
    scene_settle(s);
}

/* Whether the next request carries this very Cookie line, or with NULL none. */
static void assert_sent(struct scene *s, const char *line)
{
    assert_true(peer_has_request(&s->peer));
    const char *request = (const char *)hwi_buf_span(&s->peer.request).data;
    if (!line)
        assert_null(strstr(request, "Cookie: "));
    else if (!peer_was_asked(&s->peer, line))
        fail_msg("no '%s' in\n%s", line, request);
}

static void accept_with(struct scene *s, const char *header)
{
    char text[512];
    const char *accept = peer_accept_text(&s->peer);
    snprintf(text, sizeof(text), "%.*s%s\r\n\r\n", (int)strlen(accept) - 2,
             accept, header);
    peer_write_text(&s->peer, text);
    scene_settle(s);
}

TEST(cookie_of_the_101_goes_with_the_next_attempt)
{
    struct scene s;
    begin_with_jar(&s);
    scene_open(&s);
    assert_sent(&s, NULL);
    accept_with(&s, "Set-Cookie: id=1; Path=/\r\nset-cookie: b=2");
    peer_end(&s.peer);
    scene_next_attempt(&s);
    assert_sent(&s, "Cookie: id=1; b=2");
    end_with_jar(&s);
}

TEST(cookie_of_a_refusal_goes_with_the_next_attempt)
{
    struct scene s;
    begin_with_jar(&s);
    scene_open(&s);
    answer(&s,
           "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
           "Set-Cookie: node=7; Max-Age=60\r\n\r\n");
    scene_next_attempt(&s);
    assert_sent(&s, "Cookie: node=7");
    answer(&s,
           "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
           "Retry-After: 61\r\n\r\n");
    scene_next_attempt(&s);
    assert_sent(&s, NULL);
    end_with_jar(&s);
}

/* "Come back with this": the redirect leads to the very same place. */
TEST(cookie_of_a_redirect_goes_with_its_next_hop)
{
    struct scene s;
    begin_with_jar(&s);
    scene_open(&s);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: /\r\n"
           "Set-Cookie: checked=1\r\n\r\n");
    assert_sent(&s, "Cookie: checked=1");
    scene_accept(&s);
    scene_expect(&s, "redirect(302 ws://feed.example/) up");
    end_with_jar(&s);
}

TEST(fault_08_cookies_stay_behind_when_it_leads_elsewhere)
{
    struct scene s;
    begin_with_jar(&s);
    scene_open(&s);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\n"
           "Location: ws://other.example/\r\nSet-Cookie: a=1\r\n"
           "Set-Cookie: planted=1; Domain=other.example\r\n\r\n");
    assert_sent(&s, NULL);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\n"
           "Location: ws://feed.example/\r\nSet-Cookie: b=2\r\n"
           "Set-Cookie: planted=2; Domain=feed.example\r\n\r\n");
    assert_sent(&s, "Cookie: a=1");
    end_with_jar(&s);
}

static int bring(struct hws_client *client, struct hws_headers *headers,
                 unsigned attempt, void *user)
{
    (void)client;
    (void)user;
    return attempt == 1 ? hws_headers_add(headers, "cookie", "mine=1") : 0;
}

TEST(callers_own_cookie_header_takes_their_place)
{
    struct scene s;
    begin_with_jar(&s);
    s.options.on_headers = bring;
    assert_int_equal(hws_cookies_set(s.options.cookies, "http://feed.example/x",
                                     "a=1; Path=/", realtime(&s)),
                     0);
    scene_open(&s);
    assert_sent(&s, NULL);
    assert_true(peer_was_asked(&s.peer, "cookie: mine=1"));
    peer_end(&s.peer);
    scene_next_attempt(&s);
    assert_sent(&s, "Cookie: a=1");
    end_with_jar(&s);
}

TEST(two_clients_share_a_jar_that_outlives_its_maker)
{
    struct scene s, t;
    begin_with_jar(&s);
    scene_open(&s);
    scene_begin(&t);
    t.options.cookies = s.options.cookies;
    accept_with(&s, "Set-Cookie: id=1");
    scene_open(&t);
    assert_sent(&t, "Cookie: id=1");
    hws_cookies_free(s.options.cookies);
    scene_end(&s);
    peer_end(&t.peer);
    scene_next_attempt(&t);
    assert_sent(&t, "Cookie: id=1");
    scene_end(&t);
}

TEST(failed_new_takes_no_share)
{
    struct scene s;
    struct hws_fault fault = {0};
    begin_with_jar(&s);
    s.options.url = "nonsense";
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    s.options.url = "ws://feed.example/";
    s.options.redirects.max = 51;
    assert_null(hws_client_new(s.loop, &s.options, &fault));
    assert_string_equal(fault.text, "option 'redirects.max' is above 50");
    assert_int_equal(hws_cookies_count(s.options.cookies), 0);
    end_with_jar(&s);
}

/* ---- the jar by itself */

TEST(jar_is_asked_by_any_url)
{
    struct hws_cookies *jar = hws_cookies_new();
    char text[64];
    assert_int_equal(hws_cookies_set(jar, "https://h.x/login",
                                     "id=1; Domain=h.x; Path=/; Secure", 0),
                     0);
    assert_int_equal(hws_cookies_count(jar), 1);
    assert_true(hws_cookies_changed(jar));
    assert_int_equal(hws_cookies_get(jar, "wss://feed.h.x/", 0, text, 64), 4);
    assert_string_equal(text, "id=1");
    assert_int_equal(hws_cookies_get(jar, "wss://feed.h.x/", 0, text, 5), 4);
    assert_int_equal(hws_cookies_get(jar, "wss://feed.h.x/", 0, text, 4),
                     HWS_E_TOO_BIG);
    assert_int_equal(hws_cookies_get(jar, "ws://feed.h.x/", 0, text, 64), 0);
    assert_string_equal(text, "");
    hws_cookies_clear(jar);
    assert_int_equal(hws_cookies_count(jar), 0);
    hws_cookies_free(jar);
    hws_cookies_free(NULL);
}

TEST(what_the_rules_refuse_is_told)
{
    struct hws_cookies *jar = hws_cookies_new();
    char text[64];
    assert_int_equal(hws_cookies_set(jar, "http://h/", "a=1; Secure", 0),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_set(jar, "http://h/", "a", 0), HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_set(jar, "http://h/", NULL, 0),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_set(jar, "ftp://h/", "a=1", 0),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_set(jar, "httpx", "a=1", 0), HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_set(jar, NULL, "a=1", 0), HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_get(jar, NULL, 0, text, 64), HWS_E_ARGUMENT);
    assert_int_equal(hws_cookies_count(jar), 0);
    assert_false(hws_cookies_changed(jar));
    hws_cookies_free(jar);
}

/* A fuller life: two answers, each with a cookie, at every shortage. */
TEST(no_memory_at_any_allocation_is_told_and_leaks_nothing)
{
    int failures = 0;
    for (int allowed = 0;; allowed++) {
        struct scene s;
        struct hws_fault fault = {0};
        scene_begin(&s);
        starve_after(allowed);
        s.options.cookies = hws_cookies_new();
        if (s.options.cookies)
            s.client = hws_client_new(s.loop, &s.options, &fault);
        if (s.client && hws_client_open(s.client) == 0)
            scene_settle(&s);
        int left = starved_left;
        starve_no_more();
        if (s.peer.end && !s.is_down && peer_has_request(&s.peer))
            peer_answer(&s.peer,
                        "HTTP/1.1 302 x\r\nContent-Length: 0\r\n"
                        "Location: /\r\nSet-Cookie: a=1\r\n\r\n");
        starve_after(left);
        scene_settle(&s);
        bool spared = starved_left > 0;
        starve_no_more();
        if (s.options.cookies && !s.client)
            assert_int_equal(fault.status, HWS_E_MEMORY);
        failures += !spared;
        hws_cookies_free(s.options.cookies);
        scene_end(&s);
        if (spared)
            break;
    }
    assert_true(failures > 30);
}

/* ---- threads */

#define ROUNDS 500

static void *set_and_get(void *context)
{
    struct hws_cookies *jar = context;
    char text[8192];
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(text, sizeof(text), "n%d=1", i % 60);
        assert_int_equal(hws_cookies_set(jar, "ws://h/", text, 0), 0);
        assert_true(hws_cookies_get(jar, "ws://h/", 0, text, sizeof(text)) > 0);
    }
    return NULL;
}

TEST(threads_share_a_jar)
{
    struct hws_cookies *jar = hws_cookies_new();
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, set_and_get, jar), 0);
    set_and_get(jar);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(hws_cookies_count(jar), 50);
    hws_cookies_free(jar);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(cookie_of_the_101_goes_with_the_next_attempt),
        RUN(cookie_of_a_refusal_goes_with_the_next_attempt),
        RUN(cookie_of_a_redirect_goes_with_its_next_hop),
        RUN(fault_08_cookies_stay_behind_when_it_leads_elsewhere),
        RUN(callers_own_cookie_header_takes_their_place),
        RUN(two_clients_share_a_jar_that_outlives_its_maker),
        RUN(failed_new_takes_no_share),
        RUN(jar_is_asked_by_any_url),
        RUN(what_the_rules_refuse_is_told),
        RUN(no_memory_at_any_allocation_is_told_and_leaks_nothing),
        RUN(threads_share_a_jar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
