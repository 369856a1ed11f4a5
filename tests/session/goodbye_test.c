/* The last words of a connection: what is said when both sides go. */
#include "session/commons.h"
#include "support/scene.h"
#include "support/test.h"

#define HEAD_SIZE 10 /* of the message before them */

/*
 * The last words, of `size` bytes, and the end behind them, both met by one
 * wake-up: a message before them makes them fill its read to the last byte.
 */
static void begin_last_words(struct scene *s, size_t size)
{
    static const uint8_t zeros[HWI_READ_SIZE];
    scene_begin(s);
    s->pair.capacity = 2 * HWI_READ_SIZE;
    scene_open_up(s);
    peer_send_frame(&s->peer, 0x80 | HWS_BINARY, zeros,
                    HWI_READ_SIZE - HEAD_SIZE - size);
}

TEST(close_with_the_end_behind_it_is_still_answered)
{
    struct scene s;
    begin_last_words(&s, 2 + 2 + strlen("bye"));
    peer_send_close(&s.peer, 1001, "bye");
    hws_link_shut(s.peer.end);
    scene_settle(&s);
    scene_expect(&s, "binary(65775) closing(peer 1001) down(closed)");
    assert_true(s.down.down.clean);
    assert_int_equal(s.down.down.sent_code, 1001);
    peer_expect_close(&s.peer, 1001);
    scene_end(&s);
}

TEST(ping_with_the_end_behind_it_is_still_answered)
{
    struct scene s;
    begin_last_words(&s, 2 + strlen("there?"));
    peer_send_ping(&s.peer, "there?");
    hws_link_shut(s.peer.end);
    scene_settle(&s);
    scene_expect(&s, "binary(65774) ping(there?) down(eof)");
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
