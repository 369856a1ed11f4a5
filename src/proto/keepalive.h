/*
 * Whether the peer is alive: when to ask, and how long to wait for any byte.
 * And how long an answer takes: pings are remembered by a mark, so that only
 * the answer to the newest of each kind counts. It sends nothing by itself.
 */
#ifndef HWI_KEEPALIVE_H
#define HWI_KEEPALIVE_H

#include "base/span.h"
#include "hawser/proto.h"

#define HWI_KEEPALIVE_PAYLOAD 16 /* a nonce and a counter, 8 bytes each */

struct hwi_ping_mark {
    uint64_t mark;    /* stands for the payload */
    hws_time sent_at; /* HWS_NEVER: none is waiting for its answer */
};

struct hwi_keepalive {
    hws_time ping_delay, silent_delay;
    hws_time heard_at; /* last byte, or the begin of listening */
    hws_time asked_at; /* HWS_NEVER: no question is open */
    struct hwi_ping_mark own, user;
    uint8_t nonce[8]; /* differs for each connection */
    uint64_t counter;
    bool reading;
};

/* A deadline; a delay of HWS_NEVER gives none. */
static inline hws_time hwi_after(hws_time at, hws_time delay)
{
    return delay > HWS_NEVER - at ? HWS_NEVER : at + delay;
}

enum hwi_alive { HWI_ALIVE, HWI_ALIVE_ASK, HWI_ALIVE_SILENT };

void hwi_keepalive_init(struct hwi_keepalive *k, const struct hws_delays *d,
                        struct hws_random random, hws_time now);

/* A byte came. On the path of every read. */
static inline void hwi_keepalive_heard(struct hwi_keepalive *k, hws_time now)
{
    k->heard_at = now;
    k->asked_at = HWS_NEVER;
}

/* May be earlier than needed when bytes come in between: tick then says
 * HWI_ALIVE, and nobody has to move a timer for every message. */
hws_time hwi_keepalive_deadline(const struct hwi_keepalive *k);
enum hwi_alive hwi_keepalive_tick(const struct hwi_keepalive *k, hws_time now);

/* We ask now: the payload of the ping to send. The question is open. */
void hwi_keepalive_ask(struct hwi_keepalive *k, hws_time now,
                       uint8_t payload[HWI_KEEPALIVE_PAYLOAD]);
/* The user's own ping was queued. */
void hwi_keepalive_note(struct hwi_keepalive *k, struct hws_span payload,
                        hws_time now);
/* A pong came: the round trip, or HWS_NEVER when it answers none of ours. */
hws_time hwi_keepalive_answer(struct hwi_keepalive *k, struct hws_span payload,
                              hws_time now);
/* While nobody reads, nobody can be called silent. */
void hwi_keepalive_reading(struct hwi_keepalive *k, bool reading, hws_time now);

#endif
