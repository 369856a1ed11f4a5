/*
 * Life signs on virtual time: when we ask, when a peer is silent, what a pong
 * tells, and the bounds of pings and pongs.
 */
#include "script.h"

TEST(idle_peer_is_asked_and_its_answer_is_life)
{
    play(
        "@ 14.9s\n"
        "@ 0.2s\n"
        "> ping 'the samp\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'\n"
        "@ 0.2s\n"
        "< pong 'the samp\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'\n"
        "! pong 'the samp\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01' 0.3s\n"
        "@ 14.9s\n"
        "@ 0.2s\n"
        "> ping 'the samp\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02'\n");
}

TEST(any_byte_is_life)
{
    play(
        "@ 14s\n"
        "< text 'x'\n"
        "! text 'x'\n"
        "@ 14s\n"
        "@ 2s\n"
        "> ping *\n"
        "@ 8s\n"
        "< text... 'x'\n"
        "@ 14s\n"
        "@ 2s\n"
        "> ping *\n");
}

TEST(silent_peer_is_given_up)
{
    play(
        "@ 15s\n"
        "> ping *\n"
        "@ 9.9s\n"
        "@ 0.2s\n"
        "! down silent idle by network sent 0 got 1006: peer is silent: no "
        "byte for 25.0 s, pinged 10.0 s ago\n"
        "@ 100s\n");
}

TEST(nobody_is_silent_while_nobody_reads)
{
    play(
        "@ 15s\n"
        "> ping *\n"
        "@ 9s\n"
        "= pause\n"
        "@ 3600s\n"
        "= resume\n"
        "@ 9.9s\n"
        "@ 0.2s\n"
        "! down silent *\n");
}

TEST(delay_starts_again_when_reading_resumes)
{
    play(
        "@ 14s\n"
        "= pause\n"
        "@ 100s\n"
        "= resume\n"
        "@ 14.9s\n"
        "@ 0.2s\n"
        "> ping *\n");
}

TEST(probe_asks_at_once)
{
    play(
        "= probe\n"
        "> ping *\n"
        "@ 9.9s\n"
        "= probe\n"
        "> ping *\n"
        "@ 9.9s\n"
        "@ 0.2s\n"
        "! down silent *\n");
}

TEST(keepalive_can_be_switched_off)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.delays.ping = HWS_NEVER;
    play_with(&options,
              "@ 100000s\n"
              "= probe\n"
              "> ping *\n"
              "@ 11s\n"
              "! down silent *\n");
    options.delays.silent = HWS_NEVER;
    play_with(&options, "= probe\n> ping *\n@ 100000s\n");
}

TEST(pings_are_answered_with_their_payload)
{
    play(
        "< ping ''\n! ping ''\n> pong ''\n"
        "< ping 'x'*125\n! ping 'x'*125\n> pong 'x'*125\n");
}

TEST(users_pings_are_bounded_and_timed)
{
    play(
        "= ping 'x'*126 -> too-big\n"
        "= ping 'one'\n"
        "> ping 'one'\n"
        "@ 0.5s\n"
        "< pong 'one'\n"
        "! pong 'one' 0.5s\n"
        "= stall\n"
        "= ping '1'\n= ping '2'\n= ping '3'\n= ping '4'\n= ping '5'\n"
        "= ping '6'\n= ping '7'\n= ping '8'\n= ping '9'\n= ping '10'\n"
        "= ping '11'\n= ping '12'\n= ping '13'\n= ping '14'\n= ping '15'\n"
        "= ping '16'\n= ping '17' -> full\n"
        "< ping 'still'\n! ping 'still'\n");
}

TEST(fault_23_only_the_newest_pong_has_a_round_trip)
{
    play(
        "< pong 'unasked'\n"
        "! pong 'unasked'\n"
        "= ping 'a'\n> ping 'a'\n"
        "= ping 'b'\n> ping 'b'\n"
        "@ 1s\n"
        "< pong 'a'\n"
        "! pong 'a'\n"
        "< pong 'wrong'\n"
        "! pong 'wrong'\n"
        "< pong 'b'\n"
        "! pong 'b' 1s\n"
        "< pong 'b'\n"
        "! pong 'b'\n");
}

TEST(fault_23_pong_of_another_connection_answers_nothing)
{
    play(
        "@ 15s\n"
        "> ping *\n"
        "< pong 'another!\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'\n"
        "! pong 'another!\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'\n");
}

/* 40 pings while nothing is taken: 15 answers, and the newest. */
TEST(fault_23_ping_flood_keeps_the_newest_answer)
{
    char script[4096] = "= stall\n";
    for (int i = 1; i <= 40; i++) {
        char line[64];
        snprintf(line, sizeof(line), "< ping '%d'\n! ping '%d'\n", i, i);
        strcat(script, line);
    }
    strcat(script, "= flow\n");
    for (int i = 1; i <= 15; i++) {
        char line[64];
        snprintf(line, sizeof(line), "> pong '%d'\n", i);
        strcat(script, line);
    }
    strcat(script, "> pong '40'\n");
    play(script);
}

TEST(fault_23_begun_pong_is_never_replaced)
{
    char script[4096] =
        "= stall\n< ping 'a'\n! ping 'a'\n= take 2\n"
        "= ping 'ours'\n";
    for (int i = 1; i <= 40; i++) {
        char line[64];
        snprintf(line, sizeof(line), "< ping '%d'\n! ping '%d'\n", i, i);
        strcat(script, line);
    }
    strcat(script, "= flow\n> pong 'a'\n> ping 'ours'\n");
    for (int i = 1; i <= 14; i++) {
        char line[64];
        snprintf(line, sizeof(line), "> pong '%d'\n", i);
        strcat(script, line);
    }
    strcat(script, "> pong '40'\n");
    play(script);
}

/* A day with a message every 40 s and a peer that answers: pings in every gap,
 * no more, and never a wake-up without a reason but one for each message. */
TEST(day_of_keepalive_passes_in_virtual_time)
{
    static const char answer[] =
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: "
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    struct hws_proto_options options;
    struct hws_event event;
    char bytes[sizeof(answer)];
    uint8_t message[] = {0x82, 1, 'm'}, pong[] = {0x8a, 0};
    unsigned pings = 0, messages = 0, ticks = 0;
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    memcpy(bytes, answer, sizeof(answer));
    hws_proto_wrote(p, hws_proto_output(p).size, 0);
    hws_proto_feed(p, (uint8_t *)bytes, sizeof(answer) - 1, 0);
    while (hws_proto_next(p, &event))
        assert_int_equal(event.kind, HWS_UP);

    hws_time day = HWS_S(86400), message_at = HWS_S(40), pong_at = HWS_NEVER;
    for (hws_time now = 0; now < day;) {
        hws_time deadline = hws_proto_deadline(p);
        now = deadline < message_at ? deadline : message_at;
        now = pong_at < now ? pong_at : now;
        if (now == deadline) {
            hws_proto_tick(p, now);
            ticks++;
        }
        if (now == message_at || now == pong_at) {
            bool is_pong = now == pong_at;
            hws_proto_feed(p, is_pong ? pong : message, is_pong ? 2 : 3, now);
            messages += !is_pong;
            *(is_pong ? &pong_at : &message_at) =
                is_pong ? HWS_NEVER : now + HWS_S(40);
        }
        while (hws_proto_next(p, &event))
            assert_int_not_equal(event.kind, HWS_DOWN);
        size_t size = hws_proto_output(p).size;
        if (size) {
            pings++;
            pong_at = now + HWS_MS(100);
            hws_proto_wrote(p, size, now);
        }
    }
    assert_int_equal(messages, 86400 / 40);
    assert_int_equal(pings, 2 * messages);
    assert_int_equal(ticks, pings);
    assert_true(hws_proto_is_up(p));
    hws_proto_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(idle_peer_is_asked_and_its_answer_is_life),
        RUN(any_byte_is_life),
        RUN(silent_peer_is_given_up),
        RUN(nobody_is_silent_while_nobody_reads),
        RUN(delay_starts_again_when_reading_resumes),
        RUN(probe_asks_at_once),
        RUN(keepalive_can_be_switched_off),
        RUN(pings_are_answered_with_their_payload),
        RUN(users_pings_are_bounded_and_timed),
        RUN(fault_23_only_the_newest_pong_has_a_round_trip),
        RUN(fault_23_pong_of_another_connection_answers_nothing),
        RUN(fault_23_ping_flood_keeps_the_newest_answer),
        RUN(fault_23_begun_pong_is_never_replaced),
        RUN(day_of_keepalive_passes_in_virtual_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
