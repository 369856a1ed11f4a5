/*
 * The probe on our own dispatcher, on every poller: beside other load, in the
 * middle of things, and asked for what it cannot do.
 */
#include "loop/loops.h"
#include "support/world.h"

#include <time.h>

#define DURATION HWS_MS(200)
#define PATIENCE HWS_MS(100)

static struct hws_probe_options brief(void)
{
    struct hws_probe_options options;
    hws_probe_options_init(&options);
    options.duration = DURATION;
    options.patience = PATIENCE;
    return options;
}

static struct hws_probe *plant(struct hws_loop *loop,
                               const struct hws_probe_options *options)
{
    struct hws_fault fault = {0};
    struct hws_probe *probe = hws_loop_probe(loop, options, &fault);
    if (!probe)
        fail_msg("%s", fault.text);
    return probe;
}

static void assert_no_fault(const struct hws_probe_figures *f)
{
    char text[256];
    unsigned found = hws_probe_judge(f);
    hws_probe_words(f, found, text, sizeof(text));
    if (found & HWS_PROBE_FAULTS)
        fail_msg("%s", text);
    print_message("    %s\n", text);
}

TEST(own_dispatcher_has_no_fault)
{
    needs_a_thread_beside(*state);
    struct hws_loop *loop = loop_on(state);
    struct hws_probe_options options = brief();
    struct hws_probe_figures f;
    options.alone = true;
    options.post = hws_loop_post;
    struct hws_probe *probe = plant(loop, &options);
    assert_int_equal(hws_loop_run(loop), 0);
    hws_probe_read(probe, &f);
    assert_no_fault(&f);
    assert_true(f.finished);
    assert_string_equal(f.loop, "hawser");
    assert_true(f.delay.count > 0 && f.post.count > 0 && f.late.count > 0);
    assert_int_equal(f.delay.count,
                     hws_histogram_count(hws_probe_delays(probe)));
    assert_int_equal(f.empty_calls, 0);
    assert_true(f.turns >= 8 && f.turn_slept.count == f.turns);
    assert_true(f.load_calls > 0 && f.load_turns > 0);
    /* All pipes in one turn, whatever the poller. */
    assert_float_equal(f.per_turn, f.pipes, 0.001);
    hws_probe_free(probe);
    hws_loop_free(loop);
}

/* ---- beside other load */

struct load {
    struct hws_loop *loop;
    struct hws_timer timer;
    struct hws_watch watch;
    hws_time burn; /* of processor, in each call */
    int calls;
    bool is_over;
};

static void load_end(struct hws_probe *probe, void *user)
{
    struct load *l = user;
    (void)probe;
    l->is_over = true;
}

static void burn(struct hws_timer *timer, hws_time now)
{
    struct load *l = (void *)((char *)timer - offsetof(struct load, timer));
    struct timespec t;
    hws_time begun = -1, used;
    do {
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        used = HWS_S(t.tv_sec) + t.tv_nsec;
        if (begun < 0)
            begun = used;
    } while (used - begun < l->burn);
    l->calls++;
    if (!l->is_over)
        hws_loop_timer(l->loop, &l->timer, now);
}

TEST(load_whose_callbacks_take_long_is_told_from_a_bad_dispatcher)
{
    struct hws_loop *loop = loop_on(state);
    struct load load = {
        .loop = loop, .timer = {.due = burn}, .burn = HWS_MS(4)};
    struct hws_probe_options options = brief();
    struct hws_probe_figures f;
    options.done = load_end;
    options.user = &load;
    struct hws_probe *probe = plant(loop, &options);
    hws_loop_timer(loop, &load.timer, PAST);
    assert_int_equal(hws_loop_run(loop), 0);
    hws_probe_read(probe, &f);
    assert_no_fault(&f);
    assert_true(hws_probe_judge(&f) & (HWS_PROBE_BUSY | HWS_PROBE_CROWDED));
    assert_true(load.calls > 10);
    hws_probe_free(probe);
    hws_loop_free(loop);
}

static void never(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch;
    (void)ready;
    (void)now;
    fail();
}

TEST(probe_leaves_what_is_there_alone)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = never, .background = true};
    struct hws_probe_options options = brief();
    int ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    struct hws_probe *probe = plant(loop, &options);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(watch.interest, READ);
    hws_probe_free(probe);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

/* ---- in the middle of things */

static void free_probe(struct hws_probe *probe, void *user)
{
    bool *freed = user;
    hws_probe_free(probe);
    *freed = true;
}

TEST(probe_may_be_freed_when_it_is_done)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_probe_options options = brief();
    bool freed = false;
    options.done = free_probe;
    options.user = &freed;
    plant(loop, &options);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_true(freed);
    hws_loop_free(loop);
}

struct cutter {
    struct hws_timer timer;
    struct hws_probe *probe;
    struct hws_probe_figures figures;
};

static void cut(struct hws_timer *timer, hws_time now)
{
    struct cutter *c = (void *)((char *)timer - offsetof(struct cutter, timer));
    (void)now;
    hws_probe_read(c->probe, &c->figures);
    hws_probe_free(c->probe);
}

/* At every stage; nothing keeps the loop running afterwards. */
TEST(probe_may_be_freed_at_any_time)
{
    struct hws_probe_options options = brief();
    options.post = hws_loop_post;
    for (int i = 0; i < 10; i++) {
        struct hws_loop *loop = loop_on(state);
        struct cutter cutter = {.timer = {.due = cut}};
        cutter.probe = plant(loop, &options);
        hws_loop_timer(loop, &cutter.timer, now_ns() + i * HWS_MS(19));
        assert_int_equal(hws_loop_run(loop), 0);
        assert_false(cutter.figures.finished);
        assert_true(hws_probe_judge(&cutter.figures) & HWS_PROBE_UNSURE);
        hws_loop_free(loop);
    }
}

TEST(probe_that_never_ran_can_be_freed)
{
    struct hws_loop *loop = loop_on(state);
    hws_probe_free(plant(loop, NULL));
    hws_probe_free(NULL);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(stats_of(loop).turns, 0);
    hws_loop_free(loop);
}

/* ---- asked for too much */

static void assert_refused(struct hws_loop *loop,
                           const struct hws_probe_options *options,
                           enum hws_status status, const char *word)
{
    struct hws_fault fault = {0};
    assert_null(hws_loop_probe(loop, options, &fault));
    assert_int_equal(fault.status, status);
    assert_non_null(strstr(fault.text, word));
}

TEST(option_out_of_range_is_named)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_probe_options options = brief();
    options.duration = HWS_MS(99);
    assert_refused(loop, &options, HWS_E_ARGUMENT, "duration");
    options = brief();
    options.patience = HWS_S(61);
    assert_refused(loop, &options, HWS_E_ARGUMENT, "patience");
    options = brief();
    options.pipes = 0;
    assert_refused(loop, &options, HWS_E_ARGUMENT, "pipes");
    options.pipes = 10001;
    assert_refused(loop, &options, HWS_E_ARGUMENT, "pipes");
    hws_loop_free(loop);
}

TEST(loop_with_a_clock_of_its_own_is_refused)
{
    struct hws_probe_options options = brief();
    struct world world;
    (void)state;
    world_init(&world, 1);
    assert_refused(&world.loop, &options, HWS_E_SUPPORT, "clock");
    world_release(&world);
}

TEST(descriptor_that_the_loop_cannot_hold_is_named)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_probe_options options = brief();
    options.pipes = 600;
    if (strcmp(*state, "select") == 0) {
        assert_refused(loop, &options, HWS_E_SUPPORT, "pipe ");
        assert_int_equal(hws_loop_run(loop), 0);
    }
    hws_loop_free(loop);
}

/* The n-th allocation fails, for every n: then there is no probe, and nothing
 * of it on the loop. */
static void *alloc_some(void *context, size_t size)
{
    int *left = context;
    return (*left)-- > 0 ? malloc(size) : NULL;
}

static void *resize_some(void *context, void *old, size_t size)
{
    int *left = context;
    return (*left)-- > 0 ? realloc(old, size) : NULL;
}

static void release_all(void *context, void *old)
{
    (void)context;
    free(old);
}

TEST(probe_without_memory_is_none)
{
    int left = 0, failures = 0;
    struct hws_memory some = {alloc_some, resize_some, release_all, &left};
    struct hws_probe_options options = brief();
    struct hws_fault fault = {0};
    struct hws_probe *probe = NULL;
    struct hws_loop *loop = loop_on(state);
    options.post = hws_loop_post;
    hws_memory_set(&some);
    for (int n = 0; !probe && n < 100; n++) {
        left = n;
        probe = hws_loop_probe(loop, &options, &fault);
        if (!probe) {
            assert_int_equal(fault.status, HWS_E_MEMORY);
            failures++;
        }
    }
    left = 1000;
    assert_non_null(probe);
    assert_true(failures > 10);
    hws_probe_free(probe);
    hws_memory_set(NULL);
    hws_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(own_dispatcher_has_no_fault),
        RUN(load_whose_callbacks_take_long_is_told_from_a_bad_dispatcher),
        RUN(probe_leaves_what_is_there_alone),
        RUN(probe_may_be_freed_when_it_is_done),
        RUN(probe_may_be_freed_at_any_time),
        RUN(probe_that_never_ran_can_be_freed),
        RUN(option_out_of_range_is_named),
        RUN(loop_with_a_clock_of_its_own_is_refused),
        RUN(descriptor_that_the_loop_cannot_hold_is_named),
        RUN(probe_without_memory_is_none),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
