/* What one attempt is made of: the endpoint it goes to, the headers it sends
 * and the messages that open a connection. */
#include "support/scene.h"
#include "support/test.h"

/* ---- endpoints */

static const char *const two_urls[] = {"ws://first.example/",
                                       "ws://second.example/"};

TEST(failing_endpoint_gives_way_to_the_next)
{
    struct scene s;
    scene_begin(&s);
    s.options.url = NULL;
    s.options.urls = two_urls;
    s.options.url_count = 2;
    s.links_refused = 1;
    scene_open(&s);
    assert_string_equal(s.url, "ws://first.example/");
    assert_string_equal(hws_client_get_url(s.client), "ws://second.example/");
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://second.example/");
    scene_accept(&s);
    assert_true(peer_was_asked(&s.peer, "Host: second.example"));
    scene_end(&s);
}

TEST(client_returns_to_the_first_endpoint)
{
    struct scene s;
    scene_begin(&s);
    s.options.url = NULL;
    s.options.urls = two_urls;
    s.options.url_count = 2;
    s.served = true;
    s.links_refused = 1;
    scene_open(&s);
    scene_next_attempt(&s);
    scene_pass(&s, HWS_S(299));
    hws_conn_close(s.server, 1001, hws_span_text(""));
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://second.example/");
    scene_pass(&s, HWS_S(300));
    hws_conn_close(s.server, 1001, hws_span_text(""));
    scene_next_attempt(&s);
    assert_string_equal(s.url, "ws://first.example/");
    scene_end(&s);
}

/* ---- what is sent with every attempt */

TEST(openings_leave_again_before_up_is_told)
{
    const struct hws_opening openings[] = {
        {HWS_TEXT, hws_span_text("{\"subscribe\":1}")},
        {HWS_BINARY, hws_span_text("two")},
    };
    struct scene s;
    scene_begin(&s);
    s.options.openings = openings;
    s.options.opening_count = 2;
    scene_open(&s);
    for (int i = 0; i < 3; i++) {
        scene_accept(&s);
        peer_expect(&s.peer, HWS_TEXT, "{\"subscribe\":1}");
        peer_expect(&s.peer, HWS_BINARY, "two");
        peer_expect_nothing(&s.peer);
        scene_expect(&s, "up");
        peer_end(&s.peer);
        scene_settle(&s);
        scene_expect(&s, "down(eof)");
        scene_next_attempt(&s);
    }
    scene_end(&s);
}

static void greet(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_UP)
        scene_send(s, "mine");
}

TEST(openings_stand_before_what_is_sent_at_up)
{
    const struct hws_opening opening = {HWS_TEXT, hws_span_text("opening")};
    struct scene s;
    scene_begin(&s);
    s.options.openings = &opening;
    s.options.opening_count = 1;
    s.then = greet;
    scene_open(&s);
    scene_accept(&s);
    peer_expect(&s.peer, HWS_TEXT, "opening");
    peer_expect(&s.peer, HWS_TEXT, "mine");
    scene_end(&s);
}

/* The server spoke before we did: openings still stand before its words. */
TEST(fault_09_up_is_told_before_a_glued_message)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    peer_accept(&s.peer);
    peer_send_text(&s.peer, "first");
    scene_settle(&s);
    scene_expect(&s, "up text(first)");
    scene_end(&s);
}

static int sign(struct hws_client *client, struct hws_headers *headers,
                unsigned attempt, void *user)
{
    struct scene *s = user;
    char value[32];
    (void)client;
    snprintf(value, sizeof(value), "%u-%u", attempt, s->links);
    return hws_headers_add(headers, "X-Signed", value);
}

TEST(headers_are_computed_for_every_attempt)
{
    const struct hws_header fixed = {"X-Fixed", "always"};
    struct scene s;
    scene_begin(&s);
    s.options.url = "ws://user:pass@feed.example/path?q=1";
    s.options.headers = &fixed;
    s.options.header_count = 1;
    s.options.on_headers = sign;
    scene_open(&s);
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "X-Signed: 1-0"));
    assert_true(peer_was_asked(&s.peer, "X-Fixed: always"));
    assert_true(peer_was_asked(&s.peer, "Authorization: Basic dXNlcjpwYXNz"));
    peer_end(&s.peer);
    scene_next_attempt(&s);
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "X-Signed: 2-1"));
    scene_accept(&s);
    peer_end(&s.peer);
    scene_next_attempt(&s);
    assert_true(peer_has_request(&s.peer));
    assert_true(peer_was_asked(&s.peer, "X-Signed: 1-2"));
    scene_end(&s);
}

static int no_signature(struct hws_client *client, struct hws_headers *headers,
                        unsigned attempt, void *user)
{
    (void)client;
    (void)headers;
    (void)user;
    return attempt == 3 ? HWS_E_ARGUMENT : HWS_E_AGAIN;
}

TEST(failing_headers_end_the_attempt_with_their_status)
{
    struct scene s;
    scene_begin(&s);
    s.options.on_headers = no_signature;
    scene_open(&s);
    scene_pass(&s, HWS_S(10));
    scene_expect(&s, "down(again) down(again) down(argument)!");
    assert_non_null(strstr(s.fault.text, "headers"));
    assert_int_equal(s.links, 0);
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(failing_endpoint_gives_way_to_the_next),
        RUN(client_returns_to_the_first_endpoint),
        RUN(openings_leave_again_before_up_is_told),
        RUN(openings_stand_before_what_is_sent_at_up),
        RUN(fault_09_up_is_told_before_a_glued_message),
        RUN(headers_are_computed_for_every_attempt),
        RUN(failing_headers_end_the_attempt_with_their_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
