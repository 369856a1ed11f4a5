/*
 * The health of one connection, laid open to session/ so that the counting of
 * a message, the only thing done per message, can be inlined there.
 */
#ifndef HWI_HEALTH_H
#define HWI_HEALTH_H

#include "hawser/health.h"

#include "health/rate.h"

struct hws_health {
    struct hwi_rate rate; /* of messages_in */
    uint64_t messages_in;
    hws_time last_message_at;
    const struct hws_time_field *field; /* NULL: lag is not measured */
    struct hws_histogram *lag;          /* NULL without a field */

    uint64_t messages_out, pings_in, pongs_in, pings_out, unsent_messages;
    uint64_t bytes_in, bytes_out, reads, writes;
    hws_time last_byte_at;
    uint64_t wakeups, idle_wakeups;
    hws_time callback_total, callback_max;

    uint64_t connections, attempts, failures;
    hws_time up_since;
    hws_time round_trip_last, round_trip_min, round_trip_smooth;
    uint64_t lag_missing;
    int64_t lag_last, lag_min, lag_max;
    struct hws_fault last_fault;
};

/* Everything that is rare, and every message when lag is measured. */
void hwi_health_note_other(struct hws_health *health,
                           const struct hws_event *event, hws_time realtime);

/* hws_health_note(). A message counts when its end is here. */
static inline void hwi_health_note(struct hws_health *health,
                                   const struct hws_event *event,
                                   hws_time realtime)
{
    if (event->kind != HWS_MESSAGE || health->field ||
        hwi_rate_due(&health->rate, event->at)) {
        hwi_health_note_other(health, event, realtime);
        return;
    }
    health->messages_in += event->message.last;
    health->last_message_at = event->at;
}

/* hws_health_sent() of a message. */
static inline void hwi_health_sent(struct hws_health *health)
{
    health->messages_out++;
}

#endif
