/*
 * What waits to be written: control frames and data frames in a lane each. A
 * frame that has begun is finished first; then control frames go before data.
 * It keeps the limits of the queue and counts what was accepted and has not
 * left. It knows nothing of what is received, nor when sending is allowed.
 */
#ifndef HWI_OUTBOX_H
#define HWI_OUTBOX_H

#include "base/utf8.h"
#include "hawser/proto.h"
#include "proto/deflate_out.h"
#include "proto/lane.h"

#define HWI_PONGS_MAX 16 /* automatic pongs that wait */
#define HWI_PINGS_MAX 16 /* pings of the caller that wait */

struct hwi_outbox {
    struct hwi_lane control, data;
    struct hws_random random;
    size_t size_max, high, low;
    uint64_t unsent;     /* messages taken that did not wholly leave */
    size_t compress_min; /* messages from this size on; SIZE_MAX: none */
    struct hwi_deflater *deflater; /* NULL: nothing may be compressed */
    size_t chained; /* bytes in front of the data lane that later messages
                       refer to: they leave, or all of them are dropped */
    enum hws_full when_full;
    uint8_t pongs, pings; /* waiting */
    uint8_t mask;         /* HWI_MASKED in the client role, or 0 */
    uint8_t key_at;       /* the next masking key; at the end: draw more */
    uint8_t keys[32];
    uint8_t opcode;       /* of the message whose parts are being sent, or 0 */
    struct hwi_utf8 text; /* where its UTF-8 stands */
    bool dropping;        /* its parts are dropped */
    bool compressing;     /* its parts are compressed */
    bool chaining;        /* ... and others may refer to them */
    bool mid_message;     /* on the wire: the last data frame had no FIN */
    bool from_control;    /* the lane that output came from */
    bool close_left;      /* a close frame has left wholly */
    bool above;           /* HIGH_WATER was told */
};

void hwi_outbox_init(struct hwi_outbox *o, enum hws_role role,
                     const struct hws_limits *limits, struct hws_random random);
void hwi_outbox_release(struct hwi_outbox *o);
/* The handshake allows compressed messages. 0 or HWS_E_MEMORY. */
int hwi_outbox_agree(struct hwi_outbox *o,
                     const struct hwi_deflate_terms *terms,
                     const struct hws_deflate *wish);

/* An HTTP head, before any frame. 0 or HWS_E_MEMORY. */
int hwi_outbox_push_raw(struct hwi_outbox *o, struct hws_span bytes);
/* A message or a part of one; as hws_proto_send(), state checked by caller.
 * HWS_E_FULL with HWS_FULL_CLOSE asks the caller to end the connection. */
int hwi_outbox_push(struct hwi_outbox *o, uint8_t opcode, struct hws_span data,
                    bool last);
/* HWS_E_FULL when HWI_PINGS_MAX wait already, and one more, which is kept for
 * the keepalive; HWS_E_MEMORY. */
int hwi_outbox_push_ping(struct hwi_outbox *o, struct hws_span data);
/* When HWI_PONGS_MAX wait, it takes the place of the newest of them. */
int hwi_outbox_push_pong(struct hwi_outbox *o, struct hws_span data);
/* A close frame behind all data. `code` 0: an empty one. */
int hwi_outbox_push_close(struct hwi_outbox *o, unsigned code,
                          struct hws_span reason);
/* Drop all that has not begun to leave. */
void hwi_outbox_cut(struct hwi_outbox *o);
/* Drop everything. */
void hwi_outbox_shut(struct hwi_outbox *o);

struct hws_span hwi_outbox_output(struct hwi_outbox *o);
void hwi_outbox_wrote(struct hwi_outbox *o, size_t size);

static inline size_t hwi_outbox_queued(const struct hwi_outbox *o)
{
    return hwi_lane_size(&o->control) + hwi_lane_size(&o->data);
}
/* Whether a crossed water mark is still to be told. */
static inline bool hwi_outbox_crossed(const struct hwi_outbox *o)
{
    size_t queued = hwi_outbox_queued(o);
    return o->above ? queued <= o->low : queued > o->high;
}

static inline size_t hwi_outbox_frame_size(const struct hwi_outbox *o,
                                           size_t length)
{
    return hwi_frame_head_size(length, o->mask) + length;
}
/* Keys are drawn some at a time: the source is behind a call. */
static inline void hwi_outbox_key(struct hwi_outbox *o, uint8_t out[4])
{
    if (o->key_at == sizeof(o->keys)) {
        o->random.fill(o->random.context, o->keys, sizeof(o->keys));
        o->key_at = 0;
    }
    memcpy(out, o->keys + o->key_at, 4);
    o->key_at = (uint8_t)(o->key_at + 4);
}

void hwi_outbox_trim(struct hwi_outbox *o);
size_t hwi_outbox_memory(const struct hwi_outbox *o);

#endif
