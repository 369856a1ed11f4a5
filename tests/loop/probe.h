/* A watch that counts, remembers, and then does what the test says. */
#ifndef PROBE_H
#define PROBE_H

#include "loops.h"

struct probe {
    struct hws_watch watch;
    struct hws_loop *loop;
    int calls;
    unsigned ready;
    void (*then)(struct probe *probe);
    struct probe *other;
};

static inline void probe_ready(struct hws_watch *watch, unsigned ready,
                               hws_time now)
{
    struct probe *p = (struct probe *)watch;
    assert_true(now > 0 && now <= now_ns());
    assert_int_equal(ready & ~watch->interest, 0);
    p->calls++;
    p->ready = ready;
    if (p->then)
        p->then(p);
}

static inline struct probe probe_on(struct hws_loop *loop)
{
    return (struct probe){.watch.ready = probe_ready, .loop = loop};
}

static inline struct probe *probe_new(struct hws_loop *loop)
{
    struct probe *p = malloc(sizeof(*p));
    *p = probe_on(loop);
    return p;
}

static inline void set(struct probe *p, int fd, unsigned interest)
{
    assert_int_equal(hws_loop_watch(p->loop, &p->watch, fd, interest), 0);
}

static inline void forget(struct probe *p)
{
    set(p, p->watch.fd, 0);
}

#endif
