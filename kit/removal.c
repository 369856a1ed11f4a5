/*
 * Who is forgotten is not called and not touched, whatever was ready or due in
 * the same batch, and whoever forgot it.
 */
#include "kit.h"

#define CROWD 16

struct crowd {
    struct kit_probe *probes[CROWD];
    int ends[CROWD][2];
    unsigned calls; /* of all of them, also of buried ones */
};

static struct crowd crowd;

static void crowd_init(struct kit *k, void (*then)(struct kit_probe *p))
{
    crowd.calls = 0;
    for (size_t i = 0; i < CROWD; i++) {
        struct kit_probe *p = malloc(sizeof(*p));
        kit_pair(crowd.ends[i]);
        kit_put(crowd.ends[i][1]);
        kit_probe_init(p, k);
        p->then = then;
        kit_probe_set(p, crowd.ends[i][0], READ);
        crowd.probes[i] = p;
    }
}

static void crowd_free(void)
{
    for (size_t i = 0; i < CROWD; i++) {
        if (crowd.probes[i]) {
            kit_probe_forget(crowd.probes[i]);
            free(crowd.probes[i]);
        }
        kit_unpair(crowd.ends[i]);
    }
}

static size_t place_of(const struct kit_probe *p)
{
    size_t i = 0;
    while (crowd.probes[i] != p)
        i++;
    return i;
}

static void bury(size_t i)
{
    struct kit_probe *p = crowd.probes[i];
    crowd.probes[i] = NULL;
    kit_probe_forget(p);
    kit_probe_bury(p);
}

static void forget_self(struct kit_probe *p)
{
    crowd.calls++;
    kit_probe_forget(p);
}

SCENARIO(watch_forgets_itself)
{
    crowd_init(k, forget_self);
    LOOK_UNTIL(k, crowd.calls == CROWD);
    kit_look_around(k);
    CHECK_EQ(crowd.calls, CROWD);
    crowd_free();
}

static void free_self(struct kit_probe *p)
{
    crowd.calls++;
    bury(place_of(p));
}

SCENARIO(watch_frees_itself)
{
    crowd_init(k, free_self);
    LOOK_UNTIL(k, crowd.calls == CROWD);
    kit_look_around(k);
    crowd_free();
}

static void forget_others(struct kit_probe *p)
{
    crowd.calls++;
    for (size_t i = 0; i < CROWD; i++)
        if (crowd.probes[i] != p)
            kit_probe_forget(crowd.probes[i]);
}

SCENARIO(watch_forgets_all_others_of_its_batch)
{
    crowd_init(k, forget_others);
    LOOK_UNTIL(k, crowd.calls >= 5);
    unsigned callers = 0;
    for (size_t i = 0; i < CROWD; i++)
        callers += crowd.probes[i]->calls > 0;
    CHECK_EQ(callers, 1);
    crowd_free();
}

static void free_others(struct kit_probe *p)
{
    crowd.calls++;
    for (size_t i = 0; i < CROWD; i++)
        if (crowd.probes[i] && crowd.probes[i] != p)
            bury(i);
}

SCENARIO(watch_frees_all_others_of_its_batch)
{
    crowd_init(k, free_others);
    LOOK_UNTIL(k, crowd.calls >= 5);
    crowd_free();
}

static void free_all(struct kit_probe *p)
{
    (void)p;
    crowd.calls++;
    for (size_t i = 0; i < CROWD; i++)
        bury(i);
}

SCENARIO(watch_frees_all_and_itself)
{
    crowd_init(k, free_all);
    LOOK_UNTIL(k, crowd.calls == 1);
    kit_look_around(k);
    CHECK_EQ(crowd.calls, 1);
    crowd_free();
}

static void free_and_close_others(struct kit_probe *p)
{
    crowd.calls++;
    for (size_t i = 0; i < CROWD; i++) {
        if (!crowd.probes[i] || crowd.probes[i] == p)
            continue;
        bury(i);
        kit_unpair(crowd.ends[i]);
        kit_pair(crowd.ends[i]);
    }
}

SCENARIO(watch_frees_and_closes_all_others)
{
    crowd_init(k, free_and_close_others);
    LOOK_UNTIL(k, crowd.calls >= 5);
    crowd_free();
}

static void free_every_other(struct kit_probe *p)
{
    size_t place = place_of(p);
    crowd.calls++;
    for (size_t i = 1; i < CROWD; i += 2)
        if (crowd.probes[(place + i) % CROWD])
            bury((place + i) % CROWD);
}

SCENARIO(watch_frees_every_other_and_the_rest_is_served)
{
    crowd_init(k, free_every_other);
    LOOK_UNTIL(k, crowd.calls >= 5 * CROWD / 2);
    for (size_t i = 0; i < CROWD; i++)
        CHECK(!crowd.probes[i] || crowd.probes[i]->calls > 0);
    crowd_free();
}

/* Forgotten, emptied and watched again within the batch it was ready in. */
static void renew_others(struct kit_probe *p)
{
    crowd.calls++;
    if (crowd.calls > 1)
        return;
    for (size_t i = 0; i < CROWD; i++) {
        struct kit_probe *other = crowd.probes[i];
        if (other == p)
            continue;
        kit_probe_forget(other);
        kit_take(other->watch.fd);
        kit_probe_set(other, other->watch.fd, READ);
    }
    kit_take(p->watch.fd);
}

SCENARIO(renewed_watch_gets_nothing_of_before)
{
    crowd_init(k, renew_others);
    kit_look_around(k);
    CHECK_EQ(crowd.calls, 1);
    for (size_t i = 0; i < CROWD; i++)
        kit_put(crowd.ends[i][1]);
    LOOK_UNTIL(k, crowd.calls >= 1 + CROWD);
    crowd_free();
}

static void renew_self(struct kit_probe *p)
{
    crowd.calls++;
    kit_probe_forget(p);
    kit_probe_set(p, p->watch.fd, READ);
}

SCENARIO(watch_renews_itself_on_and_on)
{
    crowd_init(k, renew_self);
    LOOK_UNTIL(k, crowd.calls >= 5 * CROWD);
    for (size_t i = 0; i < CROWD; i++)
        LOOK_UNTIL(k, crowd.probes[i]->calls > 0);
    crowd_free();
}

/* A made-up order of removals and renewals, the same on every run. */
static unsigned dice;

static size_t roll(size_t sides)
{
    dice = dice * 1103515245u + 12345u;
    return (dice >> 16) % sides;
}

static void stir(struct kit_probe *p)
{
    crowd.calls++;
    for (int i = 0; i < 4; i++) {
        size_t at = roll(CROWD);
        struct kit_probe *other = crowd.probes[at];
        if (other->watch.interest)
            kit_probe_forget(other);
        else
            kit_probe_set(other, crowd.ends[at][0], READ);
    }
    if (p->watch.interest == 0 && crowd.calls % 2)
        kit_probe_set(p, crowd.ends[place_of(p)][0], READ);
}

SCENARIO(removals_in_any_order_call_nobody_forgotten)
{
    dice = 4;
    crowd_init(k, stir);
    for (int round = 0; round < 500; round++) {
        kit_look(k);
        size_t at = roll(CROWD);
        kit_probe_set(crowd.probes[at], crowd.ends[at][0], READ);
    }
    CHECK(crowd.calls >= 100);
    crowd_free();
}

/* ---- timers and watches */

static void watch_frees_bell(struct kit_probe *p)
{
    struct kit_bell *b = p->bell;
    p->bell = NULL;
    if (!b)
        return;
    kit_bell_off(b);
    kit_bell_bury(b);
}

SCENARIO(watch_frees_a_timer_that_is_due)
{
    struct kit_probe p;
    struct kit_bell *b = malloc(sizeof(*b));
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    kit_bell_init(b, k);
    p.then = watch_frees_bell;
    p.bell = b;
    kit_probe_set(&p, ends[0], READ);
    kit_bell_set(b, kit_now());
    LOOK_UNTIL(k, p.calls >= 5);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void bell_frees_probe(struct kit_bell *b)
{
    kit_probe_forget(b->probe);
    kit_probe_bury(b->probe);
}

SCENARIO(timer_frees_a_watch_that_is_ready)
{
    struct kit_probe *p = malloc(sizeof(*p));
    struct kit_bell b;
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(p, k);
    kit_bell_init(&b, k);
    b.then = bell_frees_probe;
    b.probe = p;
    kit_probe_set(p, ends[0], READ);
    kit_bell_set(&b, kit_now());
    LOOK_UNTIL(k, b.calls == 1);
    kit_look_around(k);
    kit_unpair(ends);
}

static void bury_bell(struct kit_bell *b)
{
    kit_bell_bury(b);
}

SCENARIO(timer_frees_itself)
{
    struct kit_bell *b = malloc(sizeof(*b));
    struct kit_bell after;
    kit_bell_init(b, k);
    kit_bell_init(&after, k);
    b->then = bury_bell;
    kit_bell_set(b, kit_now());
    kit_bell_set(&after, kit_now());
    LOOK_UNTIL(k, after.calls == 1);
    kit_look_around(k);
}

#define PEAL 10
static struct kit_bell *peal[PEAL];
static unsigned peal_calls;

static void free_the_peal(struct kit_bell *b)
{
    (void)b;
    peal_calls++;
    for (size_t i = 0; i < PEAL; i++) {
        kit_bell_off(peal[i]);
        kit_bell_bury(peal[i]);
    }
}

/* Ten that are due together: the first ends them all. */
SCENARIO(timer_frees_all_others_that_are_due)
{
    peal_calls = 0;
    for (size_t i = 0; i < PEAL; i++) {
        peal[i] = malloc(sizeof(*peal[i]));
        kit_bell_init(peal[i], k);
        peal[i]->then = free_the_peal;
        kit_bell_set(peal[i], (hws_time)i + 1);
    }
    kit_look_around(k);
    CHECK_EQ(peal_calls, 1);
}

static void postpone_others(struct kit_bell *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (&b->others[i] != b)
            kit_bell_set(&b->others[i], kit_now() + HWS_S(3600));
}

SCENARIO(timer_postpones_all_others_that_are_due)
{
    struct kit_bell bells[5];
    unsigned calls = 0;
    for (size_t i = 0; i < 5; i++) {
        kit_bell_init(&bells[i], k);
        bells[i].then = postpone_others;
        bells[i].others = bells;
        bells[i].count = 5;
        kit_bell_set(&bells[i], 1);
    }
    kit_look_around(k);
    for (size_t i = 0; i < 5; i++) {
        calls += bells[i].calls;
        kit_bell_off(&bells[i]);
    }
    CHECK_EQ(calls, 1);
}

static void watch_arms_bell(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    kit_bell_set(p->bell, 1);
}

SCENARIO(watch_arms_a_timer)
{
    struct kit_probe p;
    struct kit_bell b;
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    p.then = watch_arms_bell;
    p.bell = &b;
    kit_probe_set(&p, ends[0], READ);
    LOOK_UNTIL(k, b.calls == 1);
    kit_look_around(k);
    CHECK_EQ(b.calls, 1);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void bell_sets_probe(struct kit_bell *b)
{
    kit_probe_set(b->probe, b->probe->spare, READ);
}

SCENARIO(timer_makes_a_watch)
{
    struct kit_probe p;
    struct kit_bell b;
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    kit_bell_init(&b, k);
    p.spare = ends[0];
    b.then = bell_sets_probe;
    b.probe = &p;
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

extern const struct kit_scenario kit_removal[];
const struct kit_scenario kit_removal[] = {
    LIST(watch_forgets_itself),
    LIST(watch_frees_itself),
    LIST(watch_forgets_all_others_of_its_batch),
    LIST(watch_frees_all_others_of_its_batch),
    LIST(watch_frees_all_and_itself),
    LIST(watch_frees_and_closes_all_others),
    LIST(watch_frees_every_other_and_the_rest_is_served),
    LIST(renewed_watch_gets_nothing_of_before),
    LIST(watch_renews_itself_on_and_on),
    LIST(removals_in_any_order_call_nobody_forgotten),
    LIST(watch_frees_a_timer_that_is_due),
    LIST(timer_frees_a_watch_that_is_ready),
    LIST(timer_frees_itself),
    LIST(timer_frees_all_others_that_are_due),
    LIST(timer_postpones_all_others_that_are_due),
    LIST(watch_arms_a_timer),
    LIST(timer_makes_a_watch),
    LIST_END,
};
