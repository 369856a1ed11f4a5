/*
 * How long to wait before the next attempt: full jitter with a floor and a
 * cap. It counts failures in a row; the clock and the dice come from outside.
 */
#ifndef HWI_BACKOFF_H
#define HWI_BACKOFF_H

#include "hawser/client.h"

struct hwi_backoff {
    const struct hws_retry *retry;
    unsigned failures; /* in a row; a stable connection starts over */
};

/* How eagerly an end is followed by another attempt. */
enum hwi_eagerness {
    HWI_RETRY_SOON, /* the ordinary jitter */
    HWI_RETRY_SLOW, /* must not be hammered */
    HWI_RETRY_NEVER,
};

void hwi_backoff_init(struct hwi_backoff *b, const struct hws_retry *retry);
/* A connection that was up for `up` (0: never came up) has ended. */
void hwi_backoff_note(struct hwi_backoff *b, hws_time up);
/*
 * The delay before the next attempt, above 0. `after`: what the server asked
 * for by Retry-After, HWS_NEVER when nothing; never less than that is waited,
 * up to retry->after_max, nor less than the ordinary delay, and SLOW counts
 * for nothing beside it. `spread`: endpoints that share the failures.
 */
hws_time hwi_backoff_delay(const struct hwi_backoff *b,
                           enum hwi_eagerness eagerness, hws_time after,
                           unsigned spread, struct hws_random random);
/* Whether retry->attempts_max forbids another attempt. */
bool hwi_backoff_spent(const struct hwi_backoff *b);

#endif
