/*
 * A rate that forgets: each note weighs exp(-age / 2 s). It reads no clock;
 * it is told the time of each note and of each question, so an idle stretch
 * counts in full however long nobody called.
 */
#ifndef HWI_RATE_H
#define HWI_RATE_H

#include "hawser/types.h"

/* How often fresh notes are folded into the weight. */
#define HWI_RATE_STEP HWS_MS(50)

struct hwi_rate {
    double weight;     /* of the notes up to `folded`, aged to `at` */
    uint64_t folded;   /* notes */
    hws_time at;       /* of the last folding */
    hws_time next;     /* from when on folding is due */
    hws_time begin_at; /* of the first note */
};

/* Nothing was noted; the first call of due() will be true. */
void hwi_rate_init(struct hwi_rate *r);

static inline bool hwi_rate_due(const struct hwi_rate *r, hws_time now)
{
    return now >= r->next;
}
/* Before a note at `now` that is due: fold all that came earlier. `count` is
 * the number of notes until now, this one not included. */
void hwi_rate_fold(struct hwi_rate *r, uint64_t count, hws_time now);

/* Notes per second, `count` in all. */
double hwi_rate_per_second(const struct hwi_rate *r, uint64_t count,
                           hws_time now);

#endif
