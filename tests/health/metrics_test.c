/* Snapshots as metrics: what a scraper is given. */
#include "support/test.h"

#include <stdlib.h>

static struct hws_fault fault;

static struct hws_snapshot example(void)
{
    return (struct hws_snapshot){
        .at = HWS_S(100),
        .up_since = HWS_S(40),
        .last_byte_at = HWS_NEVER,
        .last_message_at = HWS_S(99),
        .messages_in = 7,
        .message_rate = 12.3456,
        .round_trip_last = HWS_US(1500),
        .round_trip_min = HWS_NEVER,
        .receive_queue = 11,
        .kernel_send_queue = -1,
        .path = {HWS_US(30), HWS_NEVER, 4, 2, 65536, -1},
        .callback_total = HWS_MS(250),
        .clock_offset = -HWS_MS(20),
        .stages = {[HWS_STAGE_QUEUE] = {5, 1, HWS_MS(9), HWS_US(3), HWS_MS(2)}},
        .verdict = HWS_VERDICT_APP,
        .verdict_text = "",
        .last_fault = &fault,
    };
}

static char text[65536];

static const char *written(enum hws_metrics_form form)
{
    struct hws_snapshot s = example(), down = example();
    down.up_since = HWS_NEVER;
    struct hws_metrics_line lines[] = {
        {"1", "wss://feed.example/", &s},
        {"2", "ws://\"odd\"\\\n/", &down},
    };
    int size = hws_metrics_write(form, lines, 2, text, sizeof(text));
    assert_int_equal(size, strlen(text));
    return text;
}

static void assert_line(const char *line)
{
    const char *at = strstr(text, line);
    if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("no line '%s' in\n%s", line, text);
}

#define FIRST "connection=\"1\",url=\"wss://feed.example/\""
#define SECOND "connection=\"2\",url=\"ws://\\\"odd\\\"\\\\\\n/\""

TEST(values_have_units_and_labels)
{
    written(HWS_METRICS_TEXT);
    assert_line("# TYPE hawser_messages_received_total counter");
    assert_line("hawser_messages_received_total{" FIRST "} 7");
    assert_line("hawser_messages_received_total{" SECOND "} 7");
    assert_line("hawser_up{" FIRST "} 1");
    assert_line("hawser_up{" SECOND "} 0");
    assert_line("hawser_uptime_seconds{" FIRST "} 60.000000000");
    assert_line("hawser_data_age_seconds{" FIRST "} 1.000000000");
    assert_line("hawser_message_rate{" FIRST "} 12.346");
    assert_line("hawser_round_trip_seconds{" FIRST "} 0.001500000");
    assert_line("hawser_receive_queue_bytes{" FIRST "} 11");
    assert_line("hawser_path_round_trip_seconds{" FIRST "} 0.000030000");
    assert_line("# TYPE hawser_path_retransmits_total counter");
    assert_line("hawser_path_retransmits_total{" FIRST "} 4");
    assert_line("hawser_path_receive_window_bytes{" FIRST "} 65536");
    assert_null(strstr(text, "hawser_path_delivery_rate{"));
    assert_null(strstr(text, "hawser_kernel_send_queue_bytes{"));
    assert_line("hawser_callback_seconds_total{" FIRST "} 0.250000000");
    assert_line("hawser_clock_offset_seconds{" FIRST "} -0.020000000");
    assert_line("hawser_lag_seconds{" FIRST
                ",stage=\"queue\",quantile=\"0.99\"} 0.002000000");
    assert_line("hawser_lag_seconds_count{" FIRST ",stage=\"queue\"} 5");
    assert_line("hawser_verdict{" FIRST ",verdict=\"app\"} 1");
    assert_line("hawser_verdict{" FIRST ",verdict=\"ok\"} 0");
}

TEST(what_is_unknown_is_left_out)
{
    written(HWS_METRICS_TEXT);
    assert_null(strstr(text, "hawser_uptime_seconds{" SECOND));
    assert_null(strstr(text, "\nhawser_round_trip_best_seconds{"));
    assert_null(strstr(text, "stage=\"total\""));
    assert_null(strstr(text, "9223372036"));
}

TEST(openmetrics_differs_in_what_it_must)
{
    written(HWS_METRICS_OPEN);
    assert_line("# TYPE hawser_messages_received counter");
    assert_line("hawser_messages_received_total{" FIRST "} 7");
    assert_line("# UNIT hawser_received_bytes bytes");
    assert_line("hawser_received_bytes_total{" FIRST "} 0");
    assert_string_equal(text + strlen(text) - 6, "# EOF\n");
}

/* Each family stands once, with all of its samples below its head. */
TEST(families_are_not_torn_apart)
{
    written(HWS_METRICS_OPEN);
    char *kept = strdup(text), *rest = kept, *line;
    char family[64] = "";
    while ((line = strtok_r(rest, "\n", &rest))) {
        if (strncmp(line, "# TYPE ", 7) == 0) {
            snprintf(family, sizeof(family), "%.*s",
                     (int)strcspn(line + 7, " "), line + 7);
            const char *first = strstr(text, line);
            assert_null(strstr(first + 1, line));
        } else if (line[0] != '#') {
            assert_memory_equal(line, family, strlen(family));
        }
    }
    free(kept);
}

TEST(a_room_of_any_size_is_filled_or_refused)
{
    struct hws_snapshot s = example();
    struct hws_metrics_line line = {"1", "ws://x/", &s};
    int length =
        hws_metrics_write(HWS_METRICS_OPEN, &line, 1, text, sizeof(text));
    assert_in_range(length, 1, 8192);
    for (int size = 0; size <= length + 1; size += 1 + size / 50) {
        char *small = malloc(size ? (size_t)size : 1);
        int got =
            hws_metrics_write(HWS_METRICS_OPEN, &line, 1, small, (size_t)size);
        assert_int_equal(got, size > length ? length : HWS_E_TOO_BIG);
        free(small);
    }
    length = hws_metrics_write(HWS_METRICS_TEXT, NULL, 0, text, sizeof(text));
    assert_int_equal(length, strlen(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(values_have_units_and_labels),
        RUN(what_is_unknown_is_left_out),
        RUN(openmetrics_differs_in_what_it_must),
        RUN(families_are_not_torn_apart),
        RUN(a_room_of_any_size_is_filled_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
