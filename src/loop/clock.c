/* The system's clocks: the only place where hawser reads them. */
#include "hawser/loop.h"

#include <time.h>

static clockid_t system_clock(enum hws_clock clock)
{
    switch (clock) {
    case HWS_CLOCK_REALTIME:
        return CLOCK_REALTIME;
    case HWS_CLOCK_BOOTTIME:
#ifdef CLOCK_BOOTTIME
        return CLOCK_BOOTTIME;
#endif
    case HWS_CLOCK_MONOTONIC:
        break;
    }
    return CLOCK_MONOTONIC;
}

hws_time hws_clock_now(enum hws_clock clock)
{
    struct timespec now;
    clock_gettime(system_clock(clock), &now);
    return HWS_S(now.tv_sec) + now.tv_nsec;
}

hws_time hws_loop_clock(struct hws_loop *loop, enum hws_clock clock)
{
    if (loop->ops->clock)
        return loop->ops->clock(loop, clock);
    return hws_clock_now(clock);
}
