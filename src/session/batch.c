/*
 * The end of a wake-up for callers that the connections do not know of: timers
 * and descriptors of their own.
 */
#include "hawser/conn.h"
#include "session/commons.h"

void hws_batch_begin(struct hws_loop *loop)
{
    struct hws_commons *m = hwi_commons_of(loop, NULL);
    if (!m)
        return;
    m->batches++;
    hwi_commons_enter(m);
    if (m->depth == 1)
        m->now = hws_loop_clock(loop, HWS_CLOCK_MONOTONIC);
}

void hws_batch_end(struct hws_loop *loop)
{
    struct hws_commons *m = loop->commons;
    /* A begin without memory has entered nothing; and an end too many must
     * not end the wake-up that it stands in. */
    if (!m || m->batches == 0)
        return;
    m->batches--;
    hwi_commons_leave(m, hws_loop_clock(loop, HWS_CLOCK_MONOTONIC));
}
