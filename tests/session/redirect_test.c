/* Redirects: where they lead, and how they end. The peer answers by hand; time
 * is virtual. */
#include "base/starved.h"
#include "support/scene.h"
#include "support/test.h"

#include "redirects.h"

static bool was_asked_for(struct scene *s, const char *target)
{
    char line[256];
    assert_true(peer_has_request(&s->peer));
    snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n", target);
    const char *request = (const char *)hwi_buf_span(&s->peer.request).data;
    return strncmp(request, line, strlen(line)) == 0;
}

/* ---- where they lead */

TEST(each_kind_is_followed_at_once_within_the_attempt)
{
    static const char *const answers[] = {
        REDIRECT("301", "ws://other.example/there?x"),
        REDIRECT("302", "ws://other.example/there?x"),
        REDIRECT("303", "ws://other.example/there?x"),
        REDIRECT("307", "ws://other.example/there?x"),
        REDIRECT("308", "ws://other.example/there?x"),
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct scene s;
        scene_begin(&s);
        scene_open(&s);
        hws_time before = s.world.now;
        answer(&s, answers[i]);
        assert_int_equal(s.world.now, before);
        assert_string_equal(s.url, "ws://other.example/there?x");
        assert_true(was_asked_for(&s, "/there?x"));
        assert_true(peer_was_asked(&s.peer, "Host: other.example"));
        scene_accept(&s);
        assert_string_equal(hws_client_get_url(s.client), s.url);
        assert_int_equal(s.attempt, 1);
        assert_int_equal(s.downs, 0);
        scene_end(&s);
    }
}

static void note_up(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_UP)
        *(unsigned *)s->more = e->up.redirects;
}

TEST(user_is_told_of_each_and_how_many_led_here)
{
    struct scene s;
    unsigned redirects = 99;
    begin_at(&s, "ws://feed.example/a/b");
    s.more = &redirects;
    s.then = note_up;
    scene_open(&s);
    answer(&s, REDIRECT("302", "/c"));
    answer(&s, REDIRECT("307", "d?e"));
    scene_accept(&s);
    scene_expect(&s,
                 "redirect(302 ws://feed.example/c) "
                 "redirect(307 ws://feed.example/d?e) up");
    assert_int_equal(redirects, 2);
    scene_end(&s);
}

TEST(fault_08_relative_redirects_are_resolved)
{
    static const char *const ways[][2] = {
        {REDIRECT("302", "c"), "ws://feed.example/a/c"},
        {REDIRECT("302", "../c"), "ws://feed.example/c"},
        {REDIRECT("302", "?c"), "ws://feed.example/a/b?c"},
        {REDIRECT("302", "/c#part"), "ws://feed.example/c"},
        {REDIRECT("302", "//c.example/d"), "ws://c.example/d"},
        {REDIRECT("302", "http://c.example:81/"), "ws://c.example:81/"},
        {REDIRECT("302", "https://c.example"), "wss://c.example"},
    };
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct scene s;
        begin_at(&s, "ws://feed.example/a/b?q");
        scene_open(&s);
        answer(&s, ways[i][0]);
        assert_string_equal(s.url, ways[i][1]);
        scene_end(&s);
    }
}

TEST(next_attempt_begins_where_the_options_say)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    answer(&s, REDIRECT("301", "ws://other.example/"));
    scene_accept(&s);
    peer_end(&s.peer);
    scene_settle(&s);
    assert_string_equal(hws_client_get_url(s.client), "ws://feed.example/");
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://feed.example/");
    assert_int_equal(scene_snapshot(&s).attempts, 2);
    scene_end(&s);
}

TEST(redirect_is_no_failure_of_the_line)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    answer(&s, REDIRECT("302", "/x"));
    scene_accept(&s);
    assert_int_equal(scene_snapshot(&s).failures, 0);
    assert_int_equal(scene_snapshot(&s).attempts, 1);
    assert_int_equal(scene_snapshot(&s).connections, 1);
    peer_end(&s.peer);
    scene_settle(&s);
    assert_int_equal(scene_snapshot(&s).failures, 1);
    scene_end(&s);
}

/* ---- how they end */

TEST(fault_08_loop_of_redirects_ends_with_a_fault_and_slowly_again)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    for (int i = 0; i < 3; i++) {
        answer(&s, REDIRECT("302", "/ping"));
        answer(&s, REDIRECT("302", "/pong"));
    }
    scene_expect(&s,
                 "redirect(302 ws://feed.example/ping) "
                 "redirect(302 ws://feed.example/pong) "
                 "redirect(302 ws://feed.example/ping) "
                 "redirect(302 ws://feed.example/pong) "
                 "redirect(302 ws://feed.example/ping) down(redirect)");
    assert_int_equal(s.fault.status, HWS_E_REDIRECT);
    assert_int_equal(s.fault.phase, HWS_PHASE_HTTP);
    assert_int_equal(s.fault.http_status, 302);
    assert_string_equal(s.fault.text,
                        "redirect 302 to '/pong' is not followed: "
                        "5 in a row are enough (see "
                        "redirects.max)");
    assert_int_equal(s.links, 6);
    assert_in_range(s.down.down.retry_at - s.world.now, HWS_S(15), HWS_S(30));
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://feed.example/");
    scene_end(&s);
}

/* One that is final, and its fault. */
static void assert_refused(struct scene *s, const char *bytes, const char *why)
{
    scene_open(s);
    answer(s, bytes);
    scene_expect(s, "down(refused)!");
    assert_string_equal(s->fault.text, why);
    assert_int_equal(s->links, 1);
    assert_int_equal(s->down.down.by, HWS_PARTY_PEER);
    scene_end(s);
}

TEST(none_is_followed_when_none_is_allowed)
{
    struct scene s;
    scene_begin(&s);
    s.options.redirects.max = 0;
    assert_refused(&s, REDIRECT("302", "/x"),
                   "server answered 302 Elsewhere instead of 101: redirect to "
                   "'/x' is not followed");
}

TEST(fault_08_wss_to_ws_is_refused)
{
    struct scene s;
    begin_at(&s, "wss://feed.example/");
    assert_refused(&s, REDIRECT("302", "http://feed.example/x"),
                   "redirect 302 to 'http://feed.example/x' is not followed: "
                   "it leads from wss to ws (see redirects.insecure)");
}

TEST(fault_08_wss_to_ws_on_the_second_hop_is_refused)
{
    struct scene s;
    begin_at(&s, "ws://feed.example/");
    scene_open(&s);
    answer(&s, REDIRECT("302", "wss://feed.example/"));
    answer(&s, REDIRECT("302", "ws://feed.example/"));
    scene_expect(&s, "redirect(302 wss://feed.example/) down(refused)!");
    scene_end(&s);
}

TEST(wss_to_ws_is_followed_when_asked_for)
{
    struct scene s;
    begin_at(&s, "wss://feed.example/");
    s.options.redirects.insecure = true;
    scene_open(&s);
    answer(&s, REDIRECT("302", "http://feed.example/x"));
    assert_string_equal(s.url, "ws://feed.example/x");
    scene_end(&s);
}

TEST(fault_08_other_schemes_are_refused)
{
    struct scene s;
    scene_begin(&s);
    assert_refused(&s, REDIRECT("302", "ftp://feed.example/x"),
                   "redirect 302 to 'ftp://feed.example/x' is not followed: "
                   "scheme 'ftp' is none of ws, wss, http, https");
    scene_begin(&s);
    assert_refused(&s, REDIRECT("308", "ws+unix:///run/admin.sock"),
                   "redirect 308 to 'ws+unix:///run/admin.sock' is not "
                   "followed: scheme 'ws+unix' is none of ws, wss, http, "
                   "https");
}

TEST(fault_08_password_of_a_location_is_neither_used_nor_shown)
{
    struct scene s;
    scene_begin(&s);
    assert_refused(&s, REDIRECT("302", "http://u:secret@feed.example/x"),
                   "redirect 302 to 'feed.example/x' is not followed: "
                   "userinfo stands before its host");
}

TEST(redirect_without_one_location_is_refused)
{
    struct scene s;
    scene_begin(&s);
    assert_refused(&s, "HTTP/1.1 302 x\r\nContent-Length: 0\r\n\r\n",
                   "redirect 302 without exactly one Location");
    scene_begin(&s);
    assert_refused(&s,
                   "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: /a\r\n"
                   "Location: /b\r\n\r\n",
                   "redirect 302 without exactly one Location");
}

TEST(hops_share_the_time_of_one_attempt)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.handshake = HWS_NEVER;
    scene_open(&s);
    for (int i = 0; i < 2; i++) {
        scene_pass(&s, HWS_S(7));
        answer(&s, REDIRECT("302", "/x"));
    }
    scene_forget(&s);
    scene_pass(&s, HWS_MS(999));
    scene_expect(&s, "");
    scene_pass(&s, HWS_MS(1));
    scene_expect(&s, "down(timeout)");
    scene_end(&s);
}

TEST(fault_07_retry_after_of_a_redirect_is_waited_for)
{
    struct scene s;
    scene_begin(&s);
    s.options.retry.after_max = HWS_S(60);
    scene_open(&s);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: /x\r\n"
           "Retry-After: 30\r\n\r\n");
    scene_expect(&s, "redirect(302 ws://feed.example/x)");
    scene_pass(&s, HWS_S(29));
    assert_int_equal(s.links, 1);
    scene_pass(&s, HWS_S(1));
    assert_int_equal(s.links, 2);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: /y\r\n"
           "Retry-After: 99999\r\n\r\n");
    scene_pass(&s, HWS_S(60));
    assert_int_equal(s.links, 3);
    scene_accept(&s);
    scene_expect(&s, "redirect(302 ws://feed.example/y) up");
    scene_end(&s);
}

TEST(failing_target_is_a_failure_of_the_attempt)
{
    static const char *const urls[] = {"ws://first.example/",
                                       "ws://second.example/"};
    struct scene s;
    scene_begin(&s);
    s.options.url = NULL;
    s.options.urls = urls;
    s.options.url_count = 2;
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://gone.example/"));
    answer(&s, "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n");
    scene_expect(&s, "redirect(302 ws://gone.example/) down(refused)");
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://second.example/");
    scene_end(&s);
}

/* ---- the caller interferes */

static void close_then(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_REDIRECT)
        hws_client_close(s->client, 1000, hws_span_text(""));
}

static void free_then(struct scene *s, const struct hws_event *e)
{
    if (e->kind != HWS_REDIRECT)
        return;
    hws_client_free(s->client);
    s->client = NULL;
}

static void reconnect_then(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_REDIRECT && s->links == 1)
        assert_int_equal(hws_client_reconnect(s->client), 0);
}

TEST(fault_48_client_may_be_closed_or_freed_inside_the_event)
{
    struct scene s;
    scene_begin(&s);
    s.then = close_then;
    scene_open(&s);
    answer(&s, REDIRECT("302", "/x"));
    scene_expect(&s, "redirect(302 ws://feed.example/x) down(cancelled)!");
    assert_int_equal(s.links, 1);
    scene_end(&s);

    scene_begin(&s);
    s.then = free_then;
    scene_open(&s);
    answer(&s, REDIRECT("302", "/x"));
    scene_expect(&s, "redirect(302 ws://feed.example/x)");
    assert_int_equal(s.links, 1);
    scene_end(&s);
}

TEST(reconnect_inside_the_event_starts_the_attempt_over)
{
    struct scene s;
    scene_begin(&s);
    s.then = reconnect_then;
    scene_open(&s);
    answer(&s, REDIRECT("302", "ws://other.example/x"));
    assert_int_equal(s.links, 2);
    assert_string_equal(s.url, "ws://feed.example/");
    scene_accept(&s);
    assert_int_equal(s.attempt, 1);
    assert_int_equal(scene_snapshot(&s).attempts, 1);
    scene_end(&s);
}

TEST(close_while_a_redirect_waits_ends_the_attempt)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    answer(&s,
           "HTTP/1.1 302 x\r\nContent-Length: 0\r\nLocation: /x\r\n"
           "Retry-After: 30\r\n\r\n");
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_settle(&s);
    scene_expect(&s, "redirect(302 ws://feed.example/x) down(cancelled)!");
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    assert_string_equal(s.url, "ws://feed.example/");
    scene_end(&s);
}

/* ---- memory */

/* The peer shares our memory, but not our poverty. */
static void answer_fed(struct scene *s, const char *bytes)
{
    int left = starved_left;
    starve_no_more();
    if (peer_has_request(&s->peer))
        peer_answer(&s->peer, bytes);
    starve_after(left);
    scene_settle(s);
}

static void walk(struct scene *s, struct hws_fault *fault)
{
    s->client = hws_client_new(s->loop, &s->options, fault);
    if (!s->client || hws_client_open(s->client) != 0)
        return;
    scene_settle(s);
    for (int i = 0; i < 2 && s->peer.end && !s->is_down; i++)
        answer_fed(s, REDIRECT("302", "x/y"));
}

TEST(no_memory_at_any_allocation_is_told_and_leaks_nothing)
{
    int failures = 0;
    for (int allowed = 0;; allowed++) {
        struct scene s;
        struct hws_fault fault = {0};
        scene_begin(&s);
        s.options.retry.enabled = false;
        s.options.login.bearer = "token";
        starve_after(allowed);
        walk(&s, &fault);
        bool spared = starved_left > 0;
        starve_no_more();
        if (!s.client)
            assert_int_equal(fault.status, HWS_E_MEMORY);
        else if (s.downs)
            assert_true(s.fault.status == HWS_E_MEMORY ||
                        s.fault.status == HWS_E_CONNECT);
        failures += !spared;
        scene_end(&s);
        if (spared)
            break;
    }
    assert_true(failures > 30);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(each_kind_is_followed_at_once_within_the_attempt),
        RUN(user_is_told_of_each_and_how_many_led_here),
        RUN(fault_08_relative_redirects_are_resolved),
        RUN(next_attempt_begins_where_the_options_say),
        RUN(redirect_is_no_failure_of_the_line),
        RUN(fault_08_loop_of_redirects_ends_with_a_fault_and_slowly_again),
        RUN(none_is_followed_when_none_is_allowed),
        RUN(fault_08_wss_to_ws_is_refused),
        RUN(fault_08_wss_to_ws_on_the_second_hop_is_refused),
        RUN(wss_to_ws_is_followed_when_asked_for),
        RUN(fault_08_other_schemes_are_refused),
        RUN(fault_08_password_of_a_location_is_neither_used_nor_shown),
        RUN(redirect_without_one_location_is_refused),
        RUN(hops_share_the_time_of_one_attempt),
        RUN(fault_07_retry_after_of_a_redirect_is_waited_for),
        RUN(failing_target_is_a_failure_of_the_attempt),
        RUN(fault_48_client_may_be_closed_or_freed_inside_the_event),
        RUN(reconnect_inside_the_event_starts_the_attempt_over),
        RUN(close_while_a_redirect_waits_ends_the_attempt),
        RUN(no_memory_at_any_allocation_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
