/* The level counts: what is ready when the loop looks, and nothing else. */
#include "probe.h"

static void forget_and_close(struct probe *p)
{
    int fd = p->other->watch.fd;
    char byte;
    forget(p->other);
    close(fd);
    /* The other end, which this one watches, hears of it at once. */
    assert_int_equal(read(p->watch.fd, &byte, 1), 1);
    assert_int_equal(read(p->watch.fd, &byte, 1), 0);
    forget(p);
}

TEST(descriptor_that_was_forgotten_is_closed_when_its_owner_closes_it)
{
    struct hws_loop *loop = loop_on(state);
    struct probe a = probe_on(loop), b = probe_on(loop);
    int ends[2];
    pair_open(ends);
    a.then = forget_and_close;
    a.other = &b;
    set(&a, ends[0], READ);
    set(&b, ends[1], READ);
    look(loop);
    put_byte(ends[1]);
    look(loop);
    assert_int_equal(a.calls, 1);
    hws_loop_free(loop);
    close(ends[0]);
}

static void read_other(struct probe *p)
{
    p->then = p->other->then = NULL;
    take_byte(p->watch.fd);
    take_byte(p->other->watch.fd);
}

TEST(what_another_has_read_wakes_nobody_in_the_next_turn)
{
    struct hws_loop *loop = loop_on(state);
    struct probe a = probe_on(loop), b = probe_on(loop);
    int ends[2];
    pair_open(ends);
    a.then = b.then = read_other;
    a.other = &b;
    b.other = &a;
    set(&a, ends[0], READ);
    set(&b, ends[1], READ);
    look(loop);
    put_byte(ends[0]);
    put_byte(ends[1]);
    look(loop);
    uint64_t calls = stats_of(loop).ready;
    look(loop);
    assert_int_equal(stats_of(loop).ready, calls);
    forget(&a);
    forget(&b);
    hws_loop_free(loop);
    pair_shut(ends);
}

TEST(changed_interest_wakes_nobody)
{
    struct hws_loop *loop = loop_on(state);
    struct probe p = probe_on(loop);
    int ends[2];
    pair_open(ends);
    set(&p, ends[0], READ);
    look(loop);
    fill_up(ends[0]);
    for (int i = 0; i < 3; i++) {
        uint64_t turns = stats_of(loop).turns;
        set(&p, ends[0], i % 2 ? READ : READ | WRITE);
        assert_int_equal(hws_loop_run_once(loop, now_ns() + HWS_MS(1)), 0);
        assert_int_equal(stats_of(loop).turns, turns + 1);
    }
    assert_int_equal(p.calls, 0);
    forget(&p);
    hws_loop_free(loop);
    pair_shut(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(descriptor_that_was_forgotten_is_closed_when_its_owner_closes_it),
        RUN(what_another_has_read_wakes_nobody_in_the_next_turn),
        RUN(changed_interest_wakes_nobody),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
