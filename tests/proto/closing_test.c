/*
 * How connections end: the closing handshake from either side, close codes,
 * losses without it, and what is said about each.
 */
#include "script.h"

#include <stdlib.h>

TEST(close_of_the_caller_is_answered_and_clean)
{
    play(
        "= close 1000 'bye'\n"
        "! closing local 1000\n"
        "> close 1000 'bye'\n"
        "= send text 'late' -> state\n"
        "= ping 'late' -> state\n"
        "= close 1001\n"
        "< close 1000 'bye too'\n"
        "= lost eof\n"
        "! down closed close by local sent 1000 got 1000 'bye too' clean: "
        "closed by this side, peer's code 1000: bye too\n");
}

TEST(close_of_the_peer_is_answered_with_its_code)
{
    play(
        "< close 1001 'restart'\n"
        "! closing peer 1001 'restart'\n"
        "> close 1001\n"
        "= lost eof\n"
        "! down closed close by peer sent 1001 got 1001 'restart' clean: "
        "closed by the peer, peer's code 1001: restart\n");
}

TEST(close_without_a_code_is_1005)
{
    play(
        "< close\n"
        "! closing peer 1005\n"
        "> close\n"
        "= lost eof\n"
        "! down closed close by peer sent 1005 got 1005 clean: *\n");
    play(
        "= close\n"
        "! closing local 1005\n"
        "> close\n"
        "< close\n"
        "= lost eof\n"
        "! down closed close by local sent 1005 got 1005 clean: *\n");
}

TEST(fault_21_codes_that_must_not_come)
{
    static const unsigned codes[] = {0,    1,    999,  1004, 1005, 1006, 1015,
                                     1016, 1100, 2000, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char script[512];
        snprintf(script, sizeof(script),
                 "< close %u 'x'\n"
                 "> close 1002 *\n"
                 "! closing local 1002\n"
                 "= lost eof\n"
                 "! down protocol frame by local sent 1002 got 1006: close "
                 "frame with code %u, which must not be sent\n",
                 codes[i], codes[i]);
        play(script);
    }
}

TEST(fault_21_codes_that_may_come)
{
    static const unsigned codes[] = {1000, 1001, 1002, 1003, 1007, 1008,
                                     1009, 1010, 1011, 1012, 1013, 1014,
                                     3000, 3999, 4000, 4999};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        char script[512];
        snprintf(script, sizeof(script),
                 "< close %u\n"
                 "! closing peer %u\n"
                 "> close %u\n"
                 "= lost eof\n"
                 "! down closed close by peer sent %u got %u clean: *\n",
                 codes[i], codes[i], codes[i], codes[i], codes[i]);
        play(script);
    }
}

TEST(fault_21_broken_close_frames)
{
    play(
        "< frame 88 'x'\n"
        "> close 1002 *\n"
        "! closing local 1002\n"
        "= lost eof\n"
        "! down protocol frame by local sent 1002 got 1006: close frame with "
        "half a code\n");
    play(
        "< close 1000 '\\xc3('\n"
        "> close 1007 *\n"
        "! closing local 1007\n"
        "= lost eof\n"
        "! down utf8 frame by local sent 1007 got 1006: close frame with a "
        "reason that is not UTF-8\n");
}

TEST(caller_may_not_send_every_code)
{
    play(
        "= close 1005 -> argument\n"
        "= close 1006 -> argument\n"
        "= close 999 -> argument\n"
        "= close 1004 -> argument\n"
        "= close 5000 -> argument\n"
        "= close 0 'why' -> argument\n"
        "= close 1000 'x'*124 -> argument\n"
        "= close 1000 '\\xff' -> argument\n"
        "= send text 'still up'\n"
        "> text 'still up'\n"
        "= close 4999 'x'*123\n"
        "! closing local 4999\n"
        "> close 4999 'x'*123\n");
}

TEST(fault_22_data_after_close_is_ignored)
{
    play(
        "< close 1000\n"
        "! closing peer 1000\n"
        "> close 1000\n"
        "< text 'late'\n"
        "< ping 'late'\n"
        "< frame 83 'broken'\n"
        "= lost eof\n"
        "! down closed close by peer sent 1000 got 1000 clean: *\n");
}

TEST(fault_22_no_close_reply_ends_at_the_deadline)
{
    play(
        "= close 1000\n"
        "! closing local 1000\n"
        "> close 1000\n"
        "@ 1.9s\n"
        "@ 0.2s\n"
        "! down timeout close by local sent 1000 got 1006: no close frame "
        "from the peer within 2.0 s\n"
        "@ 100s\n");
}

TEST(fault_22_both_sides_close_at_once)
{
    play(
        "= stall\n"
        "= close 1000 'ours'\n"
        "! closing local 1000\n"
        "< close 1001 'theirs'\n"
        "= flow\n"
        "> close 1000 'ours'\n"
        "= lost eof\n"
        "! down closed close by local sent 1000 got 1001 'theirs' clean: *\n");
}

TEST(messages_that_come_before_the_peers_close_are_delivered)
{
    play(
        "= close 1000\n"
        "! closing local 1000\n"
        "> close 1000\n"
        "< text 'still'\n"
        "! text 'still'\n"
        "< ping 'there'\n"
        "! ping 'there'\n"
        "> pong 'there'\n"
        "< close 1000\n"
        "< text 'no more'\n"
        "= lost eof\n"
        "! down closed *\n");
}

TEST(data_queued_before_a_close_leaves_first)
{
    play(
        "= stall\n"
        "= send text 'one'\n"
        "= send text 'two'\n"
        "= close 1000\n"
        "! closing local 1000\n"
        "= flow\n"
        "> text 'one'\n"
        "> text 'two'\n"
        "> close 1000\n");
}

TEST(failure_drops_queued_data_but_for_the_begun_frame)
{
    play(
        "= stall\n"
        "= send text 'begun'\n"
        "= send text 'waits'\n"
        "= take 3\n"
        "< frame 83 ''\n"
        "! closing local 1002\n"
        "= flow\n"
        "> text 'begun'\n"
        "> close 1002 *\n"
        "= lost eof\n"
        "! down protocol frame by local sent 1002 got 1006 unsent 1: *\n");
}

TEST(fault_31_end_without_a_close_frame_is_1006)
{
    play(
        "< text 'last'\n"
        "! text 'last'\n"
        "= lost eof\n"
        "! down eof frame by network sent 0 got 1006: connection ended "
        "without a close frame\n"
        "= send text 'x' -> state\n"
        "= lost eof\n");
    play(
        "= lost reset\n"
        "! down reset tcp by network sent 0 got 1006: connection reset by "
        "peer\n");
}

TEST(fault_31_truncated_tls_is_told)
{
    play(
        "= lost eof truncated\n"
        "! down eof frame by network sent 0 got 1006 truncated: *\n");
    play(
        "< close 1000\n"
        "! closing peer 1000\n"
        "> close 1000\n"
        "= lost eof truncated\n"
        "! down closed close by peer sent 1000 got 1000 clean truncated: *\n");
}

TEST(reset_after_a_finished_close_is_no_fault)
{
    play(
        "= close 1000\n! closing local 1000\n> close 1000\n"
        "< close 1000\n"
        "= lost reset\n"
        "! down closed close by local sent 1000 got 1000 clean: *\n");
}

TEST(loss_while_closing_keeps_its_cause)
{
    play(
        "= close 1000\n! closing local 1000\n> close 1000\n"
        "= lost reset\n"
        "! down reset tcp by local sent 1000 got 1006: connection reset by "
        "peer\n");
}

TEST(close_reply_that_never_left_is_not_clean)
{
    play(
        "= stall\n"
        "< close 1000\n"
        "! closing peer 1000\n"
        "= lost eof\n"
        "! down closed close by peer sent 0 got 1000: *\n");
}

TEST(messages_that_did_not_leave_are_counted)
{
    play(
        "= send text 'gone'\n"
        "> text 'gone'\n"
        "= stall\n"
        "= send text 'one'\n"
        "= send binary 'two'\n"
        "= part text 'three'\n"
        "= take 3\n"
        "= lost reset\n"
        "! down reset tcp by network sent 0 got 1006 unsent 3: *\n");
}

TEST(close_deadline_counts_from_the_call)
{
    play(
        "= stall\n"
        "= close 1000\n"
        "! closing local 1000\n"
        "@ 1.5s\n"
        "= flow\n"
        "> close 1000\n"
        "@ 0.6s\n"
        "! down timeout close by local sent 1000 got 1006: *\n");
}

TEST(failure_ends_at_the_close_deadline)
{
    play(
        "< frame 83 ''\n"
        "! closing local 1002\n"
        "> close 1002 *\n"
        "= shut\n"
        "@ 2s\n"
        "! down protocol frame by local sent 1002 got 1006: *\n");
}

TEST(server_shuts_first_and_client_waits)
{
    struct hws_proto_options options;
    script_options(&options, HWS_SERVER);
    play_with(&options,
              "< close 1000\n"
              "! closing peer 1000\n"
              "> close 1000\n"
              "= shut\n"
              "@ 2s\n"
              "! down closed close by peer sent 1000 got 1000 "
              "clean: *\n");
    script_options(&options, HWS_CLIENT);
    play_with(&options,
              "< close 1000\n"
              "! closing peer 1000\n"
              "> close 1000\n"
              "= shut -> state\n"
              "@ 2s\n"
              "! down closed close by peer sent 1000 got 1000 "
              "clean: *\n");
}

TEST(failure_after_our_close_keeps_the_code_that_was_sent)
{
    play(
        "= close 1000\n! closing local 1000\n> close 1000\n"
        "< frame 83 ''\n"
        "= lost eof\n"
        "! down protocol frame by local sent 1000 got 1006: *\n");
}

TEST(caller_can_fail_a_connection)
{
    play(
        "= stall\n"
        "= send text 'x'\n"
        "= fail\n"
        "! down cancelled local by local sent 0 got 1006 unsent 1: given up\n"
        "= flow\n"
        "< text 'late'\n");
}

/* Bytes that came before the loss are an earlier cause than the loss. */
TEST(bytes_before_a_loss_are_read_first)
{
    static const char answer[] =
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: "
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        "\x81\x01x\x88\x02\x03\xe9";
    struct hws_proto_options options;
    struct hws_event event;
    struct hws_fault fault = {.status = HWS_E_RESET};
    char bytes[sizeof(answer)];
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    memcpy(bytes, answer, sizeof(answer));
    hws_proto_feed(p, (uint8_t *)bytes, sizeof(answer) - 1, 0);
    hws_proto_lost(p, &fault, false, 0);
    static const enum hws_event_kind kinds[] = {HWS_UP, HWS_MESSAGE,
                                                HWS_CLOSING, HWS_DOWN};
    for (size_t i = 0; i < 4; i++) {
        assert_true(hws_proto_next(p, &event));
        assert_int_equal(event.kind, kinds[i]);
    }
    assert_int_equal(event.down.fault->status, HWS_E_CLOSED);
    assert_int_equal(event.down.received_code, 1001);
    assert_int_equal(event.down.by, HWS_PARTY_PEER);
    assert_false(event.down.clean);
    assert_false(hws_proto_next(p, &event));
    hws_proto_free(p);
}

TEST(failure_of_the_caller_does_not_hide_the_loss_before_it)
{
    struct hws_proto_options options;
    struct hws_event event;
    struct hws_fault reset = {.status = HWS_E_RESET, .text = "cut"};
    struct hws_fault given_up = {.status = HWS_E_CANCELLED, .text = "enough"};
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    hws_proto_lost(p, &reset, false, 0);
    hws_proto_fail(p, &given_up, 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(event.kind, HWS_DOWN);
    assert_int_equal(event.down.fault->status, HWS_E_RESET);
    assert_int_equal(event.down.by, HWS_PARTY_NETWORK);
    hws_proto_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(close_of_the_caller_is_answered_and_clean),
        RUN(close_of_the_peer_is_answered_with_its_code),
        RUN(close_without_a_code_is_1005),
        RUN(fault_21_codes_that_must_not_come),
        RUN(fault_21_codes_that_may_come),
        RUN(fault_21_broken_close_frames),
        RUN(caller_may_not_send_every_code),
        RUN(fault_22_data_after_close_is_ignored),
        RUN(fault_22_no_close_reply_ends_at_the_deadline),
        RUN(fault_22_both_sides_close_at_once),
        RUN(messages_that_come_before_the_peers_close_are_delivered),
        RUN(data_queued_before_a_close_leaves_first),
        RUN(failure_drops_queued_data_but_for_the_begun_frame),
        RUN(fault_31_end_without_a_close_frame_is_1006),
        RUN(fault_31_truncated_tls_is_told),
        RUN(reset_after_a_finished_close_is_no_fault),
        RUN(loss_while_closing_keeps_its_cause),
        RUN(close_reply_that_never_left_is_not_clean),
        RUN(messages_that_did_not_leave_are_counted),
        RUN(close_deadline_counts_from_the_call),
        RUN(failure_ends_at_the_close_deadline),
        RUN(server_shuts_first_and_client_waits),
        RUN(failure_after_our_close_keeps_the_code_that_was_sent),
        RUN(caller_can_fail_a_connection),
        RUN(bytes_before_a_loss_are_read_first),
        RUN(failure_of_the_caller_does_not_hide_the_loss_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
