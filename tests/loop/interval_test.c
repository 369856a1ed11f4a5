#include "stage.h"

#define PERIOD HWS_MS(2)

struct metronome {
    struct hws_interval interval;
    struct stage *stage;
    hws_time first;
    int ticks;
    uint64_t missed;
    void (*then)(struct metronome *m);
};

static void on_tick(struct hws_interval *interval, uint64_t missed,
                    hws_time now)
{
    struct metronome *m = (struct metronome *)(void *)interval;
    /* Each call comes after its deadline, and the next one is on the grid. */
    assert_true(now >= m->first + (m->ticks + (hws_time)m->missed) * PERIOD);
    assert_true(interval->period == 0 || interval->deadline > now);
    m->ticks++;
    m->missed += missed;
    if (m->then)
        m->then(m);
}

static void start(struct metronome *m, struct stage *stage)
{
    *m = (struct metronome){.interval.tick = on_tick, .stage = stage};
    m->first = stage_now(stage) + HWS_MS(1);
    assert_int_equal(
        hws_interval_start(stage->loop, &m->interval, m->first, PERIOD), 0);
}

TEST(interval_ticks_at_first_and_then_every_period)
{
    struct stage stage;
    struct metronome m;
    stage_open(&stage, state);
    start(&m, &stage);
    stage_wait(&stage, m.first + 3 * PERIOD);
    stage_turn(&stage);
    int ticks = m.ticks;
    assert_true(ticks + (int)m.missed >= 4);
    if (stage.is_virtual)
        assert_int_equal(ticks, 4);
    hws_interval_stop(&m.interval);
    hws_interval_stop(&m.interval);
    stage_wait(&stage, stage_now(&stage) + 2 * PERIOD);
    assert_int_equal(m.ticks, ticks);
    stage_shut(&stage);
}

TEST(late_tick_tells_what_it_missed_and_keeps_the_beat)
{
    struct stage stage;
    struct metronome m;
    stage_open(&stage, state);
    start(&m, &stage);
    stage_work(&stage, 3 * PERIOD + HWS_MS(2));
    stage_turn(&stage);
    assert_int_equal(m.ticks, 1);
    assert_true(m.missed >= 3);
    if (stage.is_virtual)
        assert_int_equal(m.missed, 3);
    assert_int_equal((m.interval.deadline - m.first) % PERIOD, 0);
    stage_turn(&stage);
    hws_interval_stop(&m.interval);
    stage_shut(&stage);
}

TEST(exactly_one_period_late_is_one_tick_missed)
{
    struct stage stage;
    struct metronome m;
    stage_open(&stage, state);
    start(&m, &stage);
    if (stage.is_virtual) {
        stage_work(&stage, HWS_MS(1) + PERIOD);
        stage_turn(&stage);
        assert_int_equal(m.missed, 1);
        assert_true(m.interval.deadline == m.first + 2 * PERIOD);
    }
    hws_interval_stop(&m.interval);
    stage_shut(&stage);
}

static void stop_and_free(struct metronome *m)
{
    hws_interval_stop(&m->interval);
    free(m);
}

TEST(interval_stops_and_frees_itself_when_it_ticks)
{
    struct stage stage;
    stage_open(&stage, state);
    struct metronome *m = malloc(sizeof(*m));
    start(m, &stage);
    m->then = stop_and_free;
    stage_wait(&stage, stage_now(&stage) + 3 * PERIOD);
    stage_shut(&stage);
}

static void restart(struct metronome *m)
{
    m->then = NULL;
    m->ticks = 0;
    m->missed = 0;
    m->first = stage_now(m->stage) + PERIOD;
    assert_int_equal(
        hws_interval_start(m->stage->loop, &m->interval, m->first, PERIOD), 0);
}

TEST(interval_starts_anew_when_it_ticks)
{
    struct stage stage;
    struct metronome m;
    stage_open(&stage, state);
    start(&m, &stage);
    m.then = restart;
    while (m.then)
        stage_wait(&stage, stage_now(&stage) + HWS_MS(1));
    stage_wait(&stage, m.first + PERIOD);
    stage_turn(&stage);
    assert_true(m.ticks + (int)m.missed >= 2);
    if (stage.is_virtual)
        assert_int_equal(m.ticks, 2);
    hws_interval_stop(&m.interval);
    stage_shut(&stage);
}

TEST(interval_without_a_period_or_a_first_tick_is_refused)
{
    struct stage stage;
    struct hws_interval i = {.tick = on_tick};
    stage_open(&stage, state);
    assert_int_equal(hws_interval_start(stage.loop, &i, PAST, 0),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_interval_start(stage.loop, &i, PAST, -1),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_interval_start(stage.loop, &i, HWS_NEVER, PERIOD),
                     HWS_E_ARGUMENT);
    assert_int_equal(i.period, 0);
    stage_shut(&stage);
}

static void count_tick(struct hws_interval *interval, uint64_t missed,
                       hws_time now)
{
    (void)missed, (void)now;
    interval->loop = NULL;
}

TEST(period_beyond_the_end_of_time_ticks_once)
{
    struct stage stage;
    struct hws_interval i = {.tick = count_tick};
    stage_open(&stage, state);
    assert_int_equal(hws_interval_start(stage.loop, &i, PAST, HWS_NEVER - 2),
                     0);
    stage_turn(&stage);
    assert_null(i.loop);
    assert_true(i.deadline == HWS_NEVER - 1);
    i.loop = stage.loop;
    hws_interval_stop(&i);
    stage_shut(&stage);
}

TEST(tick_of_a_host_without_memory_is_the_last)
{
    struct stage stage;
    struct metronome m;
    stage_open(&stage, state);
    if (!stage.is_virtual) {
        stage_shut(&stage);
        return;
    }
    start(&m, &stage);
    stage.world.timer_failures = 1;
    stage_wait(&stage, m.first + 3 * PERIOD);
    assert_int_equal(m.ticks, 1);
    assert_int_equal(m.interval.period, 0);
    stage.world.timer_failures = 1;
    assert_int_equal(hws_interval_start(stage.loop, &m.interval, PAST, PERIOD),
                     HWS_E_MEMORY);
    assert_int_equal(m.interval.period, 0);
    stage_shut(&stage);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        RUN(interval_ticks_at_first_and_then_every_period),
        RUN(late_tick_tells_what_it_missed_and_keeps_the_beat),
        RUN(exactly_one_period_late_is_one_tick_missed),
        RUN(interval_stops_and_frees_itself_when_it_ticks),
        RUN(interval_starts_anew_when_it_ticks),
        RUN(interval_without_a_period_or_a_first_tick_is_refused),
        RUN(period_beyond_the_end_of_time_ticks_once),
        RUN(tick_of_a_host_without_memory_is_the_last),
    };
    return RUN_ON_EVERY_STAGE(tests);
}
