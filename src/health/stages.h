/*
 * How long messages stay in each stage of their way. Two looks at the clock a
 * message would cost as much as a small message does; so messages are taken in
 * groups as long as they are handled fast, and one by one once they are not.
 */
#ifndef HWI_STAGES_H
#define HWI_STAGES_H

#include "hawser/health.h"

/* Messages of one group; the histograms are off by what a group takes. */
#define HWI_GROUP_MAX 64

struct hwi_stages {
    uint32_t told;    /* messages of the present group */
    uint32_t group;   /* it is closed when it has so many */
    uint32_t careful; /* so many more are taken one by one */
    size_t taken;     /* bytes of the reading that were handed over, */
    size_t before;    /* ... and of these before the group */
    hws_time event_times[HWI_GROUP_MAX]; /* HWS_NEVER: none; HWI_UNSEEN */
    uint32_t unseen; /* that the next one which was looked at stands for */
    hws_time looked_at;
    const struct hws_reading *reading; /* lent */

    struct hws_histogram *of[HWS_STAGES]; /* NULL: not measured */
    int64_t last[HWS_STAGES];
    int64_t network_min; /* not corrected; HWS_NEVER: unknown */
    int64_t offset;      /* by which event times are corrected, <= 0 */
    hws_time round_trip; /* the least; HWS_NEVER: unknown */
    hws_time ahead;      /* realtime minus monotonic, at the last reading, */
    hws_time ahead_at;   /* which was then; monotonic, 0: there was none */

    /* Since they were last taken away, for the verdict. */
    struct hwi_stage_sums {
        uint64_t count[HWS_STAGES];
        int64_t lag[HWS_STAGES];
        int64_t behind; /* of the queue's lag, what callbacks held up */
    } sums;
};

/* `reading`, lent, is the present one, and written anew before each begin().
 * `timed`: messages have event times. NULL: no memory. */
struct hwi_stages *hwi_stages_new(const struct hws_reading *reading,
                                  bool timed);
void hwi_stages_free(struct hwi_stages *s);
void hwi_stages_begin(struct hwi_stages *s);
void hwi_stages_handled(struct hwi_stages *s, hws_time now);
/* The least round trip is known, or known better. */
void hwi_stages_correct(struct hwi_stages *s, hws_time round_trip);
int64_t hwi_stages_clock_offset(const struct hwi_stages *s);
void hwi_stages_show(const struct hwi_stages *s, enum hws_stage stage,
                     struct hws_stage_lag *lag);

/* A chunk is about to be handed over. */
static inline void hwi_stages_take(struct hwi_stages *s, size_t size, bool last)
{
    s->taken += size + 2;
    s->told += last;
}

/* The event time of the message that was taken; HWS_NEVER: it has none;
 * HWI_UNSEEN: it was not looked at, another one will stand for it. */
#define HWI_UNSEEN INT64_MIN
static inline void hwi_stages_time(struct hwi_stages *s, hws_time at)
{
    if (s->told && s->told <= HWI_GROUP_MAX)
        s->event_times[s->told - 1] = at;
}

/* After a callback: whether hwi_stages_handled() is due. */
static inline bool hwi_stages_due(const struct hwi_stages *s)
{
    return s->told >= s->group;
}

#endif
