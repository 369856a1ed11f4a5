/*
 * What the scenarios of the conformance kit share: checks that end a scenario
 * with a sentence, turns of the loop under test, and watches and timers that
 * remember. Names here begin with kit_.
 */
#ifndef KIT_H
#define KIT_H

#include "hawser/hawser.h"
#include "hawser/loopkit.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ ((unsigned)HWS_READ)
#define WRITE ((unsigned)HWS_WRITE)
#define BOTH (READ | WRITE)

struct kit {
    const struct hws_loopkit_host *host;
    struct hws_loop *loop;
    bool tls;         /* the scenario's parameter */
    hws_time turn_at; /* when the present or last turn began */
    unsigned turns;   /* so far */
    const char *skip_reason;
    struct kit_grave *graves;
};

struct kit_scenario {
    const char *name;
    void (*run)(struct kit *k);
    bool tls;       /* run it over TLS */
    bool needs_run; /* skipped where host->run is NULL */
};

/* ---- checks. The first that does not hold ends the scenario. */

_Noreturn void kit_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The scenario means nothing here: it cleans up and returns. */
void kit_skip(struct kit *k, const char *reason);
/* Fails after more turns than any scenario can need. */
void kit_count_look(int *looks, const char *file, int line, const char *what);
/* What the scenario waits for, for the report of one that hangs. */
void kit_waits_for(const char *file, int line, const char *what);

#define FAIL(...) kit_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition)                            \
    do {                                            \
        if (!(condition))                           \
            FAIL("'%s' does not hold", #condition); \
    } while (0)
#define CHECK_EQ(value, expected)                                      \
    do {                                                               \
        long long value_ = (long long)(value);                         \
        long long expected_ = (long long)(expected);                   \
        if (value_ != expected_)                                       \
            FAIL("'%s' is %lld, not %lld", #value, value_, expected_); \
    } while (0)

/* ---- turns */

/* One that does not wait; one that does. */
void kit_look(struct kit *k);
void kit_turn(struct kit *k);
/* Enough turns without waiting for all that is ready now to be called. */
void kit_look_around(struct kit *k);

/* For what is ready or due already: no turn waits. */
#define LOOK_UNTIL(k, condition)                    \
    for (int looks_ = 0; !(condition); kit_look(k)) \
    kit_count_look(&looks_, __FILE__, __LINE__, #condition)
/* For what time or another thread brings: turns wait. */
#define WAIT_UNTIL(k, condition)                                             \
    for (kit_waits_for(__FILE__, __LINE__, #condition);                      \
         !(condition) || (kit_waits_for(NULL, 0, NULL), false); kit_turn(k)) \
    continue

static inline hws_time kit_now(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}

/* ---- a watch that counts, remembers, and then does what the story says */

struct kit_probe {
    struct hws_watch watch;
    struct kit *k;
    unsigned calls;
    unsigned ready; /* of the last call */
    void (*then)(struct kit_probe *p);
    struct kit_probe *others; /* the scenario's */
    size_t count;             /* of them */
    struct kit_bell *bell;    /* the scenario's */
    int spare;                /* a descriptor of the scenario's */
};

void kit_probe_init(struct kit_probe *p, struct kit *k);
void kit_probe_set(struct kit_probe *p, int fd, unsigned interest);
void kit_probe_forget(struct kit_probe *p);

/* ---- a timer that counts, remembers and checks */

struct kit_bell {
    struct hws_timer timer;
    struct kit *k;
    unsigned calls;
    unsigned turn;     /* of the last call */
    hws_time deadline; /* HWS_NEVER when not armed */
    hws_time rang_for; /* the deadline of the last call */
    void (*then)(struct kit_bell *b);
    struct kit_bell *others;
    size_t count;
    struct kit_probe *probe;
};

void kit_bell_init(struct kit_bell *b, struct kit *k);
void kit_bell_set(struct kit_bell *b, hws_time deadline);
void kit_bell_after(struct kit_bell *b, hws_time delay);
void kit_bell_off(struct kit_bell *b);

/* Nothing is ready or due for `delay`: turns that wait may come back early now
 * and then, and no more than that. */
void kit_expect_rest(struct kit *k, hws_time delay);

/*
 * As if their memory were given back: the kit keeps it to see whether it is
 * touched, or called, afterwards. Both were made by malloc().
 */
void kit_probe_bury(struct kit_probe *p);
void kit_bell_bury(struct kit_bell *b);
/* At the end of a scenario. */
void kit_graves_check(struct kit *k);

/* ---- descriptors */

/* Two connected stream ends that do not block. */
void kit_pair(int ends[2]);
void kit_unpair(int ends[2]);
void kit_put(int fd);  /* one byte */
void kit_take(int fd); /* one byte */
void kit_fill(int fd); /* until it takes no more */
void kit_drain(int fd);
/* Whether `count` descriptors can be had; if not, the scenario is skipped. */
bool kit_have_descriptors(struct kit *k, size_t count);

/* ---- the scenarios, each table ended by a NULL name */

struct kit_group {
    const char *name;
    const struct kit_scenario *scenarios;
};
/* Ended by a NULL name. */
extern const struct kit_group kit_groups[];

#define SCENARIO(name) static void name(struct kit *k)
#define LIST(name)                \
    {                             \
#name, name, false, false \
    }
#define LIST_RUN(name)           \
    {                            \
#name, name, false, true \
    }
#define LIST_TLS(name)                  \
    {#name, name, false, false},        \
    {                                   \
#name "_tls", name, true, false \
    }
#define LIST_END                 \
    {                            \
        NULL, NULL, false, false \
    }

#endif
