/*
 * Every rule that a single frame, or the order of frames, can break; each in
 * both roles and cut at every byte.
 */
#include "script.h"

/* What follows when the peer broke a rule: close, silence, the first cause. */
#define FAILS(code, status, text)   \
    "> close " code                 \
    " *\n"                          \
    "! closing local " code         \
    "\n"                            \
    "= send text 'late' -> state\n" \
    "< text 'ignored'\n"            \
    "= lost eof\n"                  \
    "! down " status " frame by local sent " code " got 1006: " text "\n"

TEST(message_comes_as_it_was_sent)
{
    play(
        "< text 'hello'\n"
        "! text 'hello'\n"
        "< binary '\\x00\\xff'\n"
        "! binary '\\x00\\xff'\n"
        "< text ''\n"
        "! text ''\n"
        "< binary ''\n"
        "! binary ''\n");
}

TEST(length_takes_all_three_forms)
{
    play(
        "< binary 'a'*125\n! binary 'a'*125\n"
        "< binary 'b'*126\n! binary 'b'*126\n"
        "< text 'c'*127\n! text 'c'*127\n"
        "< binary 'd'*65535\n! binary 'd'*65535\n"
        "< binary 'e'*65536\n! binary 'e'*65536\n"
        "< text 'f'*65536\n! text 'f'*65536\n");
}

TEST(many_frames_in_one_feed_come_in_order)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    play_with(&options,
              "< hex 81 01 'a' 82 01 'b' 89 01 'c' 81 00 01 01 'd' "
              "80 01 'e' 81 01 'f'\n"
              "! text 'a'\n"
              "! binary 'b'\n"
              "! ping 'c'\n"
              "! text ''\n"
              "! text 'de'\n"
              "! text 'f'\n"
              "> pong 'c'\n");
}

TEST(fault_13_top_bit_of_a_length_is_refused)
{
    static const char *const lengths[] = {"80 00 00 00 00 00 00 00",
                                          "ff ff ff ff ff ff ff ff"};
    for (size_t i = 0; i < 2; i++) {
        struct hws_proto_options options;
        char script[1024];
        script_options(&options, HWS_CLIENT);
        snprintf(script, sizeof(script),
                 "< hex 82 7f %s 'payload'\n" FAILS(
                     "1002", "protocol",
                     "frame with length with its top bit set at byte 0 of "
                     "the stream"),
                 lengths[i]);
        play_with(&options, script);
    }
}

TEST(fault_13_largest_length_is_too_big_before_its_payload)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    play_with(&options, "< hex 82 7f 7f ff ff ff ff ff ff ff\n" FAILS(
                            "1009", "too-big",
                            "message above the limit of 16777216 bytes"));
}

TEST(fault_13_length_must_be_minimal)
{
    static const char *const headers[] = {
        "7e 00 00",
        "7e 00 7d",
        "7f 00 00 00 00 00 00 00 00",
        "7f 00 00 00 00 00 00 00 7d",
        "7f 00 00 00 00 00 00 00 7e",
        "7f 00 00 00 00 00 00 ff ff",
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct hws_proto_options options;
        char script[1024];
        script_options(&options, HWS_CLIENT);
        snprintf(script, sizeof(script),
                 "< hex 81 01 'x'\n! text 'x'\n"
                 "< hex 81 %s\n" FAILS(
                     "1002", "protocol",
                     "frame with length not in its shortest form at byte 3 "
                     "of the stream"),
                 headers[i]);
        play_with(&options, script);
    }
}

TEST(fault_14_reserved_bits_are_refused)
{
    play("< frame c1 'x'\n" FAILS("1002", "protocol",
                                  "frame with reserved bit RSV1 *"));
    play("< frame a1 'x'\n" FAILS("1002", "protocol",
                                  "frame with reserved bit RSV2 *"));
    play("< frame 91 'x'\n" FAILS("1002", "protocol",
                                  "frame with reserved bit RSV3 *"));
    play("< frame c9 'x'\n" FAILS("1002", "protocol",
                                  "frame with reserved bit RSV1 *"));
    play(
        "< text... 'x'\n"
        "< frame c0 'y'\n" FAILS("1002", "protocol",
                                 "frame with reserved bit RSV1 *"));
}

TEST(fault_15_mask_from_the_server_is_refused)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    play_with(&options,
              "< hex 81 81 00 00 00 00 'x'\n" FAILS(
                  "1002", "protocol", "frame with mask from the server *"));
}

TEST(missing_mask_from_the_client_is_refused)
{
    struct hws_proto_options options;
    script_options(&options, HWS_SERVER);
    play_with(&options, "< hex 81 01 'x'\n" FAILS("1002", "protocol",
                                                  "frame with missing mask *"));
}

TEST(fault_16_reserved_opcodes_are_refused)
{
    for (unsigned opcode = 3; opcode < 16; opcode++) {
        char script[1024];
        if (opcode > 7 && opcode < 11)
            continue;
        snprintf(script, sizeof(script),
                 "< frame 8%x 'x'\n" FAILS(
                     "1002", "protocol",
                     "frame with reserved opcode 0x%x at byte 0 of the stream"),
                 opcode, opcode);
        play(script);
    }
}

TEST(fault_17_control_frames_are_short_and_whole)
{
    for (unsigned opcode = 8; opcode < 11; opcode++) {
        char script[1024];
        snprintf(script, sizeof(script),
                 "< frame 0%x 'x'\n" FAILS("1002", "protocol",
                                           "frame with fragmented control *"),
                 opcode);
        play(script);
        snprintf(script, sizeof(script),
                 "< frame 8%x 'x'*126\n" FAILS("1002", "protocol",
                                               "frame with control payload *"),
                 opcode);
        play(script);
    }
}

TEST(fault_18_continuation_needs_a_start)
{
    play("< more 'x'\n" FAILS("1002", "protocol",
                              "frame with a continuation of nothing *"));
    play(
        "< text... 'a'\n< more 'b'\n! text 'ab'\n"
        "< more... 'x'\n" FAILS("1002", "protocol",
                                "frame with a continuation of nothing *"));
}

TEST(fault_18_message_inside_a_message_is_refused)
{
    play("< text... 'a'\n< text 'b'\n" FAILS(
        "1002", "protocol", "frame with a new message inside a fragmented *"));
    play("< binary... 'a'\n< more... 'b'\n< binary 'b'\n" FAILS(
        "1002", "protocol", "frame with a new message inside a fragmented *"));
}

TEST(fault_19_control_frames_pass_inside_a_message)
{
    play(
        "< text... 'he'\n"
        "< ping '1'\n"
        "! ping '1'\n"
        "> pong '1'\n"
        "< more... 'll'\n"
        "< pong 'unasked'\n"
        "! pong 'unasked'\n"
        "< more 'o'\n"
        "! text 'hello'\n"
        "< text... 'lost'\n"
        "< close 1000\n"
        "! closing peer 1000\n"
        "> close 1000\n"
        "= lost eof\n"
        "! down closed close by peer sent 1000 got 1000 clean: *\n");
}

TEST(first_cause_is_never_overwritten)
{
    play(
        "< frame 83 ''\n"
        "> close 1002 *\n"
        "! closing local 1002\n"
        "< frame ff 'worse'\n"
        "= close 1000\n"
        "= lost reset\n"
        "! down protocol frame by local sent 1002 got 1006: frame with "
        "reserved opcode 0x3 at byte 0 of the stream\n"
        "= lost reset\n"
        "@ 60s\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(message_comes_as_it_was_sent),
        RUN(length_takes_all_three_forms),
        RUN(many_frames_in_one_feed_come_in_order),
        RUN(fault_13_top_bit_of_a_length_is_refused),
        RUN(fault_13_largest_length_is_too_big_before_its_payload),
        RUN(fault_13_length_must_be_minimal),
        RUN(fault_14_reserved_bits_are_refused),
        RUN(fault_15_mask_from_the_server_is_refused),
        RUN(missing_mask_from_the_client_is_refused),
        RUN(fault_16_reserved_opcodes_are_refused),
        RUN(fault_17_control_frames_are_short_and_whole),
        RUN(fault_18_continuation_needs_a_start),
        RUN(fault_18_message_inside_a_message_is_refused),
        RUN(fault_19_control_frames_pass_inside_a_message),
        RUN(first_cause_is_never_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
