/* What is left when memory or descriptors run out: a clear refusal. */
#include "loops.h"
#include "scarce.h"

#include <sys/resource.h>

#define PAIRS 20
#define TIMERS 40

struct scene {
    struct hws_watch watches[PAIRS];
    struct hws_timer timers[TIMERS];
    int ends[PAIRS][2];
    int called;
};

static struct scene scene;

static void ready(struct hws_watch *watch, unsigned what, hws_time now)
{
    (void)watch;
    (void)what;
    (void)now;
    scene.called++;
}

static void due(struct hws_timer *timer, hws_time now)
{
    (void)timer;
    (void)now;
    scene.called++;
}

static void called(void *context)
{
    (void)context;
    scene.called++;
}

static int fill(struct hws_loop *loop)
{
    int status = 0;
    for (size_t i = 0; i < PAIRS && status == 0; i++)
        status =
            hws_loop_watch(loop, &scene.watches[i], scene.ends[i][0], HWS_READ);
    for (size_t i = 0; i < TIMERS && status == 0; i++)
        status = hws_loop_timer(loop, &scene.timers[i], PAST);
    if (status == 0)
        status = hws_loop_post(loop, called, NULL);
    return status;
}

static void empty(struct hws_loop *loop)
{
    for (size_t i = 0; i < PAIRS; i++)
        hws_loop_watch(loop, &scene.watches[i], scene.ends[i][0], 0);
    for (size_t i = 0; i < TIMERS; i++)
        hws_loop_timer(loop, &scene.timers[i], HWS_NEVER);
}

/* The whole life of a loop. The first refusal ends it; 0 if there was none. */
static int live(const char *poller)
{
    struct hws_fault fault = {0};
    memset(scene.watches, 0, sizeof(scene.watches));
    memset(scene.timers, 0, sizeof(scene.timers));
    scene.called = 0;
    for (size_t i = 0; i < PAIRS; i++)
        scene.watches[i].ready = ready;
    for (size_t i = 0; i < TIMERS; i++)
        scene.timers[i].due = due;

    struct hws_loop *loop = hws_loop_new(poller, &fault);
    if (!loop) {
        assert_true(strlen(fault.text) > 0);
        return fault.status;
    }
    int status = fill(loop);
    look(loop);
    empty(loop);
    hws_loop_free(loop);
    return status;
}

TEST(nth_allocation_fails_and_is_reported)
{
    struct scarce scarce = {0};
    struct hws_memory memory = scarce_memory(&scarce);
    for (size_t i = 0; i < PAIRS; i++) {
        pair_open(scene.ends[i]);
        put_byte(scene.ends[i][1]);
    }
    hws_memory_set(&memory);
    int status = HWS_E_MEMORY;
    long n = 0;
    for (; status && n < 1000; n++) {
        scarce.left = n;
        status = live(*state);
        assert_int_equal(status, scarce.left < 0 ? HWS_E_MEMORY : 0);
        assert_int_equal(scarce.held, 0);
    }
    hws_memory_set(NULL);
    assert_int_equal(scene.called, PAIRS + TIMERS + 1);
    assert_true(n > TIMERS); /* a node for every timer, at least */
    for (size_t i = 0; i < PAIRS; i++)
        pair_shut(scene.ends[i]);
}

static struct hws_loop *turning;

static void arm_again(struct hws_timer *timer, hws_time now)
{
    assert_int_equal(hws_loop_timer(turning, timer, now), 0);
}

static void toggle(struct hws_watch *watch, unsigned what, hws_time now)
{
    (void)now;
    unsigned next = what == HWS_WRITE ? HWS_READ | HWS_WRITE : HWS_WRITE;
    assert_int_equal(hws_loop_watch(turning, watch, watch->fd, next), 0);
    assert_int_equal(hws_loop_post(turning, called, NULL), 0);
}

TEST(turns_allocate_nothing)
{
    struct scarce scarce = {.left = 1000};
    struct hws_memory memory = scarce_memory(&scarce);
    struct hws_watch watch = {.ready = toggle};
    struct hws_timer timer = {.due = arm_again};
    int ends[2];
    pair_open(ends);
    hws_memory_set(&memory);
    struct hws_loop *loop = turning = loop_on(state);
    hws_loop_watch(loop, &watch, ends[0], HWS_WRITE);
    hws_loop_timer(loop, &timer, PAST);
    for (int i = 0; i < 4; i++)
        look(loop);
    scarce.left = 0;
    for (int i = 0; i < 100; i++)
        look(loop);
    assert_int_equal(scarce.left, 0);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_timer(loop, &timer, HWS_NEVER);
    hws_loop_free(loop);
    assert_int_equal(scarce.held, 0);
    hws_memory_set(NULL);
    pair_shut(ends);
}

static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

TEST(loop_without_descriptors_is_a_fault)
{
    struct rlimit limit;
    struct hws_fault fault = {0};
    int before = lowest_free();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit scarce = limit;
    struct hws_loop *loop = NULL;
    for (int more = 0; !loop && more < 4; more++) {
        scarce.rlim_cur = (rlim_t)(before + more);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &scarce), 0);
        loop = hws_loop_new(*state, &fault);
        if (loop)
            break;
        assert_int_equal(fault.status, HWS_E_SYSTEM);
        assert_int_equal(fault.os_error, EMFILE);
        assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
        assert_true(strlen(fault.text) > 0);
    }
    assert_true(scarce.rlim_cur > (rlim_t)before);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_non_null(loop);
    hws_loop_free(loop);
    assert_int_equal(lowest_free(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(nth_allocation_fails_and_is_reported),
        RUN(turns_allocate_nothing),
        RUN(loop_without_descriptors_is_a_fault),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
