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
};

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
 * was up, 0 when it never was. A place that never came up gives way to the
 * next; one that was up is tried again, unless the preferred place was out of
 * use for `return_delay`.
 */
void hwi_endpoints_note(struct hwi_endpoints *e, hws_time up,
                        hws_time return_delay);

#endif
