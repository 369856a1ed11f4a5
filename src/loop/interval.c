/*
 * A timer that is armed again before each call, so that the call may stop or
 * free it. Between calls the timer is armed exactly while `period` is not 0.
 */
#include "hawser/event.h"
#include "loop/periods.h"

#include <stddef.h>

static void due(struct hws_timer *timer, hws_time now)
{
    struct hws_interval *i =
        (void *)((char *)timer - offsetof(struct hws_interval, timer));
    uint64_t missed = hwi_periods_missed(i->deadline, i->period, now);
    i->deadline = hwi_periods_next(i->deadline, i->period, missed);
    if (hws_loop_timer(i->loop, timer, i->deadline) != 0)
        i->period = 0;
    i->tick(i, missed, now);
}

int hws_interval_start(struct hws_loop *loop, struct hws_interval *interval,
                       hws_time first, hws_time period)
{
    if (period <= 0 || first == HWS_NEVER)
        return HWS_E_ARGUMENT;
    hws_interval_stop(interval);
    interval->loop = loop;
    interval->timer.due = due;
    interval->timer.urgent = interval->urgent;
    int status = hws_loop_timer(loop, &interval->timer, first);
    if (status == 0) {
        interval->period = period;
        interval->deadline = first;
    }
    return status;
}

void hws_interval_stop(struct hws_interval *interval)
{
    if (interval->period)
        hws_loop_timer(interval->loop, &interval->timer, HWS_NEVER);
    interval->period = 0;
}
