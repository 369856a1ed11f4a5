/*
 * The conformance kit: more than a hundred scenarios that any implementation
 * of struct hws_loop can be put through. Link with the library
 * hawser-loopkit. Each scenario runs in a process of its own, so that a crash
 * or a hang is a result like any other.
 *
 * Scenarios assert order and lower bounds, never how fast a machine is: a slow
 * loop passes here, and is found by measuring.
 */
#ifndef HAWSER_LOOPKIT_H
#define HAWSER_LOOPKIT_H

#include "hawser/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the kit drives a loop under test. All calls come from one thread, which
 * for scenarios with several threads is not always the same. */
struct hws_loopkit_host {
    const char *name; /* in the report */

    /* A new loop. NULL is a failure of the scenario. */
    struct hws_loop *(*open)(void *user);
    /* Free it; all its watches are forgotten, all its timers disarmed. */
    void (*close)(struct hws_loop *loop, void *user);
    /*
     * One turn: look at the descriptors once, call what is ready and due,
     * return. With `wait`, and when nothing is ready or due, sleep until
     * something is; returning early for no reason is allowed now and then.
     */
    void (*turn)(struct hws_loop *loop, bool wait, void *user);
    /* Run until nothing keeps the loop running: no watch but background ones,
     * no timer. NULL when the host knows no such end: scenarios are skipped. */
    void (*run)(struct hws_loop *loop, void *user);

    void *user;
};

enum hws_loopkit_verdict {
    HWS_LOOPKIT_OK,
    HWS_LOOPKIT_SKIPPED, /* `text` says what is lacking */
    HWS_LOOPKIT_FAILED,  /* `text` says what was wrong, and where */
};

/* Lends: the texts, until the callback returns. */
struct hws_loopkit_result {
    const char *name; /* "timers.past_deadline_fires" */
    enum hws_loopkit_verdict verdict;
    const char *text; /* "" when all is well */
};

struct hws_loopkit_options {
    const char *only; /* names that contain this text; NULL: all */
    bool here;        /* in this process: for a debugger. A failure aborts */
    unsigned guard;   /* seconds until a scenario has hung; 0: 60 */
    void (*on_result)(const struct hws_loopkit_result *result, void *user);
    void *user;
};

struct hws_loopkit_counts {
    size_t ok, skipped, failed;
};

/*
 * Put `host` through the scenarios. Call it before threads are made: it forks.
 * `options` and `counts` may be NULL.
 *
 * Fails:  HWS_E_STATE when a scenario failed, HWS_E_ARGUMENT when none has a
 *         name with `only` in it, HWS_E_SYSTEM when no process could be made.
 */
HWS_API int hws_loopkit_run(const struct hws_loopkit_host *host,
                            const struct hws_loopkit_options *options,
                            struct hws_loopkit_counts *counts);

/* The name of scenario `index`, or NULL behind the last. */
HWS_API const char *hws_loopkit_name(size_t index);

/*
 * All of main(): options from the command line (--list, --only TEXT, --here,
 * --guard SECONDS), results in the Test Anything Protocol on stdout. Returns
 * the exit status: 0 when nothing failed, 1, or 2 for a wrong option.
 */
HWS_API int hws_loopkit_main(int argc, char **argv,
                             const struct hws_loopkit_host *hosts,
                             size_t count);

#ifdef __cplusplus
}
#endif
#endif
