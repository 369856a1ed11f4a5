/* Runs that end by themselves, and loops inside callbacks of others. */
#include "kit.h"

/* ---- runs */

SCENARIO(nothing_to_do_ends_a_run_at_once)
{
    k->host->run(k->loop, k->host->user);
}

static void run(struct kit *k)
{
    k->turns++;
    k->turn_at = kit_now();
    kit_waits_for(__FILE__, __LINE__, "the end of a run");
    k->host->run(k->loop, k->host->user);
}

SCENARIO(armed_timer_keeps_a_run_going)
{
    struct kit_bell b;
    kit_bell_init(&b, k);
    kit_bell_after(&b, HWS_MS(3));
    run(k);
    CHECK_EQ(b.calls, 1);
}

SCENARIO(past_deadline_keeps_a_run_going)
{
    struct kit_bell b;
    kit_bell_init(&b, k);
    kit_bell_set(&b, 1);
    run(k);
    CHECK_EQ(b.calls, 1);
}

SCENARIO(disarmed_timer_keeps_no_run_going)
{
    struct kit_bell b;
    kit_bell_init(&b, k);
    kit_bell_after(&b, HWS_S(3600));
    kit_bell_off(&b);
    run(k);
    CHECK_EQ(b.calls, 0);
}

SCENARIO(background_watch_keeps_no_run_going)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.watch.background = true;
    kit_probe_set(&p, ends[0], READ);
    run(k);
    CHECK_EQ(p.calls, 0);
    kit_probe_forget(&p);
    run(k);
    kit_unpair(ends);
}

static void take_and_forget_others(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    for (size_t i = 0; i < p->count; i++)
        kit_probe_forget(&p->others[i]);
}

/* A background watch is served as long as something else keeps the run. */
SCENARIO(background_watch_is_served_meanwhile)
{
    struct kit_probe keeper, p;
    int one[2], two[2];
    kit_pair(one);
    kit_pair(two);
    kit_probe_init(&keeper, k);
    kit_probe_init(&p, k);
    p.watch.background = true;
    p.then = take_and_forget_others;
    p.others = &keeper;
    p.count = 1;
    kit_probe_set(&keeper, one[0], READ);
    kit_probe_set(&p, two[0], READ);
    kit_put(two[1]);
    run(k);
    CHECK_EQ(p.calls, 1);
    kit_probe_forget(&p);
    kit_unpair(one);
    kit_unpair(two);
}

static void change_background(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    kit_probe_set(p, p->watch.fd, READ);
    kit_probe_forget(&p->others[0]);
}

/* Its interest changes to and fro, and it still keeps nothing going. */
SCENARIO(background_watch_that_changes_keeps_no_run_going)
{
    struct kit_probe keeper, p;
    int one[2], two[2];
    kit_pair(one);
    kit_pair(two);
    kit_probe_init(&keeper, k);
    kit_probe_init(&p, k);
    p.watch.background = true;
    p.then = change_background;
    p.others = &keeper;
    kit_probe_set(&keeper, one[0], READ);
    for (int i = 0; i < 5; i++) {
        kit_probe_set(&p, two[0], BOTH);
        kit_probe_set(&p, two[0], READ);
        kit_probe_forget(&p);
    }
    kit_probe_set(&p, two[0], READ);
    kit_put(two[1]);
    run(k);
    CHECK_EQ(p.calls, 1);
    kit_probe_forget(&p);
    kit_unpair(one);
    kit_unpair(two);
}

static void take_and_leave(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    kit_probe_forget(p);
}

SCENARIO(run_ends_when_the_last_watch_leaves)
{
    struct kit_probe p[5];
    int ends[5][2];
    for (size_t i = 0; i < 5; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&p[i], k);
        p[i].then = take_and_leave;
        kit_probe_set(&p[i], ends[i][0], READ);
        kit_put(ends[i][1]);
    }
    run(k);
    for (size_t i = 0; i < 5; i++) {
        CHECK_EQ(p[i].calls, 1);
        kit_unpair(ends[i]);
    }
}

/* ---- a loop inside another one's callback */

static void play_inside(struct kit *outer)
{
    struct kit inner = {.host = outer->host};
    struct kit_probe p;
    struct kit_bell b;
    int ends[2];
    inner.loop = inner.host->open(inner.host->user);
    CHECK(inner.loop != NULL);
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, &inner);
    kit_bell_init(&b, &inner);
    kit_probe_set(&p, ends[0], READ);
    kit_bell_after(&b, HWS_MS(1));
    WAIT_UNTIL(&inner, p.calls > 0 && b.calls == 1);
    kit_probe_forget(&p);
    inner.host->close(inner.loop, inner.host->user);
    kit_unpair(ends);
}

static void play_inside_probe(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    play_inside(p->k);
}

SCENARIO(another_loop_runs_inside_a_watch)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.then = play_inside_probe;
    kit_probe_set(&p, ends[0], READ);
    for (unsigned i = 1; i <= 3; i++) {
        kit_put(ends[1]);
        LOOK_UNTIL(k, p.calls == i);
    }
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void play_inside_bell(struct kit_bell *b)
{
    play_inside(b->k);
}

SCENARIO(another_loop_runs_inside_a_timer)
{
    struct kit_bell b, after;
    kit_bell_init(&b, k);
    kit_bell_init(&after, k);
    b.then = play_inside_bell;
    kit_bell_set(&b, 1);
    kit_bell_after(&after, HWS_MS(2));
    WAIT_UNTIL(k, b.calls + after.calls == 2);
}

SCENARIO(fifty_loops_live_side_by_side)
{
    struct kit loops[50];
    struct kit_bell bells[50];
    for (size_t i = 0; i < 50; i++) {
        loops[i] = (struct kit){.host = k->host};
        loops[i].loop = k->host->open(k->host->user);
        CHECK(loops[i].loop != NULL);
        kit_bell_init(&bells[i], &loops[i]);
        kit_bell_after(&bells[i], HWS_US(100) * (hws_time)i);
    }
    for (size_t i = 0; i < 50; i++)
        WAIT_UNTIL(&loops[i], bells[i].calls == 1);
    for (size_t i = 0; i < 50; i++)
        k->host->close(loops[i].loop, k->host->user);
}

SCENARIO(loops_are_made_and_freed_a_hundred_times)
{
    for (int i = 0; i < 100; i++) {
        struct hws_loop *loop = k->host->open(k->host->user);
        CHECK(loop != NULL);
        k->host->close(loop, k->host->user);
    }
}

extern const struct kit_scenario kit_runs[];
const struct kit_scenario kit_runs[] = {
    LIST_RUN(nothing_to_do_ends_a_run_at_once),
    LIST_RUN(armed_timer_keeps_a_run_going),
    LIST_RUN(past_deadline_keeps_a_run_going),
    LIST_RUN(disarmed_timer_keeps_no_run_going),
    LIST_RUN(background_watch_keeps_no_run_going),
    LIST_RUN(background_watch_is_served_meanwhile),
    LIST_RUN(background_watch_that_changes_keeps_no_run_going),
    LIST_RUN(run_ends_when_the_last_watch_leaves),
    LIST(another_loop_runs_inside_a_watch),
    LIST(another_loop_runs_inside_a_timer),
    LIST(fifty_loops_live_side_by_side),
    LIST(loops_are_made_and_freed_a_hundred_times),
    LIST_END,
};
