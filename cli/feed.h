/*
 * A market that never was: trades, depth updates and tickers as JSON texts of
 * 100 B to 4 KiB, the same for the same seed. It knows no socket and reads no
 * clock; its only memory is the structure itself.
 *
 *   {"s":7,"e":"trade","E":1700000000123,"T":1700000000123456789,
 *    "symbol":"BTC-USD","id":81230,"price":"64123.45",...}
 *
 * "s" counts from 1 without a gap and always comes first; "E" is the event
 * time in ms ("/E:ms"), "T" the same in ns ("/T:ns").
 */
#ifndef FEED_H
#define FEED_H

#include "hawser/types.h"

#define FEED_MESSAGE_MAX 4096 /* bytes */
#define FEED_SYMBOLS 8

struct feed {
    uint64_t random;
    uint64_t sequence;             /* of the last message */
    uint64_t trade;                /* its number, over all symbols */
    unsigned burst;                /* messages left that follow at once */
    int64_t price[FEED_SYMBOLS];   /* in 1/100, walking */
    int64_t open[FEED_SYMBOLS];    /* at the start */
    int64_t highest[FEED_SYMBOLS]; /* since then */
    int64_t lowest[FEED_SYMBOLS];
    int64_t volume[FEED_SYMBOLS]; /* in 1/100,000,000 */
    size_t size;
    char text[FEED_MESSAGE_MAX];
};

void feed_init(struct feed *feed, uint64_t seed);

/*
 * Make the next message, with `realtime` (ns since 1970) as its event time.
 *
 * Lends: until the next call on `feed`.
 */
struct hws_span feed_next(struct feed *feed, hws_time realtime);

/*
 * How long after the last message the next one is due. Messages come in
 * bursts, 1 to 64 without a pause; over time their mean rate is `rate` per
 * second (above 0).
 */
hws_time feed_delay(struct feed *feed, double rate);

/* The sequence number of a message of a feed. False: it is none. */
bool feed_sequence(struct hws_span message, uint64_t *sequence);

#endif
