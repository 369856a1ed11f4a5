/*
 * Messages: fragments, text that arrives in pieces, limits, chunks, and where
 * the bytes lie.
 */
#include "script.h"

#include <stdlib.h>

#define FAILS(code, status, text) \
    "> close " code               \
    " *\n"                        \
    "! closing local " code       \
    "\n"                          \
    "= lost eof\n"                \
    "! down " status " frame by local sent " code " got 1006: " text "\n"

TEST(fragments_are_joined)
{
    play(
        "< text... 'a'\n< more... ''\n< more... 'b'\n< more 'c'\n"
        "! text 'abc'\n"
        "< binary... ''\n< more... ''\n< more ''\n"
        "! binary ''\n"
        "< text... ''\n< more 'whole'\n"
        "! text 'whole'\n");
}

TEST(fault_24_text_may_be_split_inside_a_character)
{
    play(
        "< text... 'k\\xc3'\n< more... '\\xb6'\n< more 'ln'\n"
        "! text 'k\\xc3\\xb6ln'\n"
        "< text... '\\xf0'\n< more... '\\x9f'\n< more... ''\n"
        "< more... '\\x98'\n< ping ''\n! ping ''\n> pong ''\n"
        "< more '\\x80'\n"
        "! text '\\xf0\\x9f\\x98\\x80'\n");
}

TEST(fault_24_text_that_is_not_utf8_fails_at_its_first_bad_byte)
{
    play("< text 'ab\\xffcd'\n" FAILS(
        "1007", "utf8", "text message is not UTF-8 at its byte 2"));
    play("< text... 'abc'\n< more... '\\xed\\xa0\\x80'\n" FAILS(
        "1007", "utf8", "text message is not UTF-8 at its byte 4"));
    play("< text 'x\\xc0\\x80'\n" FAILS(
        "1007", "utf8", "text message is not UTF-8 at its byte 1"));
    play("< text '\\xf4\\x90\\x80\\x80'\n" FAILS(
        "1007", "utf8", "text message is not UTF-8 at its byte 1"));
}

TEST(text_may_not_end_inside_a_character)
{
    play("< text 'ab\\xc3'\n" FAILS(
        "1007", "utf8", "text message ends in a character at its byte 3"));
    play("< text... 'ab\\xe2\\x82'\n< more ''\n" FAILS(
        "1007", "utf8", "text message ends in a character at its byte 4"));
}

TEST(text_is_not_checked_where_that_was_asked_for)
{
    struct hws_proto_options options;
    for (size_t chunk_size = 0; chunk_size < 8; chunk_size += 4) {
        for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
            script_options(&options, (enum hws_role)role);
            options.limits.chunk_size = chunk_size;
            options.limits.text_unchecked = true;
            play_with(&options,
                      "< text 'ab\\xff'\n! text 'ab\\xff'\n"
                      "< text '\\xc3'\n! text '\\xc3'\n");
        }
    }
    script_options(&options, HWS_CLIENT);
    options.limits.text_unchecked = true;
    play_with(&options,
              "< text... '\\xff'\n< more 'b'\n! text '\\xffb'\n"
              "< ping '\\xff'\n! ping '\\xff'\n> pong '\\xff'\n");
}

TEST(binary_is_never_checked)
{
    play(
        "< binary '\\xff\\xc3'\n! binary '\\xff\\xc3'\n"
        "< binary... '\\xff'\n< more '\\xfe'\n! binary '\\xff\\xfe'\n");
}

/* A huge text whose first byte is wrong fails with that byte. */
TEST(fault_24_bad_text_fails_long_before_its_end)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.message_size_max = (size_t)1 << 40;
    play_with(&options,
              "< hex 81 7f 00 00 00 00 40 00 00 00 'abc' ff\n" FAILS(
                  "1007", "utf8", "text message is not UTF-8 at its byte 3"));
}

TEST(message_limit_holds_for_one_frame_and_for_many)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.message_size_max = 10;
    play_with(&options,
              "< text 'a'*10\n! text 'aaaaaaaaaa'\n"
              "< text... 'a'*9\n< more 'b'\n! text 'aaaaaaaaab'\n"
              "< hex 81 0b\n" FAILS("1009", "too-big",
                                    "message above the limit of 10 bytes"));
    play_with(&options,
              "< text... 'a'*9\n< hex 80 02\n" FAILS(
                  "1009", "too-big", "message above the limit of 10 bytes"));
    options.limits.chunk_size = 4;
    play_with(&options,
              "< text 'a'*10\n! text 'aaaaaaaaaa'\n"
              "< hex 81 0b\n" FAILS("1009", "too-big",
                                    "message above the limit of 10 bytes"));
}

TEST(message_limit_holds_for_a_frame_that_came_whole)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.message_size_max = 10;
    for (size_t chunk_size = 0; chunk_size < 8; chunk_size += 4) {
        options.limits.chunk_size = chunk_size;
        play_with(&options, "< binary 'a'*11\n" FAILS(
                                "1009", "too-big",
                                "message above the limit of 10 bytes"));
    }
}

TEST(fault_20_fragment_limit_holds)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.fragment_max = 3;
    play_with(&options,
              "< text... ''\n< more... 'a'\n< more ''\n! text 'a'\n"
              "< text... ''\n< more... ''\n< more... ''\n< more ''\n" FAILS(
                  "1009", "too-big", "message above the limit of 3 fragments"));
}

TEST(chunks_say_where_a_message_begins_and_ends)
{
    for (int role = HWS_CLIENT; role <= HWS_SERVER; role++) {
        struct hws_proto_options options;
        script_options(&options, (enum hws_role)role);
        options.limits.chunk_size = 4;
        play_with(&options,
                  "< text 'abcdefghij'\n! text 'abcdefghij'\n"
                  "< text 'abc'\n! text 'abc'\n"
                  "< text... 'he'\n! text 'he'...\n"
                  "< ping 'x'\n! ping 'x'\n> pong 'x'\n"
                  "< more 'llo'\n! text ...'llo'\n"
                  "< binary... ''\n< more... ''\n< more ''\n! binary ''\n"
                  "< binary... 'a'\n! binary 'a'...\n"
                  "< more ''\n! binary ...''\n"
                  "< text... '\\xc3'\n! text '\\xc3'...\n"
                  "< more '\\xb6'\n! text ...'\\xb6'\n");
    }
}

TEST(chunked_text_fails_at_its_first_bad_byte)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    options.limits.chunk_size = 4;
    play_with(&options,
              "< text... 'abcd'\n! text 'abcd'...\n"
              "< more '\\xff'\n" FAILS(
                  "1007", "utf8", "text message is not UTF-8 at its byte 4"));
}

/* A client that is up, for tests that look at addresses and amounts. */
static struct hws_proto *client_up(struct hws_proto_options *options)
{
    static const char answer[] =
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: "
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    struct hws_event event;
    struct hws_proto *p = hws_proto_new(options, 0, NULL);
    char bytes[sizeof(answer)];
    memcpy(bytes, answer, sizeof(answer));
    assert_non_null(p);
    hws_proto_wrote(p, hws_proto_output(p).size, 0);
    hws_proto_feed(p, (uint8_t *)bytes, sizeof(answer) - 1, 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(event.kind, HWS_UP);
    assert_false(hws_proto_next(p, &event));
    return p;
}

TEST(chunks_are_at_most_as_large_as_asked)
{
    static const size_t sizes[] = {4, 4, 2, 4, 1};
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t bytes[] =
        "\x82\x0a"
        "0123456789"
        "\x82\x04"
        "abcd"
        "\x82\x01x";
    script_options(&options, HWS_CLIENT);
    options.limits.chunk_size = 4;
    struct hws_proto *p = client_up(&options);
    hws_proto_feed(p, bytes, sizeof(bytes) - 1, 0);
    for (size_t i = 0; i < 5; i++) {
        assert_true(hws_proto_next(p, &event));
        assert_int_equal(event.message.data.size, sizes[i]);
        assert_int_equal(event.message.first, i == 0 || i > 2);
        assert_int_equal(event.message.last, i >= 2);
    }
    assert_false(hws_proto_next(p, &event));
    hws_proto_free(p);
}

TEST(nothing_can_be_sent_without_an_address)
{
    struct hws_proto_options options;
    struct hws_span nothing = {NULL, 0};
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = client_up(&options);
    assert_int_equal(hws_proto_send(p, HWS_TEXT, nothing, true, 0), 0);
    assert_int_equal(hws_proto_ping(p, nothing, 0), 0);
    assert_int_equal(hws_proto_close(p, 1000, nothing, 0), 0);
    assert_int_equal(hws_proto_queued(p), 6 + 6 + 8);
    hws_proto_free(p);
}

TEST(whole_frame_is_handed_out_where_it_lies)
{
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t bytes[] = {0x82, 3, 'a', 'b', 'c', 0x81, 2, 'd', 'e'};
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = client_up(&options);
    assert_int_equal(hws_proto_feed(p, bytes, sizeof(bytes), 7), 0);
    assert_true(hws_proto_next(p, &event));
    assert_ptr_equal(event.message.data.data, bytes + 2);
    assert_int_equal(event.at, 7);
    assert_int_equal(hws_proto_feed(p, bytes, 1, 8), HWS_E_STATE);
    assert_true(hws_proto_next(p, &event));
    assert_ptr_equal(event.message.data.data, bytes + 7);
    assert_false(hws_proto_next(p, &event));
    hws_proto_free(p);
}

TEST(large_message_is_received_into_place)
{
    enum { SIZE = 300000 };
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t head[12] = {0x82, 127, 0, 0, 0, 0, 0, 4, 0x93, 0xe0, 'a', 'b'};
    size_t room;
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = client_up(&options);
    assert_null(hws_proto_space(p, &room));
    hws_proto_feed(p, head, sizeof(head), 0);
    assert_false(hws_proto_next(p, &event));

    uint8_t *space = hws_proto_space(p, &room);
    assert_non_null(space);
    assert_int_equal(room, SIZE - 2);
    memset(space, 'x', room);
    assert_int_equal(hws_proto_feed(p, space, room, 0), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(event.message.data.size, SIZE);
    assert_ptr_equal(event.message.data.data, space - 2);
    assert_memory_equal(event.message.data.data, "abx", 3);
    assert_null(hws_proto_space(p, &room));
    hws_proto_free(p);
}

TEST(huge_declaration_takes_little_memory)
{
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t head[10] = {0x82, 127, 0, 0, 0, 16, 0, 0, 0, 0};
    uint8_t byte = 'x';
    size_t room;
    script_options(&options, HWS_CLIENT);
    options.limits.message_size_max = (size_t)1 << 40;
    struct hws_proto *p = client_up(&options);
    hws_proto_feed(p, head, sizeof(head), 0);
    assert_false(hws_proto_next(p, &event));
    hws_proto_feed(p, &byte, 1, 0);
    assert_false(hws_proto_next(p, &event));
    assert_non_null(hws_proto_space(p, &room));
    assert_in_range(hws_proto_memory(p), 1 << 20, (2 << 20) + 4096);
    hws_proto_free(p);
}

TEST(parked_bytes_are_ours)
{
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t bytes[] = {0x81, 1, 'a', 0x81, 1, 'b', 0x81, 3, 'c'};
    uint8_t rest[] = {'d', 'e'};
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = client_up(&options);
    hws_proto_feed(p, bytes, sizeof(bytes), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(hws_proto_park(p), 0);
    memset(bytes, 0xff, sizeof(bytes));
    assert_int_equal(hws_proto_park(p), 0);
    assert_int_equal(hws_proto_feed(p, rest, 2, 0), HWS_E_STATE);
    assert_true(hws_proto_next(p, &event));
    assert_span(event.message.data, "b");
    assert_false(hws_proto_next(p, &event));
    assert_int_equal(hws_proto_feed(p, rest, 2, 0), 0);
    assert_true(hws_proto_next(p, &event));
    assert_span(event.message.data, "cde");
    hws_proto_free(p);
}

/* Without asking next() for the "no" that says so in between. */
TEST(fed_bytes_are_parked_though_parked_ones_were_just_taken)
{
    struct hws_proto_options options;
    struct hws_event event;
    uint8_t first[] = {0x81, 1, 'a', 0x81, 1, 'b'};
    uint8_t second[] = {0x81, 1, 'c'};
    script_options(&options, HWS_CLIENT);
    struct hws_proto *p = client_up(&options);
    hws_proto_feed(p, first, sizeof(first), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(hws_proto_park(p), 0);
    assert_true(hws_proto_next(p, &event));
    assert_int_equal(hws_proto_feed(p, second, sizeof(second), 0), 0);
    assert_int_equal(hws_proto_park(p), 0);
    memset(second, 0xff, sizeof(second));
    assert_true(hws_proto_next(p, &event));
    assert_span(event.message.data, "c");
    assert_false(hws_proto_next(p, &event));
    hws_proto_free(p);
}

/* Ten million empty fragments: no memory, and time in proportion. */
TEST(fault_20_ten_million_empty_fragments_cost_nothing)
{
    enum { FRAMES = 10000000, BATCH = 20000 };
    struct hws_proto_options options;
    struct hws_event event;
    static uint8_t bytes[2 * BATCH];
    uint8_t start[] = {0x01, 0}, last[] = {0x80, 1, 'x'};
    script_options(&options, HWS_CLIENT);
    options.limits.fragment_max = FRAMES + 2;
    struct hws_proto *p = client_up(&options);
    size_t before = hws_proto_memory(p);
    hws_proto_feed(p, start, sizeof(start), 0);
    assert_false(hws_proto_next(p, &event));
    for (int i = 0; i < FRAMES / BATCH; i++) {
        memset(bytes, 0, sizeof(bytes));
        hws_proto_feed(p, bytes, sizeof(bytes), 0);
        assert_false(hws_proto_next(p, &event));
    }
    assert_int_equal(hws_proto_memory(p), before);
    hws_proto_feed(p, last, sizeof(last), 0);
    assert_true(hws_proto_next(p, &event));
    assert_span(event.message.data, "x");
    hws_proto_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(fragments_are_joined),
        RUN(fault_24_text_may_be_split_inside_a_character),
        RUN(fault_24_text_that_is_not_utf8_fails_at_its_first_bad_byte),
        RUN(text_may_not_end_inside_a_character),
        RUN(text_is_not_checked_where_that_was_asked_for),
        RUN(binary_is_never_checked),
        RUN(fault_24_bad_text_fails_long_before_its_end),
        RUN(message_limit_holds_for_one_frame_and_for_many),
        RUN(message_limit_holds_for_a_frame_that_came_whole),
        RUN(fault_20_fragment_limit_holds),
        RUN(chunks_say_where_a_message_begins_and_ends),
        RUN(chunked_text_fails_at_its_first_bad_byte),
        RUN(chunks_are_at_most_as_large_as_asked),
        RUN(nothing_can_be_sent_without_an_address),
        RUN(whole_frame_is_handed_out_where_it_lies),
        RUN(large_message_is_received_into_place),
        RUN(huge_declaration_takes_little_memory),
        RUN(parked_bytes_are_ours),
        RUN(fed_bytes_are_parked_though_parked_ones_were_just_taken),
        RUN(fault_20_ten_million_empty_fragments_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
