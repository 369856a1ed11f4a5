/* Running and stopping: what keeps a loop going, and what wakes it. */
#include "loops.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

struct trace {
    struct hws_loop *loop;
    char text[32];
    size_t size;
    int status;
};

static void note(struct trace *t, char c)
{
    assert_true(t->size + 1 < sizeof(t->text));
    t->text[t->size++] = c;
}

static void note_a(void *context)
{
    note(context, 'a');
}

static void note_b(void *context)
{
    note(context, 'b');
}

static void quiet(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch;
    (void)ready;
    (void)now;
}

static void due(struct hws_timer *timer, hws_time now)
{
    (void)timer;
    (void)now;
}

static void stop(void *context)
{
    struct trace *t = context;
    hws_loop_stop(t->loop);
}

TEST(run_returns_when_nothing_keeps_it)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch background = {.ready = quiet, .background = true};
    int ends[2];
    pair_open(ends);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(hws_loop_watch(loop, &background, ends[0], READ), 0);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(stats_of(loop).turns, 0);
    hws_loop_watch(loop, &background, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(background_watch_is_called_while_others_keep_the_loop)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch background = {.ready = quiet, .background = true};
    struct hws_timer timer = {.due = due};
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    hws_loop_watch(loop, &background, ends[0], READ);
    hws_loop_timer(loop, &timer, PAST);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(stats_of(loop).ready, 1);
    assert_int_equal(stats_of(loop).due, 1);
    hws_loop_watch(loop, &background, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

static struct hws_loop *hearing;

static void hear_and_forget(struct hws_watch *watch, unsigned ready,
                            hws_time now)
{
    (void)ready;
    (void)now;
    hws_loop_watch(hearing, watch, watch->fd, 0);
}

TEST(run_lasts_as_long_as_something_is_watched)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = hear_and_forget};
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    hws_loop_watch(loop, &watch, ends[0], READ);
    hearing = loop;
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(stats_of(loop).turns, 1);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(posted_calls_run_in_order_and_keep_the_loop)
{
    struct hws_loop *loop = loop_on(state);
    struct trace t = {.loop = loop};
    hws_loop_post(loop, note_a, &t);
    hws_loop_post(loop, note_b, &t);
    hws_loop_post(loop, note_a, &t);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_string_equal(t.text, "aba");
    assert_int_equal(stats_of(loop).turns, 1);
    hws_loop_free(loop);
}

static void note_a_then_post(void *context)
{
    struct trace *t = context;
    note(t, 'a');
    assert_int_equal(hws_loop_post(t->loop, note_b, t), 0);
}

TEST(call_posted_by_a_posted_call_runs_in_the_next_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct trace t = {.loop = loop};
    hws_loop_post(loop, note_a_then_post, &t);
    look(loop);
    assert_string_equal(t.text, "a");
    assert_int_equal(hws_loop_run(loop), 0);
    assert_string_equal(t.text, "ab");
    assert_int_equal(stats_of(loop).turns, 2);
    hws_loop_free(loop);
}

TEST(calls_left_when_the_loop_is_freed_are_dropped)
{
    struct hws_loop *loop = loop_on(state);
    struct trace t = {.loop = loop};
    hws_loop_post(loop, note_a, &t);
    hws_loop_free(loop);
    assert_int_equal(t.size, 0);
}

TEST(stop_ends_the_run_after_the_present_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = quiet};
    struct trace t = {.loop = loop};
    int ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    hws_loop_post(loop, stop, &t);
    hws_loop_post(loop, note_a, &t);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_string_equal(t.text, "a");
    assert_int_equal(stats_of(loop).turns, 1);
    /* Nothing of it is left to wake anybody or to end the next run. */
    look(loop);
    assert_int_equal(stats_of(loop).ready, 1);
    hws_loop_post(loop, note_b, &t);
    hws_loop_post(loop, stop, &t);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_string_equal(t.text, "ab");
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(stop_before_run_is_not_lost)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = quiet};
    int ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    hws_loop_stop(loop);
    assert_int_equal(hws_loop_run(loop), 0);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

static void nest(void *context)
{
    struct trace *t = context;
    t->status = hws_loop_run(t->loop);
    assert_int_equal(hws_loop_run_once(t->loop, PAST), t->status);
}

TEST(run_inside_run_is_refused)
{
    struct hws_loop *loop = loop_on(state);
    struct trace t = {.loop = loop};
    hws_loop_post(loop, nest, &t);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(t.status, HWS_E_STATE);
    hws_loop_free(loop);
}

TEST(run_once_waits_until_its_deadline_and_wakes_once)
{
    struct hws_loop *loop = loop_on(state);
    hws_time deadline = now_ns() + HWS_MS(3);
    assert_int_equal(hws_loop_run_once(loop, deadline), 0);
    assert_true(now_ns() >= deadline);
    assert_int_equal(stats_of(loop).turns, 1);
    assert_int_equal(stats_of(loop).idle_turns, 1);
    hws_loop_free(loop);
}

TEST(run_once_returns_when_something_is_due_before_its_deadline)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_timer timer = {.due = due};
    hws_loop_timer(loop, &timer, now_ns() + HWS_MS(1));
    assert_int_equal(hws_loop_run_once(loop, HWS_NEVER), 0);
    assert_int_equal(stats_of(loop).due, 1);
    hws_loop_free(loop);
}

static volatile sig_atomic_t interrupts;

static void interrupt(int number)
{
    (void)number;
    interrupts++;
}

TEST(run_once_takes_up_a_wait_that_was_interrupted)
{
    struct hws_loop *loop = loop_on(state);
    struct sigaction action = {.sa_handler = interrupt};
    struct itimerval once = {.it_value = {0, 1000}};
    interrupts = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &once, NULL);
    hws_time deadline = now_ns() + HWS_MS(8);
    assert_int_equal(hws_loop_run_once(loop, deadline), 0);
    assert_true(now_ns() >= deadline);
    /* valgrind delivers it only after a wait in io_uring. */
    while (interrupts == 0)
        sched_yield();
    hws_loop_free(loop);
}

TEST(quiet_descriptors_wake_nobody)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watches[20];
    struct hws_timer timer = {.due = due};
    int ends[20][2];
    for (size_t i = 0; i < 20; i++) {
        pair_open(ends[i]);
        watches[i] = (struct hws_watch){.ready = quiet};
        hws_loop_watch(loop, &watches[i], ends[i][0], READ);
    }
    hws_loop_timer(loop, &timer, now_ns() + HWS_MS(10));
    assert_int_equal(hws_loop_run_once(loop, HWS_NEVER), 0);
    assert_int_equal(stats_of(loop).turns, 1);
    assert_int_equal(stats_of(loop).idle_turns, 0);
    for (size_t i = 0; i < 20; i++) {
        hws_loop_watch(loop, &watches[i], ends[i][0], 0);
        pair_shut(ends[i]);
    }
    hws_loop_free(loop);
}

static int use_in_child(struct hws_loop *loop, struct hws_watch *watch)
{
    struct hws_watch other = {.ready = quiet};
    struct trace t = {.loop = loop};
    if (hws_loop_run(loop) != HWS_E_FORK)
        return 1;
    if (hws_loop_run_once(loop, PAST) != HWS_E_FORK)
        return 2;
    if (hws_loop_post(loop, note_a, &t) != HWS_E_FORK)
        return 3;
    if (hws_loop_watch(loop, &other, 0, READ) != HWS_E_FORK)
        return 4;
    hws_loop_stop(loop);
    hws_loop_watch(loop, watch, watch->fd, 0);
    hws_loop_free(loop);
    /* A loop of the child's own works. */
    loop = hws_loop_new(NULL, NULL);
    t.loop = loop;
    if (hws_loop_post(loop, note_a, &t) != 0 || hws_loop_run(loop) != 0)
        return 5;
    hws_loop_free(loop);
    return t.size == 1 ? 0 : 6;
}

TEST(child_may_not_run_it_and_disturbs_no_parent)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = quiet};
    int ends[2], result = -1;
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    pid_t child = fork();
    if (child == 0)
        _exit(use_in_child(loop, &watch));
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);

    look(loop);
    assert_int_equal(stats_of(loop).ready, 0);
    put_byte(ends[1]);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 1);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(unknown_poller_is_a_fault_that_names_it)
{
    (void)state;
    struct hws_fault fault = {0};
    assert_null(hws_loop_new("abacus", &fault));
    assert_int_equal(fault.status, HWS_E_SUPPORT);
    assert_int_equal(fault.phase, HWS_PHASE_LOCAL);
    assert_string_equal(fault.text,
                        "cannot make a loop on 'abacus': no such poller");
    assert_null(hws_loop_new("abacus", NULL));
}

static int commons_freed;

static void free_commons(struct hws_commons *commons)
{
    assert_non_null(commons);
    commons_freed++;
}

TEST(commons_are_freed_once_with_the_loop)
{
    struct hws_loop *loop = loop_on(state);
    commons_freed = 0;
    loop->commons = (struct hws_commons *)(void *)&commons_freed;
    loop->commons_free = free_commons;
    hws_loop_release(loop);
    hws_loop_free(loop);
    assert_int_equal(commons_freed, 1);
    hws_loop_free(NULL);
}

static hws_time noon(struct hws_loop *loop, enum hws_clock clock)
{
    (void)loop;
    return clock == HWS_CLOCK_REALTIME ? HWS_S(12) : 0;
}

TEST(clock_is_the_hosts_or_the_systems)
{
    struct hws_loop *loop = loop_on(state);
    hws_time before = now_ns();
    assert_true(hws_loop_clock(loop, HWS_CLOCK_MONOTONIC) >= before);
    assert_true(hws_clock_now(HWS_CLOCK_BOOTTIME) >= before);
    assert_true(hws_clock_now(HWS_CLOCK_REALTIME) > HWS_S(1700000000));
    hws_loop_free(loop);

    struct hws_loop_ops ops = {.clock = noon};
    struct hws_loop host = {.ops = &ops};
    assert_int_equal(hws_loop_clock(&host, HWS_CLOCK_REALTIME), HWS_S(12));
}

static void pass_3_ms(struct hws_timer *timer, hws_time now)
{
    (void)timer;
    while (now_ns() < now + HWS_MS(3))
        continue;
}

TEST(busy_time_is_what_callbacks_take_not_what_the_wait_takes)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_timer timer = {.due = pass_3_ms};
    hws_time start = now_ns();
    hws_loop_timer(loop, &timer, start + HWS_MS(5));
    assert_int_equal(hws_loop_run(loop), 0);
    hws_time all = now_ns() - start, busy = stats_of(loop).busy;
    assert_true(busy >= HWS_MS(3));
    assert_true(busy <= all - HWS_MS(5));
    hws_loop_free(loop);
}

static bool is_readable(int fd)
{
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    return poll(&pollfd, 1, 0) > 0;
}

TEST(its_descriptor_is_readable_while_a_turn_finds_something)
{
    struct hws_loop *loop = loop_on(state);
    int fd = hws_loop_fd(loop);
    const char *name = hws_loop_poller(loop);
    bool has_one = strcmp(name, "epoll") == 0 || strcmp(name, "kqueue") == 0;
    assert_int_equal(fd >= 0, has_one);
    if (has_one) {
        struct hws_watch watch = {.ready = quiet};
        struct trace t = {.loop = loop};
        int ends[2];
        pair_open(ends);
        hws_loop_watch(loop, &watch, ends[0], READ);
        assert_false(is_readable(fd));
        put_byte(ends[1]);
        assert_true(is_readable(fd));
        take_byte(ends[0]);
        assert_false(is_readable(fd));
        hws_loop_post(loop, note_a, &t);
        assert_true(is_readable(fd));
        hws_loop_run_once(loop, 0);
        assert_false(is_readable(fd));
        assert_string_equal(t.text, "a");
        hws_loop_watch(loop, &watch, ends[0], 0);
        pair_shut(ends);
    }
    hws_loop_free(loop);
}

TEST(its_deadline_is_that_of_its_first_timer)
{
    struct hws_loop *loop = loop_on(state);
    struct hws_timer late = {.due = due};
    struct hws_timer urgent = {.due = due, .urgent = true};
    assert_int_equal(hws_loop_deadline(loop), HWS_NEVER);
    hws_time now = now_ns();
    hws_loop_timer(loop, &late, now + HWS_S(20));
    assert_int_equal(hws_loop_deadline(loop), now + HWS_S(20));
    hws_loop_timer(loop, &urgent, now + HWS_S(10));
    assert_int_equal(hws_loop_deadline(loop), now + HWS_S(10));
    hws_loop_timer(loop, &late, now + HWS_S(5));
    assert_int_equal(hws_loop_deadline(loop), now + HWS_S(5));
    hws_loop_timer(loop, &late, HWS_NEVER);
    hws_loop_timer(loop, &urgent, HWS_NEVER);
    assert_int_equal(hws_loop_deadline(loop), HWS_NEVER);
    hws_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(run_returns_when_nothing_keeps_it),
        RUN(background_watch_is_called_while_others_keep_the_loop),
        RUN(run_lasts_as_long_as_something_is_watched),
        RUN(posted_calls_run_in_order_and_keep_the_loop),
        RUN(call_posted_by_a_posted_call_runs_in_the_next_turn),
        RUN(calls_left_when_the_loop_is_freed_are_dropped),
        RUN(stop_ends_the_run_after_the_present_turn),
        RUN(stop_before_run_is_not_lost),
        RUN(run_inside_run_is_refused),
        RUN(run_once_waits_until_its_deadline_and_wakes_once),
        RUN(run_once_returns_when_something_is_due_before_its_deadline),
        RUN(run_once_takes_up_a_wait_that_was_interrupted),
        RUN(quiet_descriptors_wake_nobody),
        RUN(child_may_not_run_it_and_disturbs_no_parent),
        RUN(unknown_poller_is_a_fault_that_names_it),
        RUN(commons_are_freed_once_with_the_loop),
        RUN(clock_is_the_hosts_or_the_systems),
        RUN(busy_time_is_what_callbacks_take_not_what_the_wait_takes),
        RUN(its_descriptor_is_readable_while_a_turn_finds_something),
        RUN(its_deadline_is_that_of_its_first_timer),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
