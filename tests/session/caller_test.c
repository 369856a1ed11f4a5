/* What the caller decides: open, close and reconnect, in every state. */
#include "support/scene.h"
#include "support/test.h"

static void assert_state(const struct scene *s, enum hws_client_state state)
{
    assert_string_equal(hws_client_state_name(hws_client_get_state(s->client)),
                        hws_client_state_name(state));
}

static void says_1013(struct peer *p)
{
    peer_send_close(p, 1013, "busy");
    peer_end(p);
}

TEST(client_comes_up_through_its_states)
{
    struct scene s;
    scene_begin(&s);
    struct hws_fault fault;
    s.client = hws_client_new(s.loop, &s.options, &fault);
    assert_non_null(s.client);
    assert_state(&s, HWS_CLIENT_IDLE);
    scene_pass(&s, HWS_S(100));
    assert_int_equal(s.links, 0);
    assert_int_equal(hws_client_open(s.client), 0);
    assert_state(&s, HWS_CLIENT_WAITING);
    assert_int_equal(hws_client_open(s.client), HWS_E_STATE);
    scene_settle(&s);
    assert_state(&s, HWS_CLIENT_OPENING);
    scene_expect(&s, "");
    scene_accept(&s);
    assert_state(&s, HWS_CLIENT_UP);
    assert_int_equal(s.attempt, 1);
    assert_int_equal(s.connection, 1);
    scene_expect(&s, "up");
    assert_int_equal(hws_client_open(s.client), HWS_E_STATE);
    scene_end(&s);
}

TEST(close_by_the_caller_is_clean_and_final)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("bye")), 0);
    scene_settle(&s);
    assert_state(&s, HWS_CLIENT_CLOSING);
    peer_expect_close(&s.peer, 1000);
    peer_send_close(&s.peer, 1000, "");
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "closing(local 1000) down(closed)!");
    assert_state(&s, HWS_CLIENT_STOPPED);
    assert_true(s.down.down.clean);
    assert_true(s.down.down.was_up);
    assert_int_equal(s.down.down.by, HWS_PARTY_LOCAL);
    assert_int_equal(s.down.down.sent_code, 1000);
    assert_int_equal(s.down.down.received_code, 1000);
    assert_int_equal(s.down.down.retry_at, HWS_NEVER);
    scene_pass(&s, HWS_S(86400));
    assert_int_equal(s.links, 1);
    scene_expect(&s, "");
    scene_end(&s);
}

TEST(stopped_client_can_be_opened_again)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_pass(&s, HWS_S(3));
    assert_state(&s, HWS_CLIENT_STOPPED);
    scene_forget(&s);
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    assert_int_equal(s.connection, 2);
    assert_int_equal(s.attempt, 1);
    scene_end(&s);
}

/* ---- the caller's own reconnect */

TEST(reconnect_cuts_and_dials_at_once)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    assert_int_equal(hws_client_reconnect(s.client), 0);
    scene_settle(&s);
    scene_expect(&s, "down(cancelled)");
    assert_int_equal(s.links, 2);
    assert_int_equal(s.down.down.retry_at, s.world.now);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

TEST(reconnect_ends_the_waiting)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    says_1013(&s.peer);
    scene_settle(&s);
    assert_state(&s, HWS_CLIENT_WAITING);
    assert_int_equal(hws_client_reconnect(s.client), 0);
    scene_settle(&s);
    assert_int_equal(s.links, 2);
    scene_end(&s);
}

TEST(reconnect_is_no_failure)
{
    struct scene s;
    scene_begin(&s);
    s.options.retry.attempts_max = 1;
    scene_open_up(&s);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(hws_client_reconnect(s.client), 0);
        scene_settle(&s);
        scene_accept(&s);
        scene_expect(&s, "down(cancelled) up");
    }
    scene_end(&s);
}

TEST(reconnect_of_a_client_that_is_not_open_is_refused)
{
    struct scene s;
    scene_begin(&s);
    s.client = hws_client_new(s.loop, &s.options, NULL);
    assert_int_equal(hws_client_reconnect(s.client), HWS_E_STATE);
    hws_client_open(s.client);
    scene_settle(&s);
    hws_client_close(s.client, 1000, hws_span_text(""));
    assert_int_equal(hws_client_reconnect(s.client), HWS_E_STATE);
    scene_settle(&s);
    assert_int_equal(hws_client_reconnect(s.client), HWS_E_STATE);
    assert_int_equal(s.links, 1);
    scene_end(&s);
}

/* ---- close outside of UP */

TEST(close_while_opening_is_final_at_once)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    scene_settle(&s);
    scene_expect(&s, "down(cancelled)!");
    assert_true(peer_sees_end(&s.peer));
    scene_end(&s);
}

TEST(close_while_waiting_is_final_at_once)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_end(&s.peer);
    scene_settle(&s);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    scene_settle(&s);
    scene_expect(&s, "down(eof) down(cancelled)!");
    scene_end(&s);
}

TEST(fault_48_close_before_open_stops_without_a_word)
{
    struct scene s;
    scene_begin(&s);
    s.client = hws_client_new(s.loop, &s.options, NULL);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    assert_int_equal(hws_client_send(s.client, HWS_TEXT, hws_span_text("x")),
                     HWS_E_STATE);
    assert_int_equal(hws_client_ping(s.client, hws_span_text("x")),
                     HWS_E_STATE);
    hws_client_pause(s.client);
    hws_client_resume(s.client);
    hws_client_flush(s.client);
    scene_pass(&s, HWS_S(10));
    scene_expect(&s, "");
    assert_state(&s, HWS_CLIENT_STOPPED);
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

TEST(bad_close_code_is_refused_and_changes_nothing)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    assert_int_equal(hws_client_close(s.client, 1005, hws_span_text("")),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_client_close(s.client, 999, hws_span_text("")),
                     HWS_E_ARGUMENT);
    scene_pass(&s, HWS_S(1));
    scene_expect(&s, "");
    assert_state(&s, HWS_CLIENT_UP);
    assert_int_equal(hws_client_close(s.client, 0, hws_span_text("")), 0);
    scene_settle(&s);
    peer_expect_close(&s.peer, 0);
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(client_comes_up_through_its_states),
        RUN(close_by_the_caller_is_clean_and_final),
        RUN(stopped_client_can_be_opened_again),
        RUN(reconnect_cuts_and_dials_at_once),
        RUN(reconnect_ends_the_waiting),
        RUN(reconnect_is_no_failure),
        RUN(reconnect_of_a_client_that_is_not_open_is_refused),
        RUN(close_while_opening_is_final_at_once),
        RUN(close_while_waiting_is_final_at_once),
        RUN(fault_48_close_before_open_stops_without_a_word),
        RUN(bad_close_code_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
