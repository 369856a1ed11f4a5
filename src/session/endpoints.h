/*
 * The places where a client may connect, in order of preference: which one is
 * next after a failure, and when the first is to be tried again.
 */
#ifndef HWI_ENDPOINTS_H
#define HWI_ENDPOINTS_H

#include "base/url.h"

struct hwi_endpoints {
    struct hwi_url *urls;
    size_t count;
    size_t current;
    hws_time away; /* time up at other places since the first was left */
};

/* A place that accepts and hangs up sooner than that is no better than one
 * that refuses. */
#define HWI_UP_TOO_SHORT HWS_S(5)

/* Parse all; the fault names the bad one. Owns: hwi_endpoints_release(). */
int hwi_endpoints_init(struct hwi_endpoints *e, const char *const *urls,
                       size_t count, struct hws_fault *fault);
void hwi_endpoints_release(struct hwi_endpoints *e);

static inline const struct hwi_url *
hwi_endpoints_now(const struct hwi_endpoints *e)
{
    return &e->urls[e->current];
}
/*
 * The attempt or connection at the current place is over. `up`: how long it
 * was up, 0 when it never was. A place that was not up long enough gives way
 * to the next; another one is tried again, unless the line was up away from
 * the first for `return_delay` in all.
 */
void hwi_endpoints_note(struct hwi_endpoints *e, hws_time up,
                        hws_time return_delay);

#endif
