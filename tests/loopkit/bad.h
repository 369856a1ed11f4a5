/*
 * A loop on select() with a flaw that can be chosen: what the conformance kit
 * must catch. Without a flaw it is a good loop.
 */
#ifndef BAD_H
#define BAD_H

#include <hawser/loopkit.h>

enum flaw {
    FLAW_NONE,
    FLAW_CALLS_FORGOTTEN,    /* whoever was found in a batch is called */
    FLAW_TOUCHES_FORGOTTEN,  /* writes to a watch after it was forgotten */
    FLAW_STALE_AFTER_REUSE,  /* readiness goes to who has the number now */
    FLAW_EDGE_TRIGGERED,     /* reports a change, not a state */
    FLAW_LOSES_CHANGES,      /* interest set in a callback comes a turn late,
                                and never when the turn would wait */
    FLAW_DEAF_TO_OTHERS,     /* background watches do not end a wait */
    FLAW_STARVES,            /* serves the lowest descriptor only */
    FLAW_SPINS,              /* never waits */
    FLAW_IGNORES_INTEREST,   /* reports what was not asked for */
    FLAW_QUIET_ERRORS,       /* a hang-up is only readable */
    FLAW_TAKES_ANY_NUMBER,   /* accepts a negative descriptor */
    FLAW_TIMER_EARLY,        /* by 2 ms */
    FLAW_TIMER_TWICE,        /* once more on the next turn */
    FLAW_TIMER_IN_CALL,      /* a past deadline fires inside timer() */
    FLAW_TIMER_AGAIN,        /* re-armed for now: in the same turn again */
    FLAW_TIMER_DISORDER,     /* counts in whole 4 ms */
    FLAW_TIMER_FORGETS_PAST, /* a past deadline never fires */
    FLAW_TIMER_DISARM_LATE,  /* a timer that is disarmed when due fires */
    FLAW_TURN_UNTOLD_END,    /* begins turns, and does not end them */
    FLAW_COUNT
};

/* A host of the kit on such a loop. */
struct hws_loopkit_host bad_host(enum flaw flaw);

#endif
