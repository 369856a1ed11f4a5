/* The deadlines of opening and closing, on a virtual clock. */
#include "support/scene.h"
#include "support/test.h"

/* ---- deadlines of one attempt */

TEST(fault_01_handshake_that_trickles_ends_in_time)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\n";
    struct scene s;
    scene_begin(&s);
    scene_open(&s);
    hws_time begin = s.world.now;
    for (size_t i = 0; s.downs == 0; i++) {
        peer_write(&s.peer, &answer[i], 1);
        scene_pass(&s, HWS_S(1));
        assert_true(i < 6);
    }
    assert_int_equal(s.world.now - begin, HWS_S(5));
    scene_expect(&s, "down(timeout)");
    assert_int_equal(s.fault.phase, HWS_PHASE_HTTP);
    assert_false(s.down.down.was_up);
    scene_end(&s);
}

TEST(attempt_as_a_whole_has_its_deadline)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.handshake = HWS_NEVER;
    scene_open(&s);
    scene_pass(&s, HWS_S(15) - 1);
    scene_expect(&s, "");
    scene_pass(&s, 1);
    scene_expect(&s, "down(timeout)");
    scene_end(&s);
}

TEST(attempt_without_deadlines_waits_for_ever)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.handshake = s.options.open_delay = HWS_NEVER;
    scene_open(&s);
    uint64_t before = s.world.turns;
    scene_pass(&s, HWS_S(86400));
    scene_expect(&s, "");
    assert_int_equal(s.world.turns, before);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

TEST(fault_22_missing_close_reply_ends_at_the_deadline)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    hws_client_close(s.client, 1000, hws_span_text("bye"));
    scene_settle(&s);
    peer_expect_close(&s.peer, 1000);
    scene_pass(&s, HWS_S(2) - 1);
    assert_int_equal(s.downs, 0);
    scene_pass(&s, 1);
    scene_expect(&s, "closing(local 1000) down(timeout)!");
    assert_false(s.down.down.clean);
    assert_int_equal(s.down.down.received_code, 1006);
    scene_end(&s);
}

TEST(fault_22_data_after_close_is_not_told)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_close(&s.peer, 1000, "");
    peer_send_text(&s.peer, "too late");
    scene_settle(&s);
    peer_expect_close(&s.peer, 1000);
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "closing(peer 1000) down(closed)");
    assert_true(s.down.down.clean);
    scene_end(&s);
}

TEST(fault_22_both_sides_close_at_once)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_close(&s.peer, 1001, "");
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_settle(&s);
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "closing(local 1000) down(closed)!");
    assert_true(s.down.down.clean);
    assert_int_equal(s.down.down.sent_code, 1000);
    assert_int_equal(s.down.down.received_code, 1001);
    scene_end(&s);
}

TEST(fault_22_peer_that_never_ends_after_close_is_left)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_close(&s.peer, 1000, "");
    scene_settle(&s);
    peer_expect_close(&s.peer, 1000);
    scene_pass(&s, HWS_S(2));
    scene_expect(&s, "closing(peer 1000) down(closed)");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(fault_01_handshake_that_trickles_ends_in_time),
        RUN(attempt_as_a_whole_has_its_deadline),
        RUN(attempt_without_deadlines_waits_for_ever),
        RUN(fault_22_missing_close_reply_ends_at_the_deadline),
        RUN(fault_22_data_after_close_is_not_told),
        RUN(fault_22_both_sides_close_at_once),
        RUN(fault_22_peer_that_never_ends_after_close_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
