/* Real threads: made for the thread sanitizer as much as for the counts. */
#include "loops.h"

#include <pthread.h>
#include <signal.h>

#define POSTERS 4
#define POSTS 5000

/* A poster counts up; the loop's thread checks that nothing is out of order. */
struct poster {
    struct hws_loop *loop;
    pthread_t thread;
    int heard;
    int *posters_left;
};

static void hear_post(void *context)
{
    struct poster *p = context;
    if (++p->heard == POSTS && --*p->posters_left == 0)
        hws_loop_stop(p->loop);
}

static void *post_all(void *context)
{
    struct poster *p = context;
    for (int i = 0; i < POSTS; i++)
        if (hws_loop_post(p->loop, hear_post, p) != 0)
            return p;
    return NULL;
}

static void quiet(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch;
    (void)ready;
    (void)now;
}

TEST(posts_of_many_threads_all_arrive)
{
    needs_a_thread_beside(*state);
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = quiet};
    struct poster posters[POSTERS];
    int left = POSTERS, ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.loop = loop, .posters_left = &left};
        pthread_create(&posters[i].thread, NULL, post_all, &posters[i]);
    }
    assert_int_equal(hws_loop_run(loop), 0);
    for (int i = 0; i < POSTERS; i++) {
        void *refused = NULL;
        pthread_join(posters[i].thread, &refused);
        assert_null(refused);
        assert_int_equal(posters[i].heard, POSTS);
    }
    /* No wake-up without a call, but for the stop. */
    assert_true(stats_of(loop).turns <= POSTERS * POSTS);
    assert_int_equal(stats_of(loop).idle_turns, 0);
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

static void *stop_it(void *context)
{
    hws_loop_stop(context);
    return NULL;
}

TEST(stop_from_another_thread_ends_the_wait)
{
    needs_a_thread_beside(*state);
    struct hws_loop *loop = loop_on(state);
    struct hws_watch watch = {.ready = quiet};
    int ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &watch, ends[0], READ);
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, stop_it, loop);
        assert_int_equal(hws_loop_run(loop), 0);
        pthread_join(thread, NULL);
    }
    hws_loop_watch(loop, &watch, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
}

/* Two loops on two threads hand a ball to and fro. */
struct player {
    struct hws_loop *loop;
    struct player *other;
    int left;
};

static void play(void *context)
{
    struct player *p = context;
    if (p->left-- > 0)
        hws_loop_post(p->other->loop, play, p->other);
    if (p->left <= 0)
        hws_loop_stop(p->loop);
}

static void *run_player(void *context)
{
    struct player *p = context;
    struct hws_watch keep = {.ready = quiet};
    int ends[2];
    pair_open(ends);
    hws_loop_watch(p->loop, &keep, ends[0], READ);
    int status = hws_loop_run(p->loop);
    hws_loop_watch(p->loop, &keep, ends[0], 0);
    pair_shut(ends);
    return status ? p : NULL;
}

TEST(loops_on_two_threads_post_to_each_other)
{
    needs_a_thread_beside(*state);
    struct player a = {.loop = loop_on(state), .left = 500};
    struct player b = {.loop = loop_on(state), .left = 500, .other = &a};
    a.other = &b;
    pthread_t thread;
    void *failed = NULL;
    hws_loop_post(a.loop, play, &a);
    pthread_create(&thread, NULL, run_player, &b);
    assert_null(run_player(&a));
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_int_equal(a.left, 0);
    assert_int_equal(b.left, 0);
    hws_loop_free(a.loop);
    hws_loop_free(b.loop);
}

/* A loop of its own that ends with the n-th signal it was told. */
struct listener {
    struct hws_signal signal;
    const char *poller;
    int left;
    pthread_t thread;
    int status;
    pthread_barrier_t *ready;
};

static void *raise_until_told(void *context)
{
    pthread_kill(*(pthread_t *)context, SIGUSR1);
    return NULL;
}

static void listener_caught(struct hws_signal *signal, int number, hws_time now)
{
    (void)now;
    struct listener *l = (struct listener *)signal;
    if (--l->left == 0)
        hws_loop_stop(signal->loop);
    else
        pthread_kill(l->thread, number);
}

static void *listen_to_signals(void *context)
{
    struct listener *l = context;
    struct hws_loop *loop = hws_loop_new(l->poller, NULL);
    struct hws_watch keep = {.ready = quiet};
    int ends[2];
    pair_open(ends);
    hws_loop_watch(loop, &keep, ends[0], READ);
    l->status = hws_signal_watch(loop, &l->signal, SIGUSR1);
    pthread_barrier_wait(l->ready);
    if (l->status == 0)
        l->status = hws_loop_run(loop);
    hws_signal_forget(&l->signal);
    hws_loop_watch(loop, &keep, ends[0], 0);
    hws_loop_free(loop);
    pair_shut(ends);
    /* Stay until all are done: each signal is sent to a living thread. */
    pthread_barrier_wait(l->ready);
    return NULL;
}

/* valgrind takes up an interrupted pselect() with a signal mask of its own,
 * which it then calls unaddressable. */
static void needs_pselect_taken_up(const char *poller)
{
    if (is_under_valgrind() && strcmp(poller, "select") == 0)
        skip();
}

TEST(signals_reach_loops_on_several_threads)
{
    needs_a_thread_beside(*state);
    needs_pselect_taken_up(*state);
    struct listener listeners[3];
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, 4);
    /* Between the last forget of one and another's signal the default
     * disposition must not end the test. */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    sigaction(SIGUSR1, &ignore, &old);
    for (int i = 0; i < 3; i++) {
        listeners[i] = (struct listener){.signal.caught = listener_caught,
                                         .poller = *state,
                                         .left = 20,
                                         .ready = &ready};
        pthread_create(&listeners[i].thread, NULL, listen_to_signals,
                       &listeners[i]);
    }
    pthread_barrier_wait(&ready);
    for (int i = 0; i < 3; i++)
        raise_until_told(&listeners[i].thread);
    pthread_barrier_wait(&ready);
    for (int i = 0; i < 3; i++) {
        pthread_join(listeners[i].thread, NULL);
        assert_int_equal(listeners[i].status, 0);
        assert_int_equal(listeners[i].left, 0);
    }
    sigaction(SIGUSR1, &old, NULL);
    pthread_barrier_destroy(&ready);
}

/* What is watched on one thread and run on another, and back again. */
struct moving {
    struct hws_loop *loop;
    struct hws_watch watch, other;
    int ends[2];
    int calls;
};

static void take_and_count(struct hws_watch *watch, unsigned what, hws_time now)
{
    struct moving *m = (void *)((char *)watch - offsetof(struct moving, watch));
    (void)what, (void)now;
    take_byte(watch->fd);
    m->calls++;
}

static void *look_elsewhere(void *context)
{
    struct moving *m = context;
    look(m->loop);
    put_byte(m->ends[1]);
    look(m->loop);
    return NULL;
}

TEST(loop_moves_from_thread_to_thread)
{
    struct moving m = {.loop = loop_on(state),
                       .watch.ready = take_and_count,
                       .other.ready = quiet};
    pthread_t thread;
    pair_open(m.ends);
    hws_loop_watch(m.loop, &m.watch, m.ends[0], READ);
    hws_loop_watch(m.loop, &m.other, m.ends[1], READ);
    look(m.loop);
    for (int calls = 1; calls < 4; calls++) {
        pthread_create(&thread, NULL, look_elsewhere, &m);
        pthread_join(thread, NULL);
        assert_int_equal(m.calls, 2 * calls - 1);
        put_byte(m.ends[1]);
        look(m.loop);
        look(m.loop);
        assert_int_equal(m.calls, 2 * calls);
    }
    /* Armed by a thread that is gone. */
    pthread_create(&thread, NULL, look_elsewhere, &m);
    pthread_join(thread, NULL);
    hws_loop_watch(m.loop, &m.other, m.ends[1], 0);
    hws_loop_watch(m.loop, &m.watch, m.ends[0], 0);
    look(m.loop);
    assert_int_equal(m.calls, 7);
    hws_loop_free(m.loop);
    pair_shut(m.ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(posts_of_many_threads_all_arrive),
        RUN(stop_from_another_thread_ends_the_wait),
        RUN(loops_on_two_threads_post_to_each_other),
        RUN(signals_reach_loops_on_several_threads),
        RUN(loop_moves_from_thread_to_thread),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
