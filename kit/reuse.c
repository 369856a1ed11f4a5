/*
 * A number that is closed and used again within one batch: what was found of
 * the old descriptor is not the new one's. Every new watch here is of a pair
 * that holds nothing, so that any call of it is stale.
 */
#include "kit.h"

#include <fcntl.h>

#define PAIRS 12

static struct {
    struct kit_probe probes[PAIRS];
    struct kit_probe heirs[PAIRS];
    int ends[PAIRS][2];
    int heir_peers[PAIRS];
    int kept[PAIRS]; /* the old descriptions, open elsewhere; -1 */
    unsigned calls;
} reuse;

static void pairs_init(struct kit *k, unsigned interest,
                       void (*then)(struct kit_probe *p))
{
    reuse.calls = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        struct kit_probe *p = &reuse.probes[i];
        kit_pair(reuse.ends[i]);
        kit_put(reuse.ends[i][1]);
        kit_probe_init(p, k);
        kit_probe_init(&reuse.heirs[i], k);
        reuse.heir_peers[i] = reuse.kept[i] = -1;
        p->then = then;
        kit_probe_set(p, reuse.ends[i][0], interest);
    }
}

/* The number of pair `i` now means one end of a new pair. */
static void replace_descriptor(size_t i)
{
    int fresh[2];
    kit_pair(fresh);
    CHECK_EQ(dup2(fresh[0], reuse.ends[i][0]), reuse.ends[i][0]);
    close(fresh[0]);
    reuse.heir_peers[i] = fresh[1];
}

static void inherit(size_t i, struct kit_probe *heir)
{
    kit_probe_forget(&reuse.probes[i]);
    replace_descriptor(i);
    kit_probe_set(heir, reuse.ends[i][0], READ);
}

static void pairs_free(void)
{
    for (size_t i = 0; i < PAIRS; i++) {
        kit_probe_forget(&reuse.probes[i]);
        kit_probe_forget(&reuse.heirs[i]);
        kit_unpair(reuse.ends[i]);
        if (reuse.heir_peers[i] >= 0)
            close(reuse.heir_peers[i]);
        if (reuse.kept[i] >= 0)
            close(reuse.kept[i]);
    }
}

/* Nobody was called for what the old ones held; all are for what comes. */
static void expect_fresh(struct kit *k)
{
    kit_look_around(k);
    for (size_t i = 0; i < PAIRS; i++)
        if (reuse.heir_peers[i] >= 0)
            CHECK_EQ(reuse.heirs[i].calls, 0);
    for (size_t i = 0; i < PAIRS; i++)
        if (reuse.heir_peers[i] >= 0)
            kit_put(reuse.heir_peers[i]);
    for (size_t i = 0; i < PAIRS; i++)
        if (reuse.heir_peers[i] >= 0)
            LOOK_UNTIL(k, reuse.heirs[i].calls > 0);
    pairs_free();
}

static void all_inherit(struct kit_probe *p)
{
    (void)p;
    reuse.calls++;
    for (size_t i = 0; i < PAIRS; i++)
        inherit(i, &reuse.heirs[i]);
}

SCENARIO(new_watch_of_a_reused_number_gets_nothing_stale)
{
    pairs_init(k, READ, all_inherit);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

SCENARIO(reused_number_of_a_writable_descriptor_gets_nothing_stale)
{
    pairs_init(k, BOTH, all_inherit);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

/* The old description lives on in a duplicate, readable as before. */
static void all_inherit_beside_duplicates(struct kit_probe *p)
{
    (void)p;
    reuse.calls++;
    for (size_t i = 0; i < PAIRS; i++) {
        reuse.kept[i] = dup(reuse.ends[i][0]);
        inherit(i, &reuse.heirs[i]);
    }
}

SCENARIO(duplicate_of_the_old_descriptor_is_not_heard)
{
    pairs_init(k, READ, all_inherit_beside_duplicates);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

static void others_inherit(struct kit_probe *p)
{
    reuse.calls++;
    for (size_t i = 0; i < PAIRS; i++) {
        if (&reuse.probes[i] != p)
            inherit(i, &reuse.heirs[i]);
    }
    kit_probe_forget(p);
}

SCENARIO(numbers_of_all_others_are_reused)
{
    pairs_init(k, READ, others_inherit);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

/* The very same structure, for the new descriptor. */
static void each_inherits_itself(struct kit_probe *p)
{
    reuse.calls++;
    if (reuse.calls > 1)
        return;
    for (size_t i = 0; i < PAIRS; i++)
        inherit(i, &reuse.probes[i]);
    (void)p;
}

SCENARIO(same_watch_on_a_reused_number_gets_nothing_stale)
{
    pairs_init(k, READ, each_inherits_itself);
    kit_look_around(k);
    CHECK_EQ(reuse.calls, 1);
    for (size_t i = 0; i < PAIRS; i++)
        kit_put(reuse.heir_peers[i]);
    LOOK_UNTIL(k, reuse.calls >= 1 + PAIRS);
    pairs_free();
}

/* Closed, and the number given anew by the kernel: the lowest that is free. */
static void close_and_open(struct kit_probe *p)
{
    (void)p;
    reuse.calls++;
    for (size_t i = 0; i < PAIRS; i++) {
        int fresh[2];
        kit_probe_forget(&reuse.probes[i]);
        close(reuse.ends[i][0]);
        kit_pair(fresh);
        reuse.ends[i][0] = fresh[0];
        reuse.heir_peers[i] = fresh[1];
        kit_probe_set(&reuse.heirs[i], fresh[0], READ);
    }
}

SCENARIO(number_given_anew_by_the_kernel_gets_nothing_stale)
{
    pairs_init(k, READ, close_and_open);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

static void inherit_in_timer(struct kit_bell *b)
{
    (void)b;
    all_inherit(NULL);
}

SCENARIO(number_reused_in_a_timer_gets_nothing_stale)
{
    struct kit_bell b;
    pairs_init(k, READ, NULL);
    kit_bell_init(&b, k);
    b.then = inherit_in_timer;
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, reuse.calls == 1);
    expect_fresh(k);
}

SCENARIO(number_reused_between_turns_gets_nothing_stale)
{
    pairs_init(k, READ, NULL);
    kit_look(k);
    all_inherit(NULL);
    expect_fresh(k);
}

/* Ready before it takes over: what it holds itself is reported. */
static void inherit_ready(struct kit_probe *p)
{
    (void)p;
    reuse.calls++;
    for (size_t i = 0; i < PAIRS; i++) {
        kit_probe_forget(&reuse.probes[i]);
        replace_descriptor(i);
        kit_put(reuse.heir_peers[i]);
        kit_probe_set(&reuse.heirs[i], reuse.ends[i][0], READ);
    }
}

SCENARIO(reused_number_is_heard_for_what_it_holds_itself)
{
    pairs_init(k, READ, inherit_ready);
    LOOK_UNTIL(k, reuse.calls == 1);
    for (size_t i = 0; i < PAIRS; i++)
        LOOK_UNTIL(k, reuse.heirs[i].calls > 0);
    pairs_free();
}

SCENARIO(number_is_reused_five_hundred_times)
{
    struct kit_probe p;
    kit_probe_init(&p, k);
    for (unsigned i = 1; i <= 500; i++) {
        int ends[2];
        kit_pair(ends);
        kit_probe_set(&p, ends[0], READ);
        kit_look(k);
        CHECK_EQ(p.calls, i - 1);
        kit_put(ends[1]);
        LOOK_UNTIL(k, p.calls == i);
        kit_probe_forget(&p);
        kit_unpair(ends);
    }
}

extern const struct kit_scenario kit_reuse[];
const struct kit_scenario kit_reuse[] = {
    LIST(new_watch_of_a_reused_number_gets_nothing_stale),
    LIST(reused_number_of_a_writable_descriptor_gets_nothing_stale),
    LIST(duplicate_of_the_old_descriptor_is_not_heard),
    LIST(numbers_of_all_others_are_reused),
    LIST(same_watch_on_a_reused_number_gets_nothing_stale),
    LIST(number_given_anew_by_the_kernel_gets_nothing_stale),
    LIST(number_reused_in_a_timer_gets_nothing_stale),
    LIST(number_reused_between_turns_gets_nothing_stale),
    LIST(reused_number_is_heard_for_what_it_holds_itself),
    LIST(number_is_reused_five_hundred_times),
    LIST_END,
};
