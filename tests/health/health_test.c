/* What a health is told, and what its snapshot says. */
#include "support/test.h"

#include <stdlib.h>

static struct hws_snapshot snapshot_at(const struct hws_health *h, hws_time now)
{
    struct hws_snapshot s;
    hws_health_snapshot(h, now, &s);
    return s;
}

static void message(struct hws_health *h, hws_time at, hws_time realtime,
                    const char *text)
{
    struct hws_event event = {.kind = HWS_MESSAGE, .at = at};
    event.message.data = hws_span_text(text);
    event.message.opcode = HWS_TEXT;
    event.message.first = true;
    event.message.last = true;
    hws_health_note(h, &event, realtime);
}

static void chunk(struct hws_health *h, const char *text, bool first, bool last)
{
    struct hws_event event = {.kind = HWS_MESSAGE, .at = HWS_S(1)};
    event.message.data = hws_span_text(text);
    event.message.first = first;
    event.message.last = last;
    hws_health_note(h, &event, HWS_S(100));
}

static void pong(struct hws_health *h, hws_time round_trip)
{
    struct hws_event event = {.kind = HWS_PONG, .at = HWS_S(1)};
    event.control.round_trip = round_trip;
    hws_health_note(h, &event, HWS_S(100));
}

static void simple(struct hws_health *h, enum hws_event_kind kind, hws_time at)
{
    struct hws_event event = {.kind = kind, .at = at};
    hws_health_note(h, &event, HWS_S(100));
}

static void down(struct hws_health *h, const struct hws_fault *fault,
                 bool clean, uint64_t unsent)
{
    struct hws_event event = {.kind = HWS_DOWN, .at = HWS_S(9)};
    event.down.fault = fault;
    event.down.clean = clean;
    event.down.unsent_messages = unsent;
    hws_health_note(h, &event, HWS_S(100));
}

TEST(a_new_health_knows_nothing_yet)
{
    struct hws_health *h = hws_health_new(NULL);
    struct hws_snapshot s = snapshot_at(h, HWS_S(3));
    assert_int_equal(s.at, HWS_S(3));
    assert_int_equal(s.up_since, HWS_NEVER);
    assert_int_equal(s.last_byte_at, HWS_NEVER);
    assert_int_equal(s.last_message_at, HWS_NEVER);
    assert_int_equal(s.round_trip_last, HWS_NEVER);
    assert_int_equal(s.round_trip_min, HWS_NEVER);
    assert_int_equal(s.round_trip_smooth, HWS_NEVER);
    assert_non_null(s.last_fault);
    assert_int_equal(s.last_fault->status, HWS_OK);
    assert_null(hws_health_lag(h));
    hws_health_free(h);
    hws_health_free(NULL);
}

TEST(everything_told_is_counted)
{
    struct hws_health *h = hws_health_new(NULL);
    hws_health_attempt(h, HWS_S(1));
    hws_health_attempt(h, HWS_S(2));
    simple(h, HWS_UP, HWS_S(3));
    simple(h, HWS_PING, HWS_S(4));
    hws_health_moved(h, 700, 0, HWS_S(4));
    hws_health_moved(h, 0, 50, HWS_S(5));
    hws_health_moved(h, 30, 20, HWS_S(6));
    hws_health_moved(h, 0, 0, HWS_S(7));
    hws_health_sent(h, false);
    hws_health_sent(h, false);
    hws_health_sent(h, true);
    hws_health_unsent(h, 4);
    hws_health_unsent(h, 1);
    hws_health_called(h, 300);
    hws_health_called(h, 100);
    hws_health_woken(h, true);
    hws_health_woken(h, false);
    hws_health_woken(h, true);

    struct hws_snapshot s = snapshot_at(h, HWS_S(8));
    assert_int_equal(s.attempts, 2);
    assert_int_equal(s.connections, 1);
    assert_int_equal(s.up_since, HWS_S(3));
    assert_int_equal(s.pings_in, 1);
    assert_int_equal(s.reads, 2);
    assert_int_equal(s.writes, 2);
    assert_int_equal(s.bytes_in, 730);
    assert_int_equal(s.bytes_out, 70);
    assert_int_equal(s.last_byte_at, HWS_S(6));
    assert_int_equal(s.messages_out, 2);
    assert_int_equal(s.pings_out, 1);
    assert_int_equal(s.unsent_messages, 5);
    assert_int_equal(s.callback_total, 400);
    assert_int_equal(s.callback_max, 300);
    assert_int_equal(s.wakeups, 3);
    assert_int_equal(s.idle_wakeups, 1);
    hws_health_free(h);
}

TEST(messages_count_with_their_time_and_rate)
{
    struct hws_health *h = hws_health_new(NULL);
    for (int i = 0; i < 10000; i++)
        message(h, HWS_MS(i), 0, "x");
    struct hws_snapshot s = snapshot_at(h, HWS_MS(9999));
    assert_int_equal(s.messages_in, 10000);
    assert_int_equal(s.last_message_at, HWS_MS(9999));
    assert_true(s.message_rate > 990 && s.message_rate < 1010);
    assert_int_equal(s.lag_count, 0);
    s = snapshot_at(h, HWS_S(100));
    assert_true(s.message_rate < 0.001);
    hws_health_free(h);
}

TEST(a_chunked_message_counts_once)
{
    struct hws_health *h = hws_health_new(NULL);
    chunk(h, "a", true, false);
    assert_int_equal(snapshot_at(h, HWS_S(1)).messages_in, 0);
    chunk(h, "b", false, false);
    chunk(h, "c", false, true);
    assert_int_equal(snapshot_at(h, HWS_S(1)).messages_in, 1);
    hws_health_free(h);
}

TEST(round_trips_give_last_least_and_smooth)
{
    struct hws_health *h = hws_health_new(NULL);
    pong(h, HWS_NEVER);
    assert_int_equal(snapshot_at(h, 0).round_trip_last, HWS_NEVER);
    pong(h, 8000);
    pong(h, 16000);
    pong(h, 1000);
    pong(h, HWS_NEVER);
    struct hws_snapshot s = snapshot_at(h, 0);
    assert_int_equal(s.pongs_in, 5);
    assert_int_equal(s.round_trip_last, 1000);
    assert_int_equal(s.round_trip_min, 1000);
    assert_int_equal(s.round_trip_smooth, 8000 + 1000 - 1000); /* 9000-8000/8 */
    hws_health_free(h);
}

TEST(an_end_leaves_its_fault_and_its_losses)
{
    struct hws_health *h = hws_health_new(NULL);
    struct hws_fault reset = {.status = HWS_E_RESET, .phase = HWS_PHASE_FRAME};
    struct hws_fault closed = {.status = HWS_E_CLOSED};
    struct hws_fault cut = {.status = HWS_E_CANCELLED};
    simple(h, HWS_UP, HWS_S(1));
    down(h, &reset, false, 3);
    struct hws_snapshot s = snapshot_at(h, HWS_S(10));
    assert_int_equal(s.up_since, HWS_NEVER);
    assert_int_equal(s.failures, 1);
    assert_int_equal(s.unsent_messages, 3);
    assert_int_equal(s.last_fault->status, HWS_E_RESET);
    assert_ptr_not_equal(s.last_fault, &reset);

    simple(h, HWS_UP, HWS_S(11));
    down(h, &closed, true, 1);
    simple(h, HWS_UP, HWS_S(12));
    down(h, &cut, false, 0);
    s = snapshot_at(h, HWS_S(13));
    assert_int_equal(s.failures, 1);
    assert_int_equal(s.connections, 3);
    assert_int_equal(s.unsent_messages, 4);
    assert_int_equal(s.last_fault->status, HWS_E_CANCELLED);
    hws_health_free(h);
}

TEST(lag_is_receive_time_minus_event_time)
{
    struct hws_time_field *field = hws_time_field_new("/T:ms", NULL);
    struct hws_health *h = hws_health_new(field);
    message(h, 0, HWS_MS(1500), "{\"T\":1000}");
    assert_int_equal(snapshot_at(h, 0).lag_min, HWS_MS(500));
    message(h, 0, HWS_MS(1500), "{\"T\":1499}");
    message(h, 0, HWS_MS(1500), "{\"T\":1502}");
    message(h, 0, HWS_MS(1500), "{\"T\":1490}");
    struct hws_snapshot s = snapshot_at(h, 0);
    assert_int_equal(s.lag_count, 4);
    assert_int_equal(s.lag_missing, 0);
    assert_int_equal(s.lag_last, HWS_MS(10));
    assert_int_equal(s.lag_min, -HWS_MS(2));
    assert_int_equal(s.lag_max, HWS_MS(500));
    assert_in_range(s.lag_p50, HWS_US(990), HWS_US(1010));
    assert_in_range(s.lag_p99, HWS_MS(495), HWS_MS(505));
    assert_int_equal(hws_histogram_count(hws_health_lag(h)), 4);
    hws_health_free(h);
    hws_time_field_free(field);
}

TEST(messages_without_the_field_are_counted_as_missing)
{
    struct hws_time_field *field = hws_time_field_new("/T:ms", NULL);
    struct hws_health *h = hws_health_new(field);
    message(h, 0, HWS_S(2), "{\"E\":1000}");
    message(h, 0, HWS_S(2), "hello");
    message(h, 0, INT64_MIN, "{\"T\":1000}"); /* no such lag */
    message(h, 0, HWS_S(2), "{\"T\":1000}");
    struct hws_snapshot s = snapshot_at(h, 0);
    assert_int_equal(s.lag_count, 1);
    assert_int_equal(s.lag_missing, 3);
    assert_int_equal(s.messages_in, 4);
    hws_health_free(h);
    hws_time_field_free(field);
}

TEST(a_chunked_message_is_missing_once_and_not_searched)
{
    struct hws_time_field *field = hws_time_field_new("/T:ms", NULL);
    struct hws_health *h = hws_health_new(field);
    chunk(h, "{\"T\":1}", true, false);
    chunk(h, "{\"T\":1}", false, false);
    chunk(h, "{\"T\":1}", false, true);
    struct hws_snapshot s = snapshot_at(h, HWS_S(1));
    assert_int_equal(s.lag_count, 0);
    assert_int_equal(s.lag_missing, 1);
    assert_int_equal(s.messages_in, 1);
    hws_health_free(h);
    hws_time_field_free(field);
}

/* ---- memory ---- */

struct budget {
    size_t taken;
    int left; /* allocations until one fails; negative: none does */
};

static void *budget_alloc(void *context, size_t size)
{
    struct budget *b = context;
    if (b->left == 0)
        return NULL;
    b->left--;
    b->taken += size;
    return malloc(size);
}
static void *budget_resize(void *context, void *old, size_t size)
{
    (void)context;
    return realloc(old, size);
}
static void budget_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static struct hws_health *new_within(struct budget *b,
                                     const struct hws_time_field *field)
{
    hws_memory_set(
        &(struct hws_memory){budget_alloc, budget_resize, budget_release, b});
    struct hws_health *h = hws_health_new(field);
    hws_memory_set(NULL);
    return h;
}

TEST(a_health_without_lag_takes_less_than_700_bytes)
{
    struct budget b = {.left = -1};
    struct hws_health *h = new_within(&b, NULL);
    assert_in_range(b.taken, 1, 699);
    hws_health_free(h);
}

TEST(any_failing_allocation_gives_null_and_leaks_nothing)
{
    struct hws_time_field *field = hws_time_field_new("/T", NULL);
    int fails = 0;
    for (;; fails++) {
        struct budget b = {.left = fails};
        struct hws_health *h = new_within(&b, field);
        hws_health_free(h);
        if (h)
            break;
    }
    assert_int_equal(fails, 2);
    hws_time_field_free(field);
}

TEST(noting_allocates_nothing)
{
    struct hws_time_field *field = hws_time_field_new("/T:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    struct budget b = {.left = 0};
    hws_memory_set(
        &(struct hws_memory){budget_alloc, budget_resize, budget_release, &b});
    for (int i = 0; i < 1000; i++)
        message(h, HWS_MS(i), 5000, "{\"a\":[1,2],\"T\":\"12\"}");
    assert_int_equal(snapshot_at(h, 0).lag_count, 1000);
    hws_memory_set(NULL);
    hws_health_free(h);
    hws_time_field_free(field);
}

/* One read of more than 64 messages, the last of which nobody looks at. */
TEST(all_messages_of_a_large_read_are_counted_once_it_is_handled)
{
    struct hws_time_field *field = hws_time_field_new("/t:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    struct hws_event e = {.kind = HWS_MESSAGE, .at = HWS_S(1)};
    struct hws_snapshot s;
    e.message.data = hws_span_text("{\"t\":5}");
    e.message.first = e.message.last = true;
    for (int i = 0; i < 71; i++)
        hws_health_note(h, &e, HWS_MS(1));
    hws_health_handled(h, HWS_S(1));
    hws_health_snapshot(h, HWS_S(1), &s);
    assert_int_equal(s.lag_count, 71);
    assert_int_equal(s.lag_missing, 0);
    e.message.data = hws_span_text("{}");
    e.at = HWS_S(2);
    for (int i = 0; i < 71; i++)
        hws_health_note(h, &e, HWS_MS(1));
    hws_health_handled(h, HWS_S(2));
    hws_health_snapshot(h, HWS_S(2), &s);
    assert_int_equal(s.lag_count + s.lag_missing, 142);
    hws_health_free(h);
    hws_time_field_free(field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(all_messages_of_a_large_read_are_counted_once_it_is_handled),
        RUN(a_new_health_knows_nothing_yet),
        RUN(everything_told_is_counted),
        RUN(messages_count_with_their_time_and_rate),
        RUN(a_chunked_message_counts_once),
        RUN(round_trips_give_last_least_and_smooth),
        RUN(an_end_leaves_its_fault_and_its_losses),
        RUN(lag_is_receive_time_minus_event_time),
        RUN(messages_without_the_field_are_counted_as_missing),
        RUN(a_chunked_message_is_missing_once_and_not_searched),
        RUN(a_health_without_lag_takes_less_than_700_bytes),
        RUN(any_failing_allocation_gives_null_and_leaks_nothing),
        RUN(noting_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
