/*
 * Compressed messages that come (RFC 7692 section 6 and 7.2.2), made by a zlib
 * of the peer's own: what is accepted, and the name of every fault.
 */
#include "script.h"
#include "zpeer.h"

#include <stdlib.h>

#define FAILS(code, status, text) \
    "> close " code               \
    " *\n"                        \
    "! closing local " code       \
    "\n"                          \
    "< text 'ignored'\n"          \
    "= lost eof\n"                \
    "! down " status " frame by local sent " code " got 1006: " text "\n"
#define BROKEN(text) \
    FAILS("1007", "compression", "compressed message cannot be inflated " text)

static void play_sized(size_t size_max, size_t chunk_size, const char *text)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        script_options(&options, (enum hws_role)role);
        options.limits.chunk_size = chunk_size;
        if (size_max)
            options.limits.message_size_max = size_max;
        play_deflated(&options, "permessage-deflate", text);
    }
}

/* In both roles, assembled. */
static void play_whole(size_t size_max, const char *text)
{
    play_sized(size_max, 0, text);
}

/* Whole, and in chunks that divide what is sent, and that do not. Only the
 * chunks of one frame are told as one message. */
static void play_frames(const char *text)
{
    play_sized(0, 0, text);
    play_sized(0, 5, text);
    play_sized(0, 7, text);
    play_sized(0, 1000, text);
}

TEST(compressed_message_comes_as_it_was_sent)
{
    play_frames(
        "< deflated text 'hello'\n! text 'hello'\n"
        "< deflated binary '\\x00\\xff'\n! binary '\\x00\\xff'\n"
        "< deflated text ''\n! text ''\n"
        "< deflated binary 'one two three, one two three, one two three'\n"
        "! binary 'one two three, one two three, one two three'\n"
        "< deflated text '\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80'\n"
        "! text '\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80'\n");
}

TEST(later_messages_refer_to_earlier_ones)
{
    play_frames(
        "< deflated text 'one and the same'\n! text 'one and the same'\n"
        "< text 'between'\n! text 'between'\n"
        "< deflated text 'one and the same'\n! text 'one and the same'\n"
        "= trim\n"
        "< deflated text 'one and the same'\n! text 'one and the same'\n");
}

TEST(samples_of_the_rfc_are_understood)
{
    play_whole(
        0,
        /* Section 7.2.3.1, whole and fragmented. */
        "< frame c1 '\\xf2\\x48\\xcd\\xc9\\xc9\\x07\\x00'\n! text 'Hello'\n"
        "< frame 41 '\\xf2\\x48\\xcd'\n< frame 80 '\\xc9\\xc9\\x07\\x00'\n"
        "! text 'Hello'\n"
        /* 7.2.3.2: with the window of the first. */
        "< frame c1 '\\xf2\\x00\\x11\\x00\\x00'\n! text 'Hello'\n"
        /* 7.2.3.3: a block without compression. */
        "< frame c1 '\\x00\\x05\\x00\\xfa\\xff\\x48\\x65\\x6c\\x6c\\x6f\\x00'\n"
        "! text 'Hello'\n"
        /* 7.2.3.4: a final block, and the byte that follows it. */
        "< frame c1 '\\xf3\\x48\\xcd\\xc9\\xc9\\x07\\x00\\x00'\n"
        "! text 'Hello'\n"
        /* 7.2.3.5: two blocks. */
        "< frame c1 '\\xf2\\x48\\x05\\x00\\x00\\x00\\xff\\xff\\xca\\xc9\\xc9"
        "\\x07\\x00'\n"
        "! text 'Hello'\n"
        /* 7.2.3.6: an empty message. */
        "< frame c1 '\\x00'\n! text ''\n"
        "< frame c2 '\\x00'\n! binary ''\n");
}

TEST(fault_14_rsv1_stands_on_first_frames_only)
{
    play_whole(0, "< frame 41 '\\xf2\\x48\\xcd'\n< frame c0 '\\xc9'\n" FAILS(
                      "1002", "protocol",
                      "frame with reserved bit RSV1 on a continuation *"));
    play_whole(0, "< frame c9 'x'\n" FAILS(
                      "1002", "protocol",
                      "frame with reserved bit RSV1 on a control *"));
    play_whole(0, "< frame c8 ''\n" FAILS(
                      "1002", "protocol",
                      "frame with reserved bit RSV1 on a control *"));
    play_whole(
        0, "< frame e1 'x'\n" FAILS(
               "1002", "protocol", "frame with reserved bit RSV2 at byte 0 *"));
    play_whole(
        0, "< frame d1 'x'\n" FAILS(
               "1002", "protocol", "frame with reserved bit RSV3 at byte 0 *"));
    play("< frame c1 '\\xf2\\x48\\xcd\\xc9\\xc9\\x07\\x00'\n" FAILS(
        "1002", "protocol", "frame with reserved bit RSV1 at byte 0 *"));
}

TEST(fault_19_control_frames_inside_a_compressed_message)
{
    play_whole(0,
               "< deflated text... 'abc'\n"
               "< ping 'p'\n! ping 'p'\n> pong 'p'\n"
               "< pong 'q'\n! pong 'q'\n"
               "< deflated more... 'def'\n"
               "< ping ''\n! ping ''\n> pong ''\n"
               "< deflated more 'ghi'\n"
               "! text 'abcdefghi'\n");
    play_whole(
        0,
        "< deflated text... 'abc'\n"
        "< close 1000 'enough'\n"
        "> close 1000\n"
        "! closing peer 1000 'enough'\n"
        "= lost eof\n"
        "! down closed close by peer sent 1000 got 1000 'enough' clean: *\n");
}

TEST(fault_25_bomb_goes_off_at_the_limit)
{
    play_whole(20000,
               "< deflated binary 'a'*20000\n! binary 'a'*20000\n"
               "< deflated binary 'a'*20001\n" FAILS(
                   "1009", "too-big",
                   "compressed message inflates above the limit of 20000 "
                   "bytes"));
    /* 1000:1, in pieces. */
    play_whole(1000,
               "< deflated text... 'a'*1000\n"
               "< deflated more... 'a'*50000\n" FAILS(
                   "1009", "too-big",
                   "compressed message inflates above the limit of 1000 *"));
}

TEST(fault_25_nested_bomb_is_inflated_once)
{
    /* A compressed message whose content is a compressed message. */
    play_whole(0,
               "< deflated binary '\\xf2\\x48\\xcd\\xc9\\xc9\\x07\\x00'\n"
               "! binary '\\xf2H\\xcd\\xc9\\xc9\\x07\\x00'\n");
}

TEST(fault_26_truncated_block)
{
    play_whole(0, "< frame c1 '\\xf2\\x48\\xcd'\n" BROKEN(
                      "behind its byte 2: it ends inside a block"));
    play_whole(0, "< frame c1 '\\x00\\x05\\x00\\xfa\\xff\\x48\\x65'\n" BROKEN(
                      "behind its byte 2: it ends inside a block"));
}

TEST(fault_26_final_block_mid_stream)
{
    play_frames(
        /* More blocks follow the final one, and see its window. */
        "< frame c1 '\\xf3\\x48\\xcd\\xc9\\xc9\\x07\\x00\\xf2\\x00\\x11\\x00"
        "\\x00'\n"
        "! text 'HelloHello'\n"
        /* A final block ends the message without a byte behind it. */
        "< frame c1 '\\xf3\\x48\\xcd\\xc9\\xc9\\x07\\x00'\n! text 'Hello'\n"
        "< frame c1 '\\xf2\\x00\\x11\\x00\\x00'\n! text 'Hello'\n"
        "= trim\n"
        "< frame c1 '\\xf2\\x00\\x11\\x00\\x00'\n! text 'Hello'\n");
}

TEST(fault_26_trailing_garbage)
{
    play_whole(0,
               "< frame c1 '\\xf2\\x48\\xcd\\xc9\\xc9\\x07\\x00\\x00\\x00\\xff"
               "\\xff\\xff'\n" BROKEN("behind its byte 5: invalid block type"));
    play_whole(0,
               "< frame c1 '\\xf3\\x48\\xcd\\xc9\\xc9\\x07\\x00\\x00\\x01"
               "\\x02\\x03\\x04'\n" BROKEN(
                   "behind its byte 5: invalid stored block lengths"));
}

TEST(fault_26_empty_compressed_message)
{
    play_whole(0,
               "< frame c1 ''\n! text ''\n"
               "< frame 42 ''\n< frame 00 ''\n< frame 80 ''\n! binary ''\n"
               "< deflated text ''\n! text ''\n"
               "< deflated text 'and on'\n! text 'and on'\n"
               "< frame c1 ''\n! text ''\n"
               "< deflated text 'and on'\n! text 'and on'\n");
}

TEST(fault_26_reference_beyond_the_window_after_no_context_takeover)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        script_options(&options, (enum hws_role)role);
        play_deflated(&options,
                      role == HWS_CLIENT
                          ? "permessage-deflate; server_no_context_takeover"
                          : "permessage-deflate; client_no_context_takeover",
                      "< deflated text 'Hello'\n! text 'Hello'\n"
                      "< afresh text 'Hello'\n! text 'Hello'\n"
                      "< frame c1 '\\xf2\\x00\\x11\\x00\\x00'\n" BROKEN(
                          "behind its byte 1: invalid distance too far back"));
    }
}

TEST(fault_27_reference_to_a_message_that_was_skipped)
{
    play_whole(0, "< frame c1 '\\xf2\\x00\\x11\\x00\\x00'\n" BROKEN(
                      "behind its byte 1: invalid distance too far back"));
}

TEST(fault_28_inflated_size_counts_and_compressed_size_does_not)
{
    play_whole(64,
               "< deflated text 'a'*64\n! text 'a'*64\n"
               "< deflated text 'a'*65\n" FAILS(
                   "1009", "too-big",
                   "compressed message inflates above the limit of 64 bytes"));
    /* Blocks that give nothing make a message longer than what it says, but
     * not without end. */
    play_whole(1,
               "< frame c1 '\\x00\\x00\\x00\\xff\\xff'*100 '\\x00'\n"
               "! text ''\n"
               "< frame c1 '\\x00\\x00\\x00\\xff\\xff'*300 '\\x00'\n" FAILS(
                   "1009", "too-big",
                   "compressed message above the limit of 1025 bytes"));
}

TEST(text_is_checked_as_it_is_inflated)
{
    play_whole(0, "< deflated text 'a'*100 '\\xc3'\n" FAILS(
                      "1007", "utf8",
                      "text message ends in a character at its byte 101"));
    play_whole(0,
               "< deflated text... 'abc\\xff'\n" FAILS(
                   "1007", "utf8", "text message is not UTF-8 at its byte 3"));
    play_whole(0,
               "< deflated text... 'ab\\xe2'\n"
               "< deflated more... '\\x82'\n"
               "< deflated more '\\xac'\n"
               "! text 'ab\\xe2\\x82\\xac'\n"
               "< deflated binary '\\xff'\n! binary '\\xff'\n");
}

static size_t chunk_total, chunk_largest, chunk_events, chunk_lasts;

static void drain(struct hws_proto *p)
{
    struct hws_event event;
    while (hws_proto_next(p, &event)) {
        if (event.kind != HWS_MESSAGE)
            continue;
        size_t size = event.message.data.size;
        chunk_total += size;
        chunk_events++;
        chunk_lasts += event.message.last;
        chunk_largest = size > chunk_largest ? size : chunk_largest;
    }
}

static struct hws_proto *up(struct hws_proto_options *options)
{
    char request[] =
        "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    struct hws_proto *p = hws_proto_new(options, 0, NULL);
    assert_non_null(p);
    hws_proto_feed(p, (uint8_t *)request, sizeof(request) - 1, 0);
    drain(p);
    hws_proto_wrote(p, hws_proto_output(p).size, 0);
    chunk_total = chunk_largest = chunk_events = chunk_lasts = 0;
    return p;
}

/* A masked frame of a server's peer, with a key of zeros; freed by caller. */
static uint8_t *bomb(size_t size, size_t *frame_size)
{
    struct paper plain = {0}, packed = {0};
    struct zpeer *z = zpeer_new();
    for (size_t i = 0; i < size; i += 100)
        paper_add(&plain, (uint8_t[100]){0}, 100);
    zpeer_deflate(z, &plain, true, true, &packed);
    bool small = packed.size < 126;
    uint8_t head[] = {0xc2,
                      (uint8_t)(small ? 0x80 | packed.size : 0xfe),
                      (uint8_t)(packed.size >> 8),
                      (uint8_t)packed.size,
                      0,
                      0,
                      0,
                      0};
    size_t head_size = sizeof(head);
    if (small) {
        memset(head + 2, 0, 6);
        head_size -= 2;
    }
    uint8_t *frame = malloc(head_size + packed.size);
    memcpy(frame, head, head_size);
    memcpy(frame + head_size, packed.bytes, packed.size);
    *frame_size = head_size + packed.size;
    paper_free(&plain);
    paper_free(&packed);
    zpeer_free(z);
    return frame;
}

TEST(stream_needs_memory_for_one_chunk_only)
{
    struct hws_proto_options options;
    size_t size;
    uint8_t *frame = bomb(10000000, &size);
    script_options(&options, HWS_SERVER);
    options.limits.chunk_size = 4096;
    struct hws_proto *p = up(&options);
    assert_int_equal(hws_proto_feed(p, frame, size, 0), 0);
    drain(p);
    assert_int_equal(chunk_total, 10000000);
    assert_int_equal(chunk_largest, 4096);
    assert_int_equal(chunk_events, (10000000 + 4095) / 4096);
    assert_int_equal(chunk_lasts, 1);
    /* zlib's 40 KiB, two chunks at most, and the rest. */
    assert_in_range(hws_proto_memory(p), 32 << 10, 52 << 10);
    hws_proto_free(p);
    free(frame);
}

/* All that is pending can be asked for without a byte in the hand. */
TEST(pending_knows_of_what_is_still_to_inflate)
{
    struct hws_proto_options options;
    struct hws_event event;
    size_t size;
    uint8_t *frame = bomb(200000, &size);
    script_options(&options, HWS_SERVER);
    options.limits.chunk_size = 50;
    struct hws_proto *p = up(&options);
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(hws_proto_feed(p, frame + i, 1, 0), 0);
        while (hws_proto_pending(p)) {
            if (hws_proto_next(p, &event))
                chunk_total += event.message.data.size;
            else
                assert_false(hws_proto_pending(p));
        }
    }
    assert_int_equal(chunk_total, 200000);
    hws_proto_free(p);
    free(frame);
}

TEST(feed_waits_until_all_is_inflated)
{
    struct hws_proto_options options;
    struct hws_event event;
    size_t size;
    uint8_t *frame = bomb(200000, &size);
    script_options(&options, HWS_SERVER);
    options.limits.chunk_size = 1;
    struct hws_proto *p = up(&options);
    assert_int_equal(hws_proto_feed(p, frame, size - 1, 0), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(hws_proto_park(p), 0);
    memset(frame, 0xff, size - 1);
    assert_int_equal(hws_proto_feed(p, frame + size - 1, 1, 0), HWS_E_STATE);
    drain(p);
    assert_int_equal(hws_proto_feed(p, frame + size - 1, 1, 0), 0);
    drain(p);
    assert_int_equal(chunk_total, 199999);
    assert_int_equal(chunk_lasts, 1);
    hws_proto_free(p);
    free(frame);
}

TEST(idle_connection_keeps_the_window_or_nothing)
{
    struct hws_proto_options options;
    size_t size;
    uint8_t *frame = bomb(10000, &size);
    script_options(&options, HWS_SERVER);
    struct hws_proto *p = up(&options);
    hws_proto_trim(p);
    size_t before = hws_proto_memory(p);
    hws_proto_feed(p, frame, size, 0);
    drain(p);
    assert_int_equal(chunk_total, 10000);
    assert_in_range(hws_proto_memory(p) - before, 50000, 60000);
    hws_proto_trim(p);
    assert_in_range(hws_proto_memory(p) - before, 9000, 10000);
    hws_proto_free(p);

    options.deflate.peer_no_context_takeover = true;
    p = up(&options);
    hws_proto_trim(p);
    before = hws_proto_memory(p);
    hws_proto_feed(p, frame, size, 0);
    drain(p);
    hws_proto_trim(p);
    assert_int_equal(hws_proto_memory(p), before);
    hws_proto_free(p);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(compressed_message_comes_as_it_was_sent),
        RUN(later_messages_refer_to_earlier_ones),
        RUN(samples_of_the_rfc_are_understood),
        RUN(fault_14_rsv1_stands_on_first_frames_only),
        RUN(fault_19_control_frames_inside_a_compressed_message),
        RUN(fault_25_bomb_goes_off_at_the_limit),
        RUN(fault_25_nested_bomb_is_inflated_once),
        RUN(fault_26_truncated_block),
        RUN(fault_26_final_block_mid_stream),
        RUN(fault_26_trailing_garbage),
        RUN(fault_26_empty_compressed_message),
        RUN(fault_26_reference_beyond_the_window_after_no_context_takeover),
        RUN(fault_27_reference_to_a_message_that_was_skipped),
        RUN(fault_28_inflated_size_counts_and_compressed_size_does_not),
        RUN(text_is_checked_as_it_is_inflated),
        RUN(stream_needs_memory_for_one_chunk_only),
        RUN(pending_knows_of_what_is_still_to_inflate),
        RUN(feed_waits_until_all_is_inflated),
        RUN(idle_connection_keeps_the_window_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
