/*
 * The health of one connection, laid open to session/ so that the counting of
 * a message, the only thing done per message, can be inlined there.
 */
#ifndef HWI_HEALTH_H
#define HWI_HEALTH_H

#include "hawser/health.h"

#include "health/rate.h"
#include "health/stages.h"
#include "health/verdict.h"

struct hws_health {
    struct hwi_rate rate; /* of messages_in */
    uint64_t messages_in;
    hws_time last_message_at;
    const struct hws_time_field *field; /* NULL: lag is not measured */
    struct hws_histogram *lag;          /* NULL without a field */
    bool measures;
    bool unmade;               /* it measures, and has no `stages` yet */
    struct hwi_stages *stages; /* from the first message on, so that an idle
                                  connection pays nothing; or NULL */
    struct hws_reading reading;
    struct hwi_verdict *judged; /* NULL before it was */

    uint64_t messages_out, pings_in, pongs_in, pings_out, unsent_messages;
    uint64_t bytes_in, bytes_out, reads, writes;
    hws_time last_byte_at;
    uint64_t wakeups, idle_wakeups;
    hws_time callback_total, callback_max;

    uint64_t connections, attempts, failures;
    hws_time up_since;
    hws_time last_pong_at; /* monotonic; HWS_NEVER: none came */
    hws_time round_trip_last, round_trip_min, round_trip_smooth;
    hws_time sample_at;       /* of the read whose messages are counted here */
    uint32_t sampled, unseen; /* of them; for whom the next one stands */
    uint64_t lag_missing;
    int64_t lag_last, lag_min, lag_max;
    enum hws_party ended_by; /* as the last fault */
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
    if (event->kind != HWS_MESSAGE || health->field || health->unmade ||
        hwi_rate_due(&health->rate, event->at)) {
        hwi_health_note_other(health, event, realtime);
        return;
    }
    health->messages_in += event->message.last;
    health->last_message_at = event->at;
    if (health->stages)
        hwi_stages_take(health->stages, event->message.data.size,
                        event->message.last);
}

static inline enum hws_verdict
hwi_health_verdict(const struct hws_health *health)
{
    return health->judged ? health->judged->verdict : HWS_VERDICT_NONE;
}

static inline bool hwi_health_measures(const struct hws_health *health)
{
    return health->measures;
}

/* After each callback. True: hws_health_handled() is due. */
static inline bool hwi_health_wants_a_look(const struct hws_health *health)
{
    return health->stages && hwi_stages_due(health->stages);
}

/* hws_health_sent() of a message. */
static inline void hwi_health_sent(struct hws_health *health)
{
    health->messages_out++;
}

#endif
