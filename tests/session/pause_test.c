/* Reading held back by the user: nothing is lost, nothing overtakes, and what
 * ends meanwhile ends all the same. */
#include "support/scene.h"
#include "support/test.h"

TEST(pause_loses_nothing_and_keeps_order)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_text(&s.peer, "1");
    scene_settle(&s);
    hws_client_pause(s.client);
    peer_send_text(&s.peer, "2");
    scene_pass(&s, HWS_S(100));
    peer_send_text(&s.peer, "3");
    scene_settle(&s);
    scene_expect(&s, "text(1)");
    hws_client_resume(s.client);
    scene_expect(&s, ""); /* events come from the loop only */
    scene_settle(&s);
    scene_expect(&s, "text(2) text(3)");
    scene_end(&s);
}

static void pause_each(struct scene *s, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE)
        hws_client_pause(s->client);
}

TEST(pause_inside_a_message_holds_the_rest_of_the_read)
{
    struct scene s;
    scene_begin(&s);
    s.then = pause_each;
    scene_open_up(&s);
    peer_send_text(&s.peer, "1");
    peer_send_text(&s.peer, "2");
    peer_send_text(&s.peer, "3");
    scene_settle(&s);
    scene_expect(&s, "text(1)");
    scene_settle(&s);
    scene_expect(&s, "");
    assert_int_equal(scene_snapshot(&s).decoder_backlog, 6);
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(2)");
    assert_int_equal(scene_snapshot(&s).decoder_backlog, 3);
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(3)");
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "");
    assert_int_equal(scene_snapshot(&s).decoder_backlog, 0);
    scene_end(&s);
}

/* Bytes are held by us and others wait in the transport: in their order. */
TEST(resume_delivers_what_is_held_before_it_reads_on)
{
    struct scene s;
    scene_begin(&s);
    s.then = pause_each;
    scene_open_up(&s);
    peer_send_text(&s.peer, "1");
    peer_send_text(&s.peer, "2");
    peer_send_frame(&s.peer, HWS_TEXT, "3", 1); /* not its last fragment */
    scene_settle(&s);
    scene_expect(&s, "text(1)");
    peer_send_frame(&s.peer, 0x80, "4", 1);
    peer_send_text(&s.peer, "5");
    scene_settle(&s);
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(2)");
    s.then = NULL;
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(34) text(5)");
    scene_end(&s);
}

TEST(paused_client_stops_the_peer)
{
    struct scene s;
    scene_begin(&s);
    s.pair.capacity = 1000;
    scene_open_up(&s);
    hws_client_pause(s.client);
    static const uint8_t frame[400] = {0x82, 126, 1, 140}; /* 396 bytes */
    size_t went = 0;
    for (int i = 0; i < 10; i++)
        went += peer_write(&s.peer, frame, sizeof(frame));
    scene_pass(&s, HWS_S(60));
    assert_int_equal(went, 1000); /* what the transport holds, no more */
    assert_int_equal(s.messages, 0);
    hws_client_resume(s.client);
    scene_settle(&s);
    assert_int_equal(s.messages, 2);
    scene_end(&s);
}

TEST(pause_while_opening_lets_it_come_up)
{
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    hws_client_pause(s.client);
    peer_accept(&s.peer);
    peer_send_text(&s.peer, "held");
    scene_pass(&s, HWS_S(60));
    scene_expect(&s, "up");
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(held)");
    scene_end(&s);
}

TEST(pause_outlives_a_reconnect)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_pause(s.client);
    hws_client_reconnect(s.client);
    scene_settle(&s);
    scene_accept(&s);
    peer_send_text(&s.peer, "held");
    scene_pass(&s, HWS_S(1));
    scene_expect(&s, "down(cancelled) up");
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(held)");
    scene_end(&s);
}

TEST(end_found_after_a_pause_comes_after_the_messages)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_pause(s.client);
    peer_send_text(&s.peer, "last words");
    peer_send_close(&s.peer, 1000, "");
    peer_end(&s.peer);
    scene_pass(&s, HWS_S(60));
    scene_expect(&s, "");
    hws_client_resume(s.client);
    scene_settle(&s);
    scene_expect(&s, "text(last words) closing(peer 1000) down(closed)");
    scene_end(&s);
}

TEST(close_ends_a_pause)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_pause(s.client);
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_settle(&s);
    peer_expect_close(&s.peer, 1000);
    peer_send_close(&s.peer, 1000, "");
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "closing(local 1000) down(closed)!");
    assert_true(s.down.down.clean);
    scene_end(&s);
}

/* What ends by our own doing ends though nobody reads. */
TEST(pause_after_close_does_not_hold_the_end)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_close(s.client, 1000, hws_span_text(""));
    hws_client_pause(s.client);
    scene_pass(&s, HWS_S(3));
    scene_expect(&s, "closing(local 1000) down(timeout)!");
    scene_end(&s);
}

TEST(full_queue_ends_a_paused_connection)
{
    struct scene s;
    scene_begin(&s);
    s.pair.capacity = 300;
    s.options.limits.when_full = HWS_FULL_CLOSE;
    s.options.limits.send_queue_max = 100;
    scene_open_up(&s);
    hws_client_pause(s.client);
    while (hws_client_send(s.client, HWS_TEXT, hws_span_text("more")) == 0)
        continue;
    scene_pass(&s, HWS_S(3));
    assert_int_equal(s.downs, 1);
    assert_int_equal(s.fault.status, HWS_E_FULL);
    scene_end(&s);
}

TEST(close_ends_the_pause_of_a_lost_connection)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_text(&s.peer, "last words");
    scene_settle(&s);
    scene_expect(&s, "text(last words)");
    hws_client_pause(s.client);
    peer_cut(&s.peer);
    scene_send(&s, "into the void");
    scene_settle(&s);
    scene_expect(&s, "");
    assert_int_equal(hws_client_send(s.client, HWS_TEXT, hws_span_text("x")),
                     HWS_E_STATE);
    assert_int_equal(hws_client_close(s.client, 1000, hws_span_text("")), 0);
    scene_settle(&s);
    scene_expect(&s, "down(reset)!");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(pause_loses_nothing_and_keeps_order),
        RUN(pause_inside_a_message_holds_the_rest_of_the_read),
        RUN(resume_delivers_what_is_held_before_it_reads_on),
        RUN(paused_client_stops_the_peer),
        RUN(pause_while_opening_lets_it_come_up),
        RUN(pause_outlives_a_reconnect),
        RUN(end_found_after_a_pause_comes_after_the_messages),
        RUN(close_ends_a_pause),
        RUN(pause_after_close_does_not_hold_the_end),
        RUN(full_queue_ends_a_paused_connection),
        RUN(close_ends_the_pause_of_a_lost_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
