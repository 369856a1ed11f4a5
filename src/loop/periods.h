/* The arithmetic of what repeats without drifting. */
#ifndef HWI_PERIODS_H
#define HWI_PERIODS_H

#include "hawser/types.h"

/* How many deadlines after `deadline` have passed by `now` as well. */
static inline uint64_t hwi_periods_missed(hws_time deadline, hws_time period,
                                          hws_time now)
{
    return now > deadline
               ? ((uint64_t)now - (uint64_t)deadline) / (uint64_t)period
               : 0;
}

/* The first deadline that has not passed; the end of time at the latest. */
static inline hws_time hwi_periods_next(hws_time deadline, hws_time period,
                                        uint64_t missed)
{
    hws_time last = deadline + (hws_time)missed * period;
    return last < HWS_NEVER - 1 - period ? last + period : HWS_NEVER - 1;
}

#endif
