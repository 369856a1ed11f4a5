/*
 * What waits to be sent: order on the wire, limits, policies when full, and
 * what the caller is told.
 */
#include "script.h"
#include "words.h"

static void play_full(enum hws_full when_full, const char *text)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        script_options(&options, (enum hws_role)role);
        options.limits.when_full = when_full;
        /* Three frames of ten bytes, masks aside. */
        options.limits.send_queue_max = role == HWS_CLIENT ? 3 * 16 : 3 * 12;
        /* A mark at the limit is never passed: no words about water. */
        options.limits.send_queue_high = options.limits.send_queue_max;
        play_with(&options, text);
    }
}

TEST(messages_leave_in_order_and_masked_for_the_server_only)
{
    play(
        "= send text 'a'\n> text 'a'\n"
        "= send binary 'b'*126\n> binary 'b'*126\n"
        "= send binary 'c'*65535\n> binary 'c'*65535\n"
        "= send text 'd'*65536\n> text 'd'*65536\n"
        "= send text ''\n> text ''\n");
}

TEST(every_frame_of_a_client_has_a_key_of_its_own)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    struct hws_event event;
    char answer[] =
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: "
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    hws_proto_wrote(p, hws_proto_output(p).size, 0);
    hws_proto_feed(p, (uint8_t *)answer, sizeof(answer) - 1, 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(
        hws_proto_send(p, HWS_TEXT, hws_span_text("\1\2\3\4\5"), true, 0), 0);
    /* The sample source gives "the " to every draw of four bytes. */
    assert_span(hws_proto_output(p),
                "\x81\x85the "
                "\x75\x6a\x66\x24\x71");
    hws_proto_free(p);
}

TEST(parts_make_one_message)
{
    play(
        "= part text 'he'\n> text... 'he'\n"
        "= send text 'x' -> state\n"
        "= ping 'p'\n> ping 'p'\n"
        "= part more 'l'\n> more... 'l'\n"
        "= send more 'lo'\n> more 'lo'\n"
        "= send more 'x' -> state\n"
        "= part binary ''\n> binary... ''\n"
        "= send more ''\n> more ''\n");
}

TEST(text_is_checked_before_it_is_queued)
{
    play(
        "= send text '\\xff' -> utf8\n"
        "= send text 'a\\xc3' -> utf8\n"
        "= send binary '\\xff'\n> binary '\\xff'\n"
        "= part text 'a\\xc3'\n> text... 'a\\xc3'\n"
        "= part more 'x' -> utf8\n"
        "= send more '' -> utf8\n"
        "= part more '\\xb6'\n> more... '\\xb6'\n"
        "= send more '\\xe2\\x82\\xac'\n> more '\\xe2\\x82\\xac'\n"
        "= part binary '\\xc3'\n> binary... '\\xc3'\n"
        "= send more '\\xff'\n> more '\\xff'\n");
}

TEST(control_frames_pass_waiting_data_but_not_a_begun_frame)
{
    play(
        "= stall\n"
        "= send text 'one'\n"
        "= send text 'two'\n"
        "= ping 'a'\n"
        "= flow\n"
        "> ping 'a'\n> text 'one'\n> text 'two'\n"
        "= stall\n"
        "= send text 'one'\n"
        "= send text 'two'\n"
        "= take 1\n"
        "= ping 'b'\n"
        "< ping 'c'\n! ping 'c'\n"
        "= flow\n"
        "> text 'one'\n> ping 'b'\n> pong 'c'\n> text 'two'\n");
}

TEST(begun_control_frame_is_finished_before_data)
{
    play(
        "= stall\n"
        "= ping 'a'\n"
        "= take 1\n"
        "= send text 'one'\n"
        "= ping 'b'\n"
        "= flow\n"
        "> ping 'a'\n> ping 'b'\n> text 'one'\n");
}

TEST(full_queue_refuses)
{
    play_full(HWS_FULL_REFUSE,
              "= stall\n"
              "= send text '1'*10\n"
              "= send text '2'*10\n"
              "= send text '3'*10\n"
              "= send text '' -> full\n"
              "= send text 'x'*50 -> too-big\n"
              "= ping 'control is not data'\n"
              "= flow\n"
              "> ping *\n"
              "> text '1111111111'\n"
              "> text '2222222222'\n"
              "> text '3333333333'\n"
              "= send text '4'*10\n"
              "> text '4444444444'\n");
}

TEST(refused_part_leaves_the_text_where_it_was)
{
    play_full(HWS_FULL_REFUSE,
              "= part text 'a\\xe2'\n"
              "> text... 'a\\xe2'\n"
              "= stall\n"
              "= part more '\\x82\\xac' 'x'*8\n"
              "= part more '\\xe2' 'x'*30 -> utf8\n"
              "= part more 'x'*29 '\\xe2' -> full\n"
              "= flow\n"
              "> more... '\\x82\\xacxxxxxxxx'\n"
              "= send more 'b'\n"
              "> more 'b'\n");
}

TEST(full_queue_drops_its_oldest)
{
    play_full(HWS_FULL_DROP_OLDEST,
              "= stall\n"
              "= send text '1'*10\n"
              "= send text '2'*10\n"
              "= send text '3'*10\n"
              "= send text '4'*10\n"
              "= send text 'x'*50 -> too-big\n"
              "= take 1\n"
              "= send text '5'*10\n"
              "= flow\n"
              "> text '2222222222'\n"
              "> text '4444444444'\n"
              "> text '5555555555'\n"
              "= lost eof\n"
              "! down eof frame by network sent 0 got "
              "1006 unsent 2: *\n");
}

TEST(begun_fragments_are_never_dropped)
{
    play_full(HWS_FULL_DROP_OLDEST,
              "= part text '1'*10\n"
              "> text... '1111111111'\n"
              "= stall\n"
              "= part more '2'*10\n"
              "= send more '3'*10\n"
              "= send text '4'*10\n"
              "= send text '5'*10\n"
              "= part text '6'*10 \n"
              "= part more '7'*10 -> full\n"
              "= flow\n"
              "> more... '2222222222'\n"
              "> more '3333333333'\n"
              "> text... '6666666666'\n");
}

TEST(full_queue_drops_its_newest)
{
    play_full(HWS_FULL_DROP_NEWEST,
              "= stall\n"
              "= send text '1'*10\n"
              "= send text '2'*10\n"
              "= send text '3'*10\n"
              "= send text '4'*10\n"
              "= part text '5'*10\n"
              "= flow\n"
              "> text '1111111111'\n"
              "> text '2222222222'\n"
              "> text '3333333333'\n"
              "= send more 'rest of 5'\n"
              "= send text '6'*10\n"
              "> text '6666666666'\n"
              "= part text '7'\n"
              "> text... '7'\n"
              "= send more '8'\n"
              "> more '8'\n"
              "= lost eof\n"
              "! down eof frame by network sent 0 got "
              "1006 unsent 2: *\n");
}

TEST(full_queue_closes)
{
    play_full(HWS_FULL_CLOSE,
              "= stall\n"
              "= send text '1'*10\n"
              "= send text '2'*10\n"
              "= take 1\n"
              "= send text '3'*10\n"
              "= send text '4'*10 -> full\n"
              "! closing local 1008\n"
              "= flow\n"
              "> text '1111111111'\n"
              "> close 1008 *\n"
              "@ 2s\n"
              "! down full local by local sent 1008 got 1006 "
              "unsent 2: send queue is full: *\n");
}

TEST(water_marks_are_told_once)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        script_options(&options, (enum hws_role)role);
        options.limits.send_queue_high = 40;
        options.limits.send_queue_low = 20;
        play_with(&options,
                  "= stall\n"
                  "= send text '1'*10\n"
                  "= send text '2'*30\n"
                  "! high-water\n"
                  "= send text '3'*30\n"
                  "= take 30\n"
                  "> text '1111111111'\n"
                  "= flow\n"
                  "! low-water\n"
                  "> text '2'*30\n"
                  "> text '3'*30\n");
    }
}

TEST(marks_come_down_to_a_queue_that_is_smaller)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.send_queue_max = 64;
    play_with(&options,
              "= stall\n"
              "= send text '1'*30\n"
              "! high-water\n"
              "= flow\n"
              "> text '1'*30\n"
              "! low-water\n");
}

TEST(low_mark_of_zero_is_told_when_nothing_waits)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.send_queue_high = 20;
    options.limits.send_queue_low = 0;
    play_with(&options,
              "= stall\n"
              "= send text '1'*30\n"
              "! high-water\n"
              "= flow\n"
              "> text '1'*30\n"
              "! low-water\n");
}

/* More questions than pings may wait leave room for the peer's. */
TEST(many_probes_do_not_keep_a_pong_from_its_place)
{
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t bytes[] = {0x89, 0x80, 0, 0, 0, 0};
    uint8_t head[1024];
    struct paper request = {0};
    script_options(&options, HWS_SERVER);
    struct hws_proto *p = hws_proto_new(&options, 0, NULL);
    words_bytes("http " SCRIPT_REQUEST "|", true, NULL, &request);
    memcpy(head, request.bytes, request.size);
    hws_proto_feed(p, head, request.size, 0);
    paper_free(&request);
    while (hws_proto_next(p, &event))
        continue;
    hws_proto_wrote(p, hws_proto_output(p).size, 0);
    for (int i = 0; i < 1000; i++)
        hws_proto_probe(p, 0);
    size_t queued = hws_proto_queued(p);
    assert_in_range(queued, 16 * 18, 17 * 18);
    hws_proto_feed(p, bytes, sizeof(bytes), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(event.kind, HWS_PING);
    assert_int_equal(hws_proto_queued(p), queued + 2);
    assert_false(hws_proto_next(p, &event));
    assert_true(hws_proto_is_up(p));
    hws_proto_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(messages_leave_in_order_and_masked_for_the_server_only),
        RUN(every_frame_of_a_client_has_a_key_of_its_own),
        RUN(parts_make_one_message),
        RUN(text_is_checked_before_it_is_queued),
        RUN(control_frames_pass_waiting_data_but_not_a_begun_frame),
        RUN(begun_control_frame_is_finished_before_data),
        RUN(full_queue_refuses),
        RUN(refused_part_leaves_the_text_where_it_was),
        RUN(full_queue_drops_its_oldest),
        RUN(begun_fragments_are_never_dropped),
        RUN(full_queue_drops_its_newest),
        RUN(full_queue_closes),
        RUN(water_marks_are_told_once),
        RUN(marks_come_down_to_a_queue_that_is_smaller),
        RUN(low_mark_of_zero_is_told_when_nothing_waits),
        RUN(many_probes_do_not_keep_a_pong_from_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
