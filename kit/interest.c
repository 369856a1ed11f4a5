/* Interest that changes, from wherever, and calls that must be refused. */
#include "kit.h"

#include <fcntl.h>

/* A pair whose first end is readable and writable. */
static void pair_ready_for_both(int ends[2])
{
    kit_pair(ends);
    kit_put(ends[1]);
}

static void expect(struct kit *k, struct kit_probe *p, unsigned ready)
{
    unsigned calls = p->calls;
    LOOK_UNTIL(k, p->calls > calls);
    CHECK_EQ(p->ready, ready);
}

static void change(struct kit *k, unsigned first, unsigned next,
                   unsigned expected)
{
    struct kit_probe p;
    int ends[2];
    pair_ready_for_both(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], first);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_set(&p, ends[0], next);
    if (expected)
        expect(k, &p, expected);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(interest_narrows)
{
    change(k, BOTH, READ, READ);
    change(k, BOTH, WRITE, WRITE);
}

SCENARIO(interest_widens)
{
    change(k, READ, BOTH, 0);
    change(k, WRITE, BOTH, 0);
}

SCENARIO(interest_is_exchanged)
{
    change(k, READ, WRITE, WRITE);
    change(k, WRITE, READ, READ);
}

static void swap_interest(struct kit_probe *p)
{
    kit_probe_set(p, p->watch.fd, BOTH & ~p->watch.interest);
}

SCENARIO(interest_changes_inside_its_own_callback)
{
    struct kit_probe p;
    int ends[2];
    pair_ready_for_both(ends);
    kit_probe_init(&p, k);
    p.then = swap_interest;
    kit_probe_set(&p, ends[0], READ);
    for (unsigned i = 1; i <= 20; i++) {
        LOOK_UNTIL(k, p.calls >= i);
        CHECK_EQ(p.ready, p.calls % 2 ? READ : WRITE);
    }
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void keep_read_only(struct kit_probe *p)
{
    kit_probe_set(p, p->watch.fd, READ);
}

SCENARIO(write_interest_that_is_dropped_is_not_reported_again)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.then = keep_read_only;
    kit_probe_set(&p, ends[0], BOTH);
    LOOK_UNTIL(k, p.calls == 1);
    kit_look_around(k);
    CHECK_EQ(p.calls, 1);
    kit_put(ends[1]);
    LOOK_UNTIL(k, p.calls == 2);
    CHECK_EQ(p.ready, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void write_no_more(struct kit_probe *p)
{
    for (size_t i = 0; i < p->count; i++)
        kit_probe_set(&p->others[i], p->others[i].watch.fd, READ);
}

/* Of three that are writable in one batch, the first ends it for all. */
SCENARIO(interest_dropped_by_another_callback_is_not_reported)
{
    struct kit_probe p[3];
    int ends[3][2];
    for (size_t i = 0; i < 3; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&p[i], k);
        p[i].then = write_no_more;
        p[i].others = p;
        p[i].count = 3;
        kit_probe_set(&p[i], ends[i][0], BOTH);
    }
    kit_look_around(k);
    CHECK_EQ(p[0].calls + p[1].calls + p[2].calls, 1);
    for (size_t i = 0; i < 3; i++) {
        kit_probe_forget(&p[i]);
        kit_unpair(ends[i]);
    }
}

static void ask_for_write(struct kit_bell *b)
{
    kit_probe_set(b->probe, b->probe->watch.fd, BOTH);
}

SCENARIO(interest_changes_inside_a_timer)
{
    struct kit_probe p;
    struct kit_bell b;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    b.then = ask_for_write;
    b.probe = &p;
    kit_probe_set(&p, ends[0], READ);
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, p.calls > 0);
    CHECK_EQ(b.calls, 1);
    CHECK_EQ(p.ready, WRITE);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(the_same_interest_again_is_harmless)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    for (int i = 0; i < 5; i++)
        kit_probe_set(&p, ends[0], READ);
    kit_put(ends[1]);
    expect(k, &p, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(interest_changes_a_thousand_times)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    for (unsigned i = 0; i < 1000; i++)
        kit_probe_set(&p, ends[0], i % 3 + 1);
    kit_probe_set(&p, ends[0], READ);
    kit_look_around(k);
    CHECK_EQ(p.calls, 0);
    kit_put(ends[1]);
    expect(k, &p, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(forgotten_is_not_reported)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], BOTH);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    unsigned calls = p.calls;
    kit_put(ends[1]);
    kit_look_around(k);
    CHECK_EQ(p.calls, calls);
    kit_unpair(ends);
}

SCENARIO(forgetting_twice_is_harmless)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    CHECK_EQ(hws_loop_watch(k->loop, &p.watch, ends[0], 0), 0);
    kit_probe_set(&p, ends[0], READ);
    for (int i = 0; i < 3; i++)
        kit_probe_forget(&p);
    kit_look_around(k);
    kit_unpair(ends);
}

SCENARIO(forgotten_watch_serves_again)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_put(ends[1]);
    for (int i = 0; i < 50; i++) {
        kit_probe_set(&p, ends[0], READ);
        expect(k, &p, READ);
        kit_probe_forget(&p);
    }
    kit_unpair(ends);
}

SCENARIO(watch_moves_to_another_descriptor)
{
    struct kit_probe p;
    int one[2], two[2];
    kit_pair(one);
    kit_pair(two);
    kit_probe_init(&p, k);
    kit_probe_set(&p, one[0], READ);
    kit_look_around(k);
    kit_probe_forget(&p);
    kit_probe_set(&p, two[0], READ);
    kit_put(one[1]);
    kit_look_around(k);
    CHECK_EQ(p.calls, 0);
    kit_put(two[1]);
    expect(k, &p, READ);
    kit_probe_forget(&p);
    kit_unpair(one);
    kit_unpair(two);
}

/* ---- refusals */

SCENARIO(negative_descriptor_is_refused)
{
    struct kit_probe p;
    kit_probe_init(&p, k);
    CHECK_EQ(hws_loop_watch(k->loop, &p.watch, -1, READ), HWS_E_ARGUMENT);
    CHECK_EQ(p.watch.interest, 0);
    kit_look_around(k);
}

SCENARIO(refused_watch_serves_afterwards)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    CHECK_EQ(hws_loop_watch(k->loop, &p.watch, -1, READ), HWS_E_ARGUMENT);
    kit_probe_set(&p, ends[0], READ);
    kit_put(ends[1]);
    expect(k, &p, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(watched_one_is_refused_another_descriptor)
{
    struct kit_probe p;
    int one[2], two[2];
    kit_pair(one);
    kit_pair(two);
    kit_probe_init(&p, k);
    kit_probe_set(&p, one[0], READ);
    CHECK_EQ(hws_loop_watch(k->loop, &p.watch, two[0], READ), HWS_E_ARGUMENT);
    CHECK_EQ(p.watch.fd, one[0]);
    kit_put(one[1]);
    expect(k, &p, READ);
    kit_probe_forget(&p);
    kit_unpair(one);
    kit_unpair(two);
}

/* One watch for one descriptor: a host that keeps several may serve them. */
SCENARIO(second_watch_of_a_descriptor_is_refused_or_served)
{
    struct kit_probe p, q;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_init(&q, k);
    kit_probe_set(&p, ends[0], READ);
    int status = hws_loop_watch(k->loop, &q.watch, ends[0], READ);
    kit_put(ends[1]);
    expect(k, &p, READ);
    if (status) {
        CHECK_EQ(status, HWS_E_ARGUMENT);
        CHECK_EQ(q.watch.interest, 0);
    } else {
        expect(k, &q, READ);
        kit_probe_forget(&q);
        expect(k, &p, READ);
    }
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(closed_descriptor_is_refused_or_reported)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_unpair(ends);
    kit_probe_init(&p, k);
    int status = hws_loop_watch(k->loop, &p.watch, ends[0], BOTH);
    if (status) {
        CHECK_EQ(status, HWS_E_SYSTEM);
        CHECK_EQ(p.watch.interest, 0);
        kit_look_around(k);
    } else {
        expect(k, &p, BOTH);
        kit_probe_forget(&p);
    }
}

/* epoll cannot hold one; to others it is ready at any time. */
SCENARIO(plain_file_is_refused_or_ready)
{
    struct kit_probe p;
    char name[] = "/tmp/hawser-loopkit-XXXXXX";
    int fd = mkstemp(name);
    CHECK(fd >= 0);
    unlink(name);
    kit_probe_init(&p, k);
    int status = hws_loop_watch(k->loop, &p.watch, fd, READ);
    if (status) {
        CHECK_EQ(status, HWS_E_SUPPORT);
        CHECK_EQ(p.watch.interest, 0);
    } else {
        expect(k, &p, READ);
        kit_probe_forget(&p);
    }
    close(fd);
}

SCENARIO(refusals_disturb_nobody)
{
    struct kit_probe p, q;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_init(&q, k);
    kit_probe_set(&p, ends[0], READ);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(hws_loop_watch(k->loop, &q.watch, -1 - i, BOTH),
                 HWS_E_ARGUMENT);
    kit_put(ends[1]);
    expect(k, &p, READ);
    CHECK_EQ(q.calls, 0);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

extern const struct kit_scenario kit_interest[];
const struct kit_scenario kit_interest[] = {
    LIST(interest_narrows),
    LIST(interest_widens),
    LIST(interest_is_exchanged),
    LIST(interest_changes_inside_its_own_callback),
    LIST(write_interest_that_is_dropped_is_not_reported_again),
    LIST(interest_dropped_by_another_callback_is_not_reported),
    LIST(interest_changes_inside_a_timer),
    LIST(the_same_interest_again_is_harmless),
    LIST(interest_changes_a_thousand_times),
    LIST(forgotten_is_not_reported),
    LIST(forgetting_twice_is_harmless),
    LIST(forgotten_watch_serves_again),
    LIST(watch_moves_to_another_descriptor),
    LIST(negative_descriptor_is_refused),
    LIST(refused_watch_serves_afterwards),
    LIST(watched_one_is_refused_another_descriptor),
    LIST(second_watch_of_a_descriptor_is_refused_or_served),
    LIST(closed_descriptor_is_refused_or_reported),
    LIST(plain_file_is_refused_or_ready),
    LIST(refusals_disturb_nobody),
    LIST_END,
};
