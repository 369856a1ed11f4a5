/* Readiness, and above all who is not called. */
#include "probe.h"

#include <sys/resource.h>

TEST(readable_is_reported_until_it_is_read)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    set(&p, ends[0], READ);
    look(loop);
    assert_int_equal(p.calls, 0);
    put_byte(ends[1]);
    look(loop);
    look(loop);
    assert_int_equal(p.calls, 2);
    assert_int_equal(p.ready, READ);
    take_byte(ends[0]);
    look(loop);
    assert_int_equal(p.calls, 2);
    assert_int_equal(stats_of(loop).idle_turns, 2);
    assert_int_equal(stats_of(loop).ready, 2);
    forget(&p);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(interest_decides_what_is_reported)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    const unsigned interests[] = {READ, WRITE, READ | WRITE, WRITE, READ};
    for (size_t i = 0; i < 5; i++) {
        p.ready = 0;
        set(&p, ends[0], interests[i]);
        assert_int_equal(p.watch.interest, interests[i]);
        look(loop);
        assert_int_equal(p.ready, interests[i]);
    }
    forget(&p);
    assert_int_equal(p.watch.interest, 0);
    look(loop);
    assert_int_equal(p.calls, 5);
    set(&p, ends[0], READ);
    look(loop);
    assert_int_equal(p.calls, 6);
    forget(&p);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(hang_up_is_all_of_the_interest)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    close(ends[1]);
    for (unsigned interest = 1; interest <= 3; interest++) {
        p.ready = 0;
        set(&p, ends[0], interest);
        look(loop);
        assert_int_equal(p.ready, interest);
    }
    forget(&p);
    hws_loop_free(loop);
    close(ends[0]);
}

TEST(error_is_all_of_the_interest_even_of_what_cannot_come)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    for (unsigned interest = 1; interest <= 3; interest++) {
        p.ready = 0;
        set(&p, ends[1], interest);
        look(loop);
        assert_int_equal(p.ready, interest);
    }
    forget(&p);
    hws_loop_free(loop);
    close(ends[1]);
}

static void forget_and_free(struct probe *p)
{
    forget(p);
    free(p);
}

TEST(watch_forgets_and_frees_itself_when_called)
{
    struct hws_loop *loop = loop_on(state);
    struct probe *p = probe_new(loop);
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    p->then = forget_and_free;
    set(p, ends[0], READ);
    look(loop);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 1);
    hws_loop_free(loop);
    pair_shut(ends);
}

/* The one that was called, and so lives on. */
static struct probe *survivor;

static void forget_and_free_other(struct probe *p)
{
    p->then = NULL;
    survivor = p;
    forget_and_free(p->other);
}

TEST(watch_freed_by_another_of_its_batch_is_not_called)
{
    struct hws_loop *loop = loop_on(state);
    struct probe *a = probe_new(loop), *b = probe_new(loop);
    int ends[2];
    pair_open(ends);
    put_byte(ends[0]);
    put_byte(ends[1]);
    a->then = b->then = forget_and_free_other;
    a->other = b;
    b->other = a;
    set(a, ends[0], READ);
    set(b, ends[1], READ);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 1);
    look(loop);
    assert_int_equal(stats_of(loop).ready, 2);
    forget_and_free(survivor);
    hws_loop_free(loop);
    pair_shut(ends);
}

/* Two ready ends; whoever comes first hands the other's number to `heir`. */
struct reuse {
    struct probe a, b, heir;
    int fresh; /* the descriptor whose file gets the number */
};
static struct reuse reuse;

static void hand_over(struct probe *p)
{
    p->then = NULL;
    p->other->then = NULL;
    int number = p->other->watch.fd;
    forget(p->other);
    assert_int_equal(dup2(reuse.fresh, number), number);
    set(&reuse.heir, number, READ);
}

static void reuse_number(struct hws_loop *loop, bool is_readable)
{
    int ends[2], fresh[2];
    pair_open(ends);
    pair_open(fresh);
    put_byte(ends[0]);
    put_byte(ends[1]);
    if (is_readable)
        put_byte(fresh[1]);
    reuse.a = reuse.b = reuse.heir = probe_on(loop);
    reuse.fresh = fresh[0];
    reuse.a.then = reuse.b.then = hand_over;
    reuse.a.other = &reuse.b;
    reuse.b.other = &reuse.a;
    set(&reuse.a, ends[0], READ);
    set(&reuse.b, ends[1], READ);
    look(loop);
    assert_int_equal(reuse.a.calls + reuse.b.calls, 1);
    assert_int_equal(reuse.heir.calls, 0);
    look(loop);
    assert_int_equal(reuse.heir.calls, is_readable);
    forget(&reuse.a);
    forget(&reuse.b);
    forget(&reuse.heir);
    pair_shut(ends);
    pair_shut(fresh);
}

TEST(no_stale_event_reaches_a_reused_descriptor_number)
{
    struct hws_loop *loop = loop_on(state);
    reuse_number(loop, false);
    reuse_number(loop, true);
    hws_loop_free(loop);
}

static void rejoin(struct probe *p)
{
    int fd = p->watch.fd;
    forget(p);
    set(p, fd, READ);
}

TEST(watch_that_rejoins_is_called_once_a_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    put_byte(ends[1]);
    p.then = rejoin;
    set(&p, ends[0], READ);
    for (int turn = 1; turn <= 5; turn++) {
        look(loop);
        assert_int_equal(p.calls, turn);
    }
    forget(&p);
    hws_loop_free(loop);
    pair_shut(ends);
}

static void other_writes_only(struct probe *p)
{
    p->then = p->other->then = NULL;
    set(p->other, p->other->watch.fd, WRITE);
}

TEST(interest_taken_back_in_the_batch_is_not_reported)
{
    struct hws_loop *loop = loop_on(state);
    struct probe a = probe_on(loop), b = probe_on(loop);
    int ends[2];
    pair_open(ends);
    put_byte(ends[0]);
    put_byte(ends[1]);
    a.then = b.then = other_writes_only;
    a.other = &b;
    b.other = &a;
    set(&a, ends[0], READ);
    set(&b, ends[1], READ);
    look(loop);
    assert_int_equal(a.calls + b.calls, 1);
    look(loop);
    assert_int_equal(a.ready + b.ready, READ + WRITE);
    forget(&a);
    forget(&b);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(watch_closed_by_mistake_deafens_no_other)
{
    struct hws_loop *loop = loop_on(state);
    struct probe lost = probe_on(loop), good = probe_on(loop);
    int ends[2], closed[2];
    pair_open(ends);
    pair_open(closed);
    put_byte(ends[1]);
    set(&lost, closed[0], READ | WRITE);
    set(&good, ends[0], READ);
    pair_shut(closed);
    look(loop);
    assert_int_equal(good.calls, 1);
    if (strcmp(*state, "epoll") == 0 || strcmp(*state, "kqueue") == 0)
        assert_int_equal(lost.calls, 0);
    else
        assert_int_equal(lost.ready, READ | WRITE);
    forget(&lost);
    look(loop);
    assert_int_equal(good.calls, 2);
    assert_true(lost.calls <= 1);
    forget(&good);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(unchanged_interest_asks_the_kernel_nothing)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    set(&p, ends[0], READ);
    /* Whoever asked the kernel about a closed descriptor would hear EBADF. */
    pair_shut(ends);
    set(&p, ends[0], READ);
    forget(&p);
    hws_loop_free(loop);
}

TEST(misuse_is_refused)
{
    struct hws_loop *loop = loop_on(state);
    struct probe a = probe_on(loop), b = probe_on(loop);
    int ends[2];
    pair_open(ends);
    assert_int_equal(hws_loop_watch(loop, &a.watch, -1, READ), HWS_E_ARGUMENT);
    assert_int_equal(hws_loop_watch(loop, &a.watch, 1 << 22, READ),
                     HWS_E_SYSTEM);
    assert_int_equal(hws_loop_watch(loop, &a.watch, 0, 0), 0);
    set(&a, ends[0], READ);
    assert_int_equal(hws_loop_watch(loop, &b.watch, ends[0], READ),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_loop_watch(loop, &a.watch, ends[1], READ),
                     HWS_E_ARGUMENT);
    assert_int_equal(b.watch.interest, 0);
    forget(&a);
    forget(&a);
    set(&b, ends[0], READ);
    forget(&b);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(descriptor_beyond_what_select_holds_is_refused)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    struct rlimit limit;
    int ends[2];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    pair_open(ends);
    int high = fcntl(ends[0], F_DUPFD, 1100);
    assert_true(high >= 1100);
    put_byte(ends[1]);
    bool is_select = strcmp(*state, "select") == 0;
    assert_int_equal(hws_loop_watch(loop, &p.watch, high, READ),
                     is_select ? HWS_E_SUPPORT : 0);
    look(loop);
    assert_int_equal(p.calls, !is_select);
    forget(&p);
    hws_loop_free(loop);
    close(high);
    pair_shut(ends);
}

TEST(plain_file_is_always_ready_or_refused)
{
    /* kqueue has a filter for files: ready up to their end. */
    if (strcmp(*state, "kqueue") == 0)
        skip();
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    FILE *file = tmpfile();
    bool is_epoll = strcmp(*state, "epoll") == 0;
    assert_int_equal(hws_loop_watch(loop, &p.watch, fileno(file), READ),
                     is_epoll ? HWS_E_SUPPORT : 0);
    look(loop);
    assert_int_equal(p.calls, !is_epoll);
    forget(&p);
    hws_loop_free(loop);
    fclose(file);
}

#define MANY 400

static void read_once(struct probe *p)
{
    take_byte(p->watch.fd);
}

TEST(every_one_of_many_ready_descriptors_is_called)
{
    struct hws_loop *loop = loop_on(state);
    struct probe *probes = calloc(MANY, sizeof(*probes));
    int(*ends)[2] = calloc(MANY, sizeof(*ends));
    for (size_t i = 0; i < MANY; i++) {
        pair_open(ends[i]);
        probes[i] = probe_on(loop);
        probes[i].then = read_once;
        set(&probes[i], ends[i][0], READ);
        put_byte(ends[i][1]);
    }
    /* A batch has an end; two turns are enough for all. */
    look(loop);
    look(loop);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(probes[i].calls, 1);
        forget(&probes[i]);
        pair_shut(ends[i]);
    }
    hws_loop_free(loop);
    free(probes);
    free(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(readable_is_reported_until_it_is_read),
        RUN(interest_decides_what_is_reported),
        RUN(hang_up_is_all_of_the_interest),
        RUN(error_is_all_of_the_interest_even_of_what_cannot_come),
        RUN(watch_forgets_and_frees_itself_when_called),
        RUN(watch_freed_by_another_of_its_batch_is_not_called),
        RUN(no_stale_event_reaches_a_reused_descriptor_number),
        RUN(watch_that_rejoins_is_called_once_a_turn),
        RUN(interest_taken_back_in_the_batch_is_not_reported),
        RUN(watch_closed_by_mistake_deafens_no_other),
        RUN(unchanged_interest_asks_the_kernel_nothing),
        RUN(misuse_is_refused),
        RUN(descriptor_beyond_what_select_holds_is_refused),
        RUN(plain_file_is_always_ready_or_refused),
        RUN(every_one_of_many_ready_descriptors_is_called),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
