/* The snapshot as JSON, byte for byte. */
#include "health/report_read.h"
#include "support/test.h"

#include <stdlib.h>

static struct hws_fault fault;

static struct hws_snapshot example(void)
{
    fault = (struct hws_fault){.status = HWS_OK};
    return (struct hws_snapshot){
        .at = 5000,
        .up_since = 4000,
        .connections = 2,
        .attempts = 3,
        .failures = 1,
        .messages_in = 10,
        .messages_out = 11,
        .bytes_in = UINT64_MAX,
        .bytes_out = 13,
        .reads = 14,
        .writes = 15,
        .pings_in = 16,
        .pongs_in = 17,
        .pings_out = 18,
        .unsent_messages = 19,
        .wakeups = 20,
        .idle_wakeups = 21,
        .last_byte_at = 4900,
        .last_message_at = HWS_NEVER,
        .message_rate = 1234.5678,
        .round_trip_last = 22,
        .round_trip_min = 23,
        .round_trip_smooth = 24,
        .receive_queue = 25,
        .tls_pending = 60,
        .decoder_backlog = 61,
        .send_queue = 26,
        .kernel_send_queue = 62,
        .path = {63, HWS_NEVER, 65, 66, 67, -1},
        .memory = 27,
        .compression = {true, 50, 51, 52, 53, 54},
        .callback_total = 28,
        .callback_max = 29,
        .lag_count = 30,
        .lag_missing = 31,
        .lag_last = -32,
        .lag_min = -33,
        .lag_max = 34,
        .lag_p50 = 35,
        .lag_p99 = 36,
        .clock_offset = -37,
        .stages = {[HWS_STAGE_NETWORK] = {38, -39, 40, 41, 42},
                   [HWS_STAGE_PROCESSING] = {43, 44, 45, 46, 47},
                   [HWS_STAGE_TOTAL] = {48, 49, 50, 51, 52}},
        .verdict = HWS_VERDICT_APP,
        .verdict_text = "53 \"ms\"",
        .last_fault = &fault,
    };
}

static const char head[] =
    "{\"at\":5000,\"up_since\":4000,\"connections\":2,\"attempts\":3,"
    "\"failures\":1,\"unsent_messages\":19,";
static const char tail[] =
    ",\"messages_in\":10,\"messages_out\":11,"
    "\"bytes_in\":18446744073709551615,\"bytes_out\":13,\"reads\":14,"
    "\"writes\":15,\"pings_in\":16,\"pongs_in\":17,\"pings_out\":18,"
    "\"last_byte_at\":4900,\"last_message_at\":null,"
    "\"message_rate\":1234.568,\"wakeups\":20,\"idle_wakeups\":21,"
    "\"receive_queue\":25,\"tls_pending\":60,\"decoder_backlog\":61,"
    "\"send_queue\":26,\"kernel_send_queue\":62,"
    "\"path\":{\"round_trip\":63,\"round_trip_min\":null,"
    "\"retransmits\":65,\"unacknowledged\":66,\"receive_window\":67,"
    "\"delivery_rate\":null},\"memory\":27,"
    "\"compression\":{\"agreed\":true,\"memory\":50,"
    "\"in_compressed\":51,\"in_inflated\":52,\"out_plain\":53,"
    "\"out_compressed\":54},"
    "\"callback_total\":28,\"callback_max\":29,\"round_trip_last\":22,"
    "\"round_trip_min\":23,\"round_trip_smooth\":24,\"lag_count\":30,"
    "\"lag_missing\":31,\"lag_last\":-32,\"lag_min\":-33,\"lag_max\":34,"
    "\"lag_p50\":35,\"lag_p99\":36,\"clock_offset\":-37,"
    "\"stages\":{"
    "\"network\":{\"count\":38,\"last\":-39,\"p50\":41,\"p99\":42,"
    "\"max\":40},"
    "\"queue\":{\"count\":0,\"last\":null,\"p50\":null,\"p99\":null,"
    "\"max\":null},"
    "\"processing\":{\"count\":43,\"last\":44,\"p50\":46,\"p99\":47,"
    "\"max\":45},"
    "\"total\":{\"count\":48,\"last\":49,\"p50\":51,\"p99\":52,"
    "\"max\":50}},\"verdict\":\"app\",\"verdict_text\":\"53 \\\"ms\\\"\"}";

static void assert_json(const struct hws_snapshot *s, const char *middle)
{
    char want[2048];
    char got[2048];
    snprintf(want, sizeof(want), "%s%s%s", head, middle, tail);
    assert_int_equal(hws_snapshot_json(s, got, sizeof(got)), strlen(want));
    assert_string_equal(got, want);
}

/* Written, read and written again. */
static void assert_comes_back(const struct hws_snapshot *s)
{
    struct hws_snapshot back = {0};
    struct hws_fault back_fault;
    char verdict_text[64], first[2048], again[2048];
    hws_snapshot_json(s, first, sizeof(first));
    struct hws_span json = hws_span_text(first);
    hwi_report_read(json, &back);
    hwi_report_fault(json, &back_fault);
    assert_true(hwi_report_text(json, "verdict_text", verdict_text,
                                sizeof(verdict_text)));
    back.last_fault = &back_fault;
    back.verdict_text = verdict_text;
    hws_snapshot_json(&back, again, sizeof(again));
    assert_string_equal(again, first);
}

TEST(every_member_is_written_under_its_own_name)
{
    struct hws_snapshot s = example();
    s.bytes_in = UINT64_MAX;
    assert_json(&s, "\"last_fault\":null");
    s.bytes_in = 12; /* what is above 2^63 is not read back */
    s.message_rate = 1234.5;
    assert_comes_back(&s);
}

TEST(what_is_missing_is_read_as_unknown)
{
    struct hws_snapshot s = {0};
    struct hws_fault none;
    struct hws_span nothing = hws_span_text("{}");
    char text[8] = "old";
    hwi_report_read(nothing, &s);
    hwi_report_fault(nothing, &none);
    assert_false(hwi_report_text(nothing, "url", text, sizeof(text)));
    assert_string_equal(text, "");
    assert_int_equal(s.up_since, HWS_NEVER);
    assert_int_equal(s.kernel_send_queue, -1);
    assert_int_equal(s.path.receive_window, -1);
    assert_int_equal(s.messages_in, 0);
    assert_int_equal(none.status, HWS_OK);
}

TEST(a_fault_is_an_object_and_its_text_is_escaped)
{
    struct hws_snapshot s = example();
    fault.status = HWS_E_TLS;
    fault.phase = HWS_PHASE_TLS;
    fault.os_error = 1;
    fault.tls_error = 2;
    fault.tls_verify = 3;
    fault.http_status = 4;
    fault.close_code = 5;
    strcpy(fault.peer, "[::1]:443");
    strcpy(fault.text, "bad \"x\\y\" \x1b\n\x7f \xc3\xa9");
    assert_json(&s,
                "\"last_fault\":{\"status\":\"tls\",\"phase\":\"tls\","
                "\"text\":\"bad \\\"x\\\\y\\\" ??? \xc3\xa9\","
                "\"peer\":\"[::1]:443\",\"os_error\":1,\"tls_error\":2,"
                "\"tls_verify\":3,\"http_status\":4,\"close_code\":5}");
    s.bytes_in = 12;
    s.message_rate = 1234.5;
    assert_comes_back(&s);
}

TEST(without_a_lag_its_members_are_null)
{
    char text[2048];
    struct hws_snapshot s = example();
    s.lag_count = 0;
    assert_true(hws_snapshot_json(&s, text, sizeof(text)) > 0);
    assert_non_null(strstr(text,
                           "\"lag_last\":null,\"lag_min\":null,"
                           "\"lag_max\":null,\"lag_p50\":null,"
                           "\"lag_p99\":null,"));
}

/* Its own reader finds every number again. */
TEST(our_own_reader_reads_the_report)
{
    char text[2048];
    struct hws_snapshot s = example();
    int size = hws_snapshot_json(&s, text, sizeof(text));
    struct hws_time_field *field =
        hws_time_field_new("/stages/total/p99:ns", NULL);
    hws_time value = 0;
    struct hws_span json = {(const uint8_t *)text, (size_t)size};
    assert_true(hws_time_field_read(field, json, &value));
    assert_int_equal(value, 52);
    hws_time_field_free(field);
}

TEST(a_room_of_any_size_is_filled_or_refused)
{
    char whole[2048];
    struct hws_snapshot s = example();
    int length = hws_snapshot_json(&s, whole, sizeof(whole));
    for (size_t size = 0; size <= (size_t)length + 2; size++) {
        char *text = malloc(size ? size : 1);
        int got = hws_snapshot_json(&s, text, size);
        if (size <= (size_t)length) {
            assert_int_equal(got, HWS_E_TOO_BIG);
            assert_true(size == 0 || text[0] == '\0');
        } else {
            assert_int_equal(got, length);
            assert_string_equal(text, whole);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_member_is_written_under_its_own_name),
        RUN(what_is_missing_is_read_as_unknown),
        RUN(a_fault_is_an_object_and_its_text_is_escaped),
        RUN(without_a_lag_its_members_are_null),
        RUN(our_own_reader_reads_the_report),
        RUN(a_room_of_any_size_is_filled_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
