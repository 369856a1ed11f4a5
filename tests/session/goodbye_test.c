/* The last words of a connection: what is said when both sides go. */
#include "support/scene.h"
#include "support/test.h"

TEST(close_with_the_end_behind_it_is_still_answered)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_close(&s.peer, 1001, "bye");
    hws_link_shut(s.peer.end);
    scene_settle(&s);
    scene_expect(&s, "closing(peer 1001) down(closed)");
    assert_true(s.down.down.clean);
    assert_int_equal(s.down.down.sent_code, 1001);
    peer_expect_close(&s.peer, 1001);
    scene_end(&s);
}

TEST(ping_with_the_end_behind_it_is_still_answered)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    peer_send_ping(&s.peer, "there?");
    hws_link_shut(s.peer.end);
    scene_settle(&s);
    scene_expect(&s, "ping(there?) down(eof)");
    peer_expect(&s.peer, HWS_OP_PONG, "there?");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(close_with_the_end_behind_it_is_still_answered),
        RUN(ping_with_the_end_behind_it_is_still_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
