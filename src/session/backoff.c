#include "session/backoff.h"

#include <limits.h>

void hwi_backoff_init(struct hwi_backoff *b, const struct hws_retry *retry)
{
    *b = (struct hwi_backoff){.retry = retry};
}

void hwi_backoff_note(struct hwi_backoff *b, hws_time up)
{
    if (up > 0 && up >= b->retry->stable)
        b->failures = 0;
    if (b->failures < UINT_MAX)
        b->failures++;
}

bool hwi_backoff_spent(const struct hwi_backoff *b)
{
    unsigned max = b->retry->attempts_max;
    return max && b->failures >= max;
}

/* Uniform in [low, high]. */
static hws_time draw(struct hws_random random, hws_time low, hws_time high)
{
    uint64_t dice;
    if (high <= low)
        return low;
    random.fill(random.context, &dice, sizeof(dice));
    return low + (hws_time)(dice % (uint64_t)(high - low + 1));
}

/* delay_min doubled once for every failure, at most the cap. */
static hws_time upper_bound(const struct hws_retry *r, unsigned failures)
{
    hws_time bound = r->delay_min;
    for (unsigned i = 0; i < failures && bound < r->delay_max; i++)
        bound = bound > r->delay_max / 2 ? r->delay_max : 2 * bound;
    return bound;
}

/* All clients of a restarted server were told the same moment: spread them
 * behind it. */
static hws_time behind(const struct hws_retry *r, hws_time after,
                       struct hws_random random)
{
    hws_time asked = after < r->after_max ? after : r->after_max;
    return draw(random, asked, asked + asked / 10 + r->delay_min);
}

hws_time hwi_backoff_delay(const struct hwi_backoff *b,
                           enum hwi_eagerness eagerness, hws_time after,
                           unsigned spread, struct hws_random random)
{
    const struct hws_retry *r = b->retry;
    hws_time floor = r->delay_min / 2;
    hws_time bound = upper_bound(r, b->failures / (spread ? spread : 1));

    /* What the server says outweighs our guess that it must be spared. */
    if (eagerness == HWI_RETRY_SLOW && after == HWS_NEVER) {
        floor = r->delay_max / 2;
        bound = r->delay_max;
    }
    hws_time delay = draw(random, floor, bound);
    if (after != HWS_NEVER) {
        /* Not below the ordinary delay: one that always says 0 would make us
         * hammer it. */
        hws_time wanted = behind(r, after, random);
        delay = wanted > delay ? wanted : delay;
    }
    return delay > 0 ? delay : 1;
}
