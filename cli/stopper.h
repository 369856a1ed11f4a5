/*
 * Everything that ends a program from outside: SIGINT, SIGTERM, SIGHUP and
 * the time that --for gives. The first one asks for an end in order; a second
 * signal ends the process at once.
 */
#ifndef CLI_STOPPER_H
#define CLI_STOPPER_H

#include "hawser/loop.h"

struct stopper {
    void (*stop)(struct stopper *stopper); /* called once; set by the owner */
    bool stopped;
    int signal; /* what stopped it: a number, or 0 for the time or a call */
    struct hws_loop *loop;
    struct hws_signal signals[3];
    struct hws_timer limit;
};

/* `delay` is what --for gave, or HWS_NEVER. 0 or a negative status. */
int stopper_init(struct stopper *stopper, struct hws_loop *loop,
                 hws_time delay);
void stopper_release(struct stopper *stopper);
/* Stop now, for a reason of the program's own. Later calls do nothing. */
void stopper_stop(struct stopper *stopper);
/* `code`, or 128 + number when a signal stopped the program. */
int stopper_exit_code(const struct stopper *stopper, int code);

#endif
