/*
 * From a delay to a deadline, without ever passing the end of time.
 */
#ifndef HWI_DEADLINE_H
#define HWI_DEADLINE_H

#include "hawser/types.h"

/* `now` is not negative. */
static inline hws_time hwi_deadline_after(hws_time now, hws_time delay)
{
    return delay < HWS_NEVER - now ? now + delay : HWS_NEVER;
}

/* The same for a limit: 0 or less is none. */
static inline hws_time hwi_deadline_limit(hws_time now, hws_time delay)
{
    return delay > 0 ? hwi_deadline_after(now, delay) : HWS_NEVER;
}

#endif
