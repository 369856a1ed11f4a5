/*
 * The stages of a message's way, against a world whose truth is known: a feed
 * that is sent, carried, queued, read and handled by the rules below, on a
 * clock that only they move.
 */
#include "health/health.h"
#include "support/test.h"

#include <inttypes.h>
#include <stdlib.h>

#define REALTIME HWS_S(1700000000) /* at monotonic 0 */
#define MESSAGE_SIZE 100
#define COUNT 6000

struct rules {
    hws_time period;   /* from one message to the next; 0: bursts of `burst` */
    unsigned burst;    /* messages that are sent at once */
    hws_time carried;  /* on the way, and up to a tenth more */
    hws_time woken;    /* between readiness and read */
    hws_time handled;  /* of one message */
    unsigned slow_one; /* of so many takes `slow`; 0: none */
    hws_time slow;
    hws_time clock;  /* the sender's is so much ahead */
    bool no_arrival; /* the kernel tells none */
};

struct truth {
    size_t count;
    int64_t of[HWS_STAGES][COUNT];
};

struct message {
    hws_time sent, came;
};

static struct message messages[COUNT];
static struct truth truth;

static void send_all(const struct rules *r)
{
    unsigned seed = 1;
    hws_time sent = HWS_MS(1), last = 0;
    for (size_t i = 0; i < COUNT; i++) {
        seed = seed * 1103515245 + 12345;
        hws_time more = r->carried / 10 * (seed >> 16 & 1023) / 1024;
        hws_time came = sent + r->carried + more;
        messages[i] = (struct message){sent, came > last ? came : last};
        last = messages[i].came;
        if (r->burst <= 1 || i % r->burst == r->burst - 1)
            sent += r->period * (r->burst ? r->burst : 1);
    }
}

static void tell_message(struct hws_health *h, const struct rules *r,
                         const struct message *m, const hws_time *read_at)
{
    char text[MESSAGE_SIZE + 1];
    hws_time at = REALTIME + m->sent + r->clock;
    int size = snprintf(text, sizeof(text), "{\"t\":%" PRId64 ",\"p\":\"%*s\"}",
                        at, MESSAGE_SIZE - 33, "");
    struct hws_event event = {.kind = HWS_MESSAGE, .at = *read_at};
    event.message.data = (struct hws_span){(const uint8_t *)text, (size_t)size};
    event.message.first = event.message.last = true;
    hws_health_note(h, &event, REALTIME + *read_at);
}

static void know(const struct rules *r, const struct message *m,
                 hws_time read_at, hws_time end)
{
    size_t i = truth.count++;
    hws_time came = r->no_arrival ? read_at : m->came;
    truth.of[HWS_STAGE_NETWORK][i] = came - m->sent;
    truth.of[HWS_STAGE_QUEUE][i] = read_at - m->came;
    truth.of[HWS_STAGE_PROCESSING][i] = end - read_at;
    truth.of[HWS_STAGE_TOTAL][i] = end - m->sent;
}

static hws_time handling(const struct rules *r, size_t index)
{
    bool is_slow = r->slow_one && index % r->slow_one == r->slow_one - 1;
    return is_slow ? r->slow : r->handled;
}

/* Read what has come and handle it, as a connection does. Returns the first
 * message that has not come yet, and moves the clock. */
static size_t turn(struct hws_health *h, const struct rules *r, size_t next,
                   hws_time *clock, hws_time *emptied)
{
    bool waited = messages[next].came > *clock;
    hws_time read_at = (waited ? messages[next].came : *clock) + r->woken;
    size_t end = next;
    while (end < COUNT && messages[end].came <= read_at)
        end++;
    hws_time newest = REALTIME + messages[end - 1].came;
    struct hws_reading reading = {
        .size = (end - next) * (MESSAGE_SIZE + 2),
        .at = read_at,
        .realtime = REALTIME + read_at,
        .arrived = r->no_arrival ? HWS_NEVER : newest,
        .oldest = waited || r->woken ? newest : REALTIME + *emptied,
    };
    hws_health_read(h, &reading);
    *clock = *emptied = read_at;
    for (size_t i = next; i < end; i++) {
        tell_message(h, r, &messages[i], &read_at);
        *clock += handling(r, i);
        know(r, &messages[i], read_at, *clock);
        if (hwi_health_wants_a_look(h))
            hws_health_handled(h, *clock);
    }
    hws_health_handled(h, *clock);
    return end;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void assert_close(int64_t got, int64_t true_lag, const char *what)
{
    int64_t off = got > true_lag ? got - true_lag : true_lag - got;
    int64_t most = true_lag / 20 > HWS_US(100) ? true_lag / 20 : HWS_US(100);
    if (off > most)
        fail_msg("%s is %" PRId64 ", in truth %" PRId64, what, got, true_lag);
}

static int64_t true_percentile(enum hws_stage stage, size_t percent)
{
    qsort(truth.of[stage], COUNT, sizeof(int64_t), by_value);
    return truth.of[stage][COUNT * percent / 100 - 1];
}

static void assert_true_to(const struct hws_stage_lag *lag,
                           enum hws_stage stage)
{
    char what[32];
    assert_int_equal(lag->count, COUNT);
    snprintf(what, sizeof(what), "%s p50", hws_stage_name(stage));
    assert_close(lag->p50, true_percentile(stage, 50), what);
    snprintf(what, sizeof(what), "%s p99", hws_stage_name(stage));
    assert_close(lag->p99, true_percentile(stage, 99), what);
}

static struct hws_snapshot live(const struct rules *r)
{
    struct hws_time_field *field = hws_time_field_new("/t:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    struct hws_snapshot snapshot;
    hws_time clock = 0, emptied = 0;
    truth.count = 0;
    send_all(r);
    for (size_t next = 0; next < COUNT;)
        next = turn(h, r, next, &clock, &emptied);
    hws_health_snapshot(h, clock, &snapshot);
    hws_health_free(h);
    hws_time_field_free(field);
    return snapshot;
}

static void assert_all_true(const struct rules *r)
{
    struct hws_snapshot s = live(r);
    for (int i = 0; i < HWS_STAGES; i++)
        assert_true_to(&s.stages[i], (enum hws_stage)i);
}

TEST(a_fast_client_of_a_slow_network)
{
    assert_all_true(&(struct rules){
        .period = HWS_MS(1), .carried = HWS_MS(80), .handled = HWS_US(20)});
}

TEST(a_dispatcher_that_sleeps)
{
    assert_all_true(&(struct rules){.period = HWS_MS(40),
                                    .carried = HWS_MS(1),
                                    .woken = HWS_MS(30),
                                    .handled = HWS_US(20)});
}

TEST(a_callback_that_is_slow)
{
    assert_all_true(&(struct rules){
        .period = HWS_MS(20), .carried = HWS_MS(2), .handled = HWS_MS(15)});
}

/* The kernel tells when the newest came; the others are taken to have come
 * evenly before, which for one of them is wrong by less than a period. */
TEST(messages_that_come_while_a_callback_is_slow)
{
    struct hws_snapshot s = live(&(struct rules){.period = HWS_MS(10),
                                                 .carried = HWS_MS(1),
                                                 .handled = HWS_US(10),
                                                 .slow_one = 20,
                                                 .slow = HWS_MS(120)});
    assert_close(s.stages[HWS_STAGE_QUEUE].p99,
                 true_percentile(HWS_STAGE_QUEUE, 99), "queue p99");
    assert_in_range(s.stages[HWS_STAGE_QUEUE].p50,
                    true_percentile(HWS_STAGE_QUEUE, 50) - HWS_MS(10),
                    true_percentile(HWS_STAGE_QUEUE, 50) + HWS_MS(10));
    assert_true_to(&s.stages[HWS_STAGE_PROCESSING], HWS_STAGE_PROCESSING);
    assert_true_to(&s.stages[HWS_STAGE_TOTAL], HWS_STAGE_TOTAL);
    assert_in_range(s.stages[HWS_STAGE_NETWORK].p99, HWS_MS(1), HWS_MS(2));
}

TEST(one_slow_callback_in_a_hundred_and_fifty_is_no_p99)
{
    assert_all_true(&(struct rules){.period = HWS_MS(1),
                                    .carried = HWS_MS(1),
                                    .handled = HWS_US(1),
                                    .slow_one = 150,
                                    .slow = HWS_US(700)});
}

TEST(bursts_that_are_handled_in_groups)
{
    assert_all_true(&(struct rules){
        .period = HWS_MS(1), .burst = 100, .handled = HWS_US(1)});
}

/* One in eight of so many is looked at, and stands for the others. */
TEST(bursts_of_which_not_every_message_is_looked_at)
{
    struct rules r = {.period = HWS_MS(1), .burst = 1000, .handled = HWS_US(1)};
    assert_all_true(&r);
    struct hws_snapshot s = live(&r);
    assert_in_range(s.lag_count, COUNT - 7, COUNT);
    assert_int_equal(s.stages[HWS_STAGE_TOTAL].count, COUNT);
    assert_int_equal(s.lag_missing, 0);
}

TEST(a_burst_is_not_spread_over_the_silence_before_it)
{
    struct hws_snapshot s = live(&(struct rules){
        .period = HWS_MS(5), .burst = 200, .handled = HWS_US(1)});
    assert_int_equal(s.stages[HWS_STAGE_QUEUE].max, 0);
}

TEST(without_the_kernels_word_the_network_goes_up_to_the_read)
{
    struct hws_snapshot s = live(&(struct rules){.period = HWS_MS(10),
                                                 .carried = HWS_MS(20),
                                                 .woken = HWS_MS(5),
                                                 .handled = HWS_US(20),
                                                 .no_arrival = true});
    assert_int_equal(s.stages[HWS_STAGE_QUEUE].count, 0);
    assert_true_to(&s.stages[HWS_STAGE_NETWORK], HWS_STAGE_NETWORK);
    assert_true_to(&s.stages[HWS_STAGE_TOTAL], HWS_STAGE_TOTAL);
}

static void pong(struct hws_health *h, hws_time round_trip)
{
    struct hws_event event = {.kind = HWS_PONG, .at = 0};
    event.control.round_trip = round_trip;
    hws_health_note(h, &event, 0);
}

/* One message that took `network` by the two clocks, read at once. */
static void one(struct hws_health *h, hws_time network)
{
    static const hws_time now = HWS_S(1);
    struct rules r = {.clock = -network};
    struct message m = {.sent = now, .came = now};
    hws_health_read(h, &(struct hws_reading){.size = MESSAGE_SIZE,
                                             .at = now,
                                             .realtime = REALTIME + now,
                                             .arrived = REALTIME + now,
                                             .oldest = REALTIME + now});
    tell_message(h, &r, &m, &now);
    hws_health_handled(h, now);
}

static struct hws_snapshot shot(const struct hws_health *h)
{
    struct hws_snapshot s;
    hws_health_snapshot(h, HWS_S(2), &s);
    return s;
}

TEST(a_wrong_clock_is_shown_and_is_no_lag)
{
    struct hws_time_field *field = hws_time_field_new("/t:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    pong(h, HWS_MS(20));
    one(h, -HWS_S(3));
    assert_int_equal(shot(h).clock_offset, HWS_S(3) + HWS_MS(10));
    assert_int_equal(shot(h).stages[HWS_STAGE_NETWORK].last, HWS_MS(10));
    one(h, -HWS_S(3) + HWS_MS(500));
    struct hws_snapshot s = shot(h);
    assert_int_equal(s.stages[HWS_STAGE_NETWORK].last, HWS_MS(510));
    assert_int_equal(s.stages[HWS_STAGE_TOTAL].last, HWS_MS(510));
    assert_int_equal(s.clock_offset, HWS_S(3) + HWS_MS(10));
    hws_health_free(h);
    hws_time_field_free(field);
}

/* Two messages of one read, all of which took `network`, while the loop did not
 * look for 60 ms: when the first of them came is not known. */
static void late_read(struct hws_health *h, hws_time network, hws_time now)
{
    struct rules r = {.clock = -network};
    struct message m = {.sent = now, .came = now};
    hws_health_read(
        h, &(struct hws_reading){.size = (size_t)2 * MESSAGE_SIZE,
                                 .at = now,
                                 .realtime = REALTIME + now,
                                 .arrived = REALTIME + now,
                                 .oldest = REALTIME + now - HWS_MS(60)});
    tell_message(h, &r, &m, &now);
    tell_message(h, &r, &m, &now);
    hws_health_handled(h, now);
}

TEST(a_guess_of_an_arrival_tells_nothing_of_the_clocks)
{
    struct hws_time_field *field = hws_time_field_new("/t:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    pong(h, HWS_MS(1));
    for (int i = 0; i < 100; i++)
        late_read(h, HWS_MS(2), HWS_S(1) + i * HWS_MS(5));
    struct hws_snapshot s = shot(h);
    assert_int_equal(s.clock_offset, HWS_US(500) - HWS_MS(2));
    assert_in_range(s.stages[HWS_STAGE_NETWORK].max, HWS_US(1980),
                    HWS_US(2020));
    assert_in_range(s.stages[HWS_STAGE_TOTAL].max, HWS_US(1980), HWS_US(2020));
    assert_in_range(s.stages[HWS_STAGE_QUEUE].p99, 0, HWS_MS(1));
    hws_health_free(h);
    hws_time_field_free(field);
}

TEST(data_that_is_late_stays_late)
{
    struct hws_time_field *field = hws_time_field_new("/t:ns", NULL);
    struct hws_health *h = hws_health_new(field);
    one(h, HWS_MS(400));
    assert_int_equal(shot(h).clock_offset, HWS_NEVER);
    pong(h, HWS_MS(20));
    struct hws_snapshot s = shot(h);
    assert_int_equal(s.clock_offset, -HWS_MS(390));
    assert_int_equal(s.stages[HWS_STAGE_NETWORK].last, HWS_MS(400));
    hws_health_free(h);
    hws_time_field_free(field);
}

TEST(what_is_not_measured_costs_nothing_and_says_nothing)
{
    struct hws_health *h = hws_health_new(NULL);
    hws_health_measure(h, false);
    one(h, HWS_MS(400));
    assert_null(hws_health_stage(h, HWS_STAGE_PROCESSING));
    assert_int_equal(shot(h).stages[HWS_STAGE_PROCESSING].count, 0);
    assert_int_equal(shot(h).messages_in, 1);
    hws_health_free(h);
}

TEST(without_times_queue_and_processing_are_measured)
{
    struct hws_health *h = hws_health_new(NULL);
    one(h, HWS_MS(400));
    one(h, HWS_MS(400));
    assert_null(hws_health_stage(h, HWS_STAGE_TOTAL));
    assert_int_equal(shot(h).stages[HWS_STAGE_PROCESSING].count, 2);
    assert_int_equal(shot(h).stages[HWS_STAGE_QUEUE].count, 2);
    hws_health_free(h);
}

/* A message in chunks is one message, and chunks of several reads as well. */
TEST(chunks_count_as_their_message)
{
    struct hws_health *h = hws_health_new(NULL);
    struct hws_reading r = {.size = 10, .at = 5, .arrived = HWS_NEVER};
    struct hws_event e = {.kind = HWS_MESSAGE, .at = 5};
    for (int i = 0; i < 3; i++) {
        r.at = e.at = 5 + i;
        e.message.first = i == 0;
        e.message.last = i == 2;
        hws_health_read(h, &r);
        hws_health_note(h, &e, 0);
        hws_health_handled(h, 9);
    }
    assert_int_equal(shot(h).stages[HWS_STAGE_PROCESSING].count, 1);
    assert_int_equal(shot(h).stages[HWS_STAGE_PROCESSING].last, 2);
    hws_health_free(h);
}

static void *no_memory(void *context, size_t size)
{
    (void)context;
    (void)size;
    return NULL;
}

TEST(without_memory_all_else_is_counted)
{
    struct hws_health *h = hws_health_new(NULL);
    struct hws_memory none = {.alloc = no_memory};
    hws_memory_set(&none);
    one(h, 0);
    hws_memory_set(NULL);
    one(h, 0);
    assert_int_equal(shot(h).messages_in, 2);
    assert_int_equal(shot(h).stages[HWS_STAGE_PROCESSING].count, 0);
    hws_health_free(h);
}

TEST(stages_have_names)
{
    assert_string_equal(hws_stage_name(HWS_STAGE_NETWORK), "network");
    assert_string_equal(hws_stage_name(HWS_STAGE_TOTAL), "total");
    assert_string_equal(hws_stage_name(HWS_STAGES), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(a_fast_client_of_a_slow_network),
        RUN(a_dispatcher_that_sleeps),
        RUN(a_callback_that_is_slow),
        RUN(messages_that_come_while_a_callback_is_slow),
        RUN(one_slow_callback_in_a_hundred_and_fifty_is_no_p99),
        RUN(bursts_that_are_handled_in_groups),
        RUN(bursts_of_which_not_every_message_is_looked_at),
        RUN(a_burst_is_not_spread_over_the_silence_before_it),
        RUN(without_the_kernels_word_the_network_goes_up_to_the_read),
        RUN(a_wrong_clock_is_shown_and_is_no_lag),
        RUN(a_guess_of_an_arrival_tells_nothing_of_the_clocks),
        RUN(data_that_is_late_stays_late),
        RUN(what_is_not_measured_costs_nothing_and_says_nothing),
        RUN(without_times_queue_and_processing_are_measured),
        RUN(chunks_count_as_their_message),
        RUN(without_memory_all_else_is_counted),
        RUN(stages_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
