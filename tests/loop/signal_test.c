/* Signals told in turn, to everyone who wants them and nobody else. */
#include "loops.h"

#include <signal.h>
#include <sys/wait.h>

struct ear {
    struct hws_signal signal;
    int calls;
    void (*then)(struct ear *ear);
    struct ear *other;
};

static void ear_caught(struct hws_signal *signal, int number, hws_time now)
{
    struct ear *e = (struct ear *)signal;
    assert_int_equal(number, signal->number);
    assert_true(now > 0);
    e->calls++;
    if (e->then)
        e->then(e);
}

static struct ear ear(void)
{
    return (struct ear){.signal.caught = ear_caught};
}

static void hear(struct hws_loop *loop, struct ear *e, int number)
{
    assert_int_equal(hws_signal_watch(loop, &e->signal, number), 0);
}

TEST(signal_is_told_in_turn_not_in_the_handler)
{
    struct hws_loop *loop = loop_on(state);
    struct ear e = ear();
    hear(loop, &e, SIGUSR1);
    raise(SIGUSR1);
    assert_int_equal(e.calls, 0);
    look(loop);
    look(loop);
    assert_int_equal(e.calls, 1);
    raise(SIGUSR1);
    look(loop);
    assert_int_equal(e.calls, 2);
    hws_signal_forget(&e.signal);
    hws_signal_forget(&e.signal);
    hws_loop_free(loop);
}

TEST(every_signal_of_a_number_on_every_loop_is_told)
{
    struct hws_loop *loop = loop_on(state), *second = loop_on(state);
    struct ear a = ear(), b = ear(), c = ear(), other = ear();
    hear(loop, &a, SIGUSR1);
    hear(loop, &b, SIGUSR1);
    hear(loop, &other, SIGUSR2);
    hear(second, &c, SIGUSR1);
    raise(SIGUSR1);
    look(loop);
    look(second);
    assert_int_equal(a.calls, 1);
    assert_int_equal(b.calls, 1);
    assert_int_equal(c.calls, 1);
    assert_int_equal(other.calls, 0);

    /* What one loop forgets, the other still hears. */
    hws_signal_forget(&a.signal);
    hws_signal_forget(&b.signal);
    raise(SIGUSR1);
    look(loop);
    look(second);
    assert_int_equal(a.calls + b.calls + other.calls, 2);
    assert_int_equal(c.calls, 2);
    hws_signal_forget(&other.signal);
    hws_signal_forget(&c.signal);
    hws_loop_free(loop);
    hws_loop_free(second);
}

TEST(signal_wakes_no_loop_that_did_not_ask_for_it)
{
    struct hws_loop *loop = loop_on(state), *second = loop_on(state);
    struct ear a = ear(), b = ear();
    hear(loop, &a, SIGUSR1);
    hear(second, &b, SIGUSR2);
    raise(SIGUSR1);
    look(loop);
    look(second);
    assert_int_equal(a.calls, 1);
    assert_int_equal(stats_of(second).ready, 0);
    hws_signal_forget(&a.signal);
    hws_signal_forget(&b.signal);
    hws_loop_free(loop);
    hws_loop_free(second);
}

static volatile sig_atomic_t before_us;

static void handle_before_us(int number)
{
    (void)number;
    before_us++;
}

TEST(previous_disposition_returns_with_the_last_forget)
{
    struct hws_loop *loop = loop_on(state);
    struct ear a = ear(), b = ear();
    struct sigaction action = {.sa_handler = handle_before_us}, old;
    before_us = 0;
    sigaction(SIGUSR1, &action, &old);
    hear(loop, &a, SIGUSR1);
    hear(loop, &b, SIGUSR1);
    hws_signal_forget(&a.signal);
    raise(SIGUSR1);
    assert_int_equal(before_us, 0);
    hws_signal_forget(&b.signal);
    raise(SIGUSR1);
    assert_int_equal(before_us, 1);
    look(loop);
    assert_int_equal(a.calls + b.calls, 0);
    sigaction(SIGUSR1, &old, NULL);
    hws_loop_free(loop);
}

static void forget_both_and_free(struct ear *e)
{
    hws_signal_forget(&e->other->signal);
    free(e->other);
    hws_signal_forget(&e->signal);
    free(e);
}

TEST(signal_freed_by_another_is_not_told)
{
    struct hws_loop *loop = loop_on(state);
    struct ear *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
    *a = *b = ear();
    a->then = b->then = forget_both_and_free;
    a->other = b;
    b->other = a;
    hear(loop, a, SIGUSR1);
    hear(loop, b, SIGUSR1);
    raise(SIGUSR1);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 1);
    hws_loop_free(loop);
}

static void hear_again(struct ear *e)
{
    struct hws_loop *loop = e->signal.loop;
    hws_signal_forget(&e->signal);
    hear(loop, e, SIGUSR1);
}

TEST(signal_may_be_forgotten_and_watched_again_when_told)
{
    struct hws_loop *loop = loop_on(state);
    struct ear e = ear();
    e.then = hear_again;
    hear(loop, &e, SIGUSR1);
    for (int turn = 1; turn <= 3; turn++) {
        raise(SIGUSR1);
        look(loop);
        assert_int_equal(e.calls, turn);
    }
    hws_signal_forget(&e.signal);
    hws_loop_free(loop);
}

TEST(number_that_cannot_be_caught_is_refused)
{
    struct hws_loop *loop = loop_on(state);
    struct ear e = ear();
    const int numbers[] = {0, -1, 65, SIGKILL, SIGSTOP};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(hws_signal_watch(loop, &e.signal, numbers[i]),
                         HWS_E_ARGUMENT);
    hear(loop, &e, SIGUSR1);
    assert_int_equal(hws_signal_watch(loop, &e.signal, SIGUSR2), HWS_E_STATE);
    hws_signal_forget(&e.signal);
    hws_loop_free(loop);
}

static void stop_loop(struct ear *e)
{
    hws_loop_stop(e->signal.loop);
}

static void quiet(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch;
    (void)ready;
    (void)now;
}

TEST(signal_keeps_no_loop_and_may_stop_one)
{
    struct hws_loop *loop = loop_on(state);
    struct ear e = ear();
    struct hws_watch watch = {.ready = quiet};
    int ends[2];
    pair_open(ends);
    e.then = stop_loop;
    hear(loop, &e, SIGINT);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(stats_of(loop).turns, 0);

    hws_loop_watch(loop, &watch, ends[0], READ);
    raise(SIGINT);
    assert_int_equal(hws_loop_run(loop), 0);
    assert_int_equal(e.calls, 1);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_signal_forget(&e.signal);
    hws_loop_free(loop);
    pair_shut(ends);
}

static int use_in_child(struct hws_loop *loop, struct ear *e)
{
    struct ear mine = ear();
    raise(SIGUSR1); /* must not wake the parent */
    if (hws_signal_watch(loop, &mine.signal, SIGUSR2) != HWS_E_FORK)
        return 1;
    hws_signal_forget(&e->signal);
    loop = hws_loop_new(NULL, NULL);
    if (hws_signal_watch(loop, &mine.signal, SIGUSR1) != 0)
        return 2;
    raise(SIGUSR1);
    hws_loop_run_once(loop, PAST);
    hws_signal_forget(&mine.signal);
    hws_loop_free(loop);
    return mine.calls == 1 ? 0 : 3;
}

TEST(signal_in_a_child_stays_in_the_child)
{
    struct hws_loop *loop = loop_on(state);
    struct ear e = ear();
    int result = -1;
    hear(loop, &e, SIGUSR1);
    pid_t child = fork();
    if (child == 0)
        _exit(use_in_child(loop, &e));
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 0);
    raise(SIGUSR1);
    look(loop);
    assert_int_equal(e.calls, 1);
    hws_signal_forget(&e.signal);
    hws_loop_free(loop);
}

TEST(what_one_loop_lets_go_the_next_takes_up)
{
    int lowest = dup(0);
    close(lowest);
    for (int i = 0; i < 50; i++) {
        struct hws_loop *loop = loop_on(state);
        struct ear e = ear();
        hear(loop, &e, SIGUSR1);
        raise(SIGUSR1);
        look(loop);
        assert_int_equal(e.calls, 1);
        hws_signal_forget(&e.signal);
        hws_loop_free(loop);
    }
    int after = dup(0);
    close(after);
    /* At most one wake (two ends of a pipe) was kept. */
    assert_true(after <= lowest + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(signal_is_told_in_turn_not_in_the_handler),
        RUN(every_signal_of_a_number_on_every_loop_is_told),
        RUN(signal_wakes_no_loop_that_did_not_ask_for_it),
        RUN(previous_disposition_returns_with_the_last_forget),
        RUN(signal_freed_by_another_is_not_told),
        RUN(signal_may_be_forgotten_and_watched_again_when_told),
        RUN(number_that_cannot_be_caught_is_refused),
        RUN(signal_keeps_no_loop_and_may_stop_one),
        RUN(signal_in_a_child_stays_in_the_child),
        RUN(what_one_loop_lets_go_the_next_takes_up),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
