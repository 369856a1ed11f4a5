/*
 * The feed on a schedule: each message has a time at which it is due, which is
 * also its event time, whenever it leaves. A late sender therefore shows as
 * lag and is never forgiven (no coordinated omission). After a stall it
 * catches up.
 */
#ifndef CLI_MARKET_H
#define CLI_MARKET_H

#include "feed.h"
#include "hawser/loop.h"

struct market {
    /* Lends: `message` until the call returns. Set by the owner. */
    void (*message)(struct market *market, struct hws_span message);
    struct hws_loop *loop;
    struct hws_timer timer;
    bool runs;
    double rate;
    hws_time due;  /* of the next message, monotonic */
    hws_time wall; /* realtime minus monotonic, at the start */
    struct feed feed;
};

/* `message` is set before. */
void market_init(struct market *market, struct hws_loop *loop, double rate,
                 uint64_t seed);
/* The next message is due now. */
void market_start(struct market *market);
/* Of no effect when it does not run. */
void market_stop(struct market *market);

#endif
