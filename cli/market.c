#include "market.h"

#include "hawser/conn.h"

/* So many messages per wake-up, so that a schedule that this machine cannot
 * keep does not starve the sockets. */
#define BATCH_MAX 4096

static void market_due(struct hws_timer *timer, hws_time now)
{
    char *at = (char *)timer - offsetof(struct market, timer);
    struct market *market = (struct market *)(void *)at;
    hws_batch_begin(market->loop);
    for (int i = 0; i < BATCH_MAX && market->runs && market->due <= now; i++) {
        hws_time event_time = market->due + market->wall;
        market->message(market, feed_next(&market->feed, event_time));
        market->due += feed_delay(&market->feed, market->rate);
    }
    hws_batch_end(market->loop);
    /* The end of the batch may have ended the last client, and us. */
    if (market->runs)
        hws_loop_timer(market->loop, timer, market->due);
}

void market_init(struct market *market, struct hws_loop *loop, double rate,
                 uint64_t seed)
{
    market->loop = loop;
    market->rate = rate;
    market->timer =
        (struct hws_timer){.due = market_due, .deadline = HWS_NEVER};
    feed_init(&market->feed, seed);
}

void market_start(struct market *market)
{
    market->runs = true;
    market->due = hws_loop_clock(market->loop, HWS_CLOCK_MONOTONIC);
    market->wall =
        hws_loop_clock(market->loop, HWS_CLOCK_REALTIME) - market->due;
    hws_loop_timer(market->loop, &market->timer, market->due);
}

void market_stop(struct market *market)
{
    if (market->runs)
        hws_loop_timer(market->loop, &market->timer, HWS_NEVER);
    market->runs = false;
}
