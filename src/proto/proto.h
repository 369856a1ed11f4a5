/*
 * How the parts of one connection stand together. Private to proto.c (life,
 * time, questions), receive.c (bytes to events) and send.c (calls to bytes).
 *
 * Between calls `notes` is 0 exactly when next() has only received frames to
 * look for.
 */
#ifndef HWI_PROTO_H
#define HWI_PROTO_H

#include "proto/closing.h"
#include "proto/inbox.h"
#include "proto/keepalive.h"
#include "proto/opening.h"
#include "proto/outbox.h"

enum proto_stage {
    PROTO_OPENING, /* the HTTP head, or the body of a refusal */
    PROTO_ASKED,   /* server: REQUEST was told, the caller is to answer */
    PROTO_UP,
    PROTO_CLOSING, /* the end has begun, but is not told */
    PROTO_OVER,    /* DOWN was told */
};

/* What next() has to look after before received frames. */
enum proto_note {
    NOTE_OPENING = 1, /* fed bytes are not frames yet */
    NOTE_UP = 2,
    NOTE_REQUEST = 4,
    NOTE_CLOSING = 8,
    NOTE_WATER = 16,
    NOTE_SPENT = 32, /* UP was told: the handshake's memory can go */
    NOTE_END = 64,   /* lost, or over */
};

struct hws_proto {
    struct hwi_inbox inbox;
    uint8_t notes; /* enum proto_note */
    uint8_t stage; /* enum proto_stage */
    uint8_t role;
    struct hwi_outbox outbox;
    struct hwi_keepalive keepalive;
    struct hwi_closing closing;
    struct hwi_opening *opening; /* NULL once UP is past */
    hws_time now;                /* of the latest call */
    hws_time close_delay;
    bool was_up;
};

static inline bool hwi_proto_is_up(const struct hws_proto *p)
{
    return p->stage == PROTO_UP && !(p->notes & NOTE_END);
}

/* Nothing more is waited for: DOWN is next. */
void hwi_proto_end(struct hws_proto *p, const struct hws_fault *fault,
                   enum hws_party by);
/* A fault of ours or of the peer's frames: say so with a close frame. */
void hwi_proto_fail(struct hws_proto *p, const struct hws_fault *fault);
void hwi_proto_end_without_memory(struct hws_proto *p);
/* The handshake is done: frames from now on. */
void hwi_proto_up(struct hws_proto *p);
/* A close frame was queued: the closing handshake begins, or is answered. */
void hwi_proto_close_said(struct hws_proto *p, unsigned code,
                          enum hws_party by);
/* Hand fed bytes to the handshake, as long as it lasts. */
void hwi_proto_open(struct hws_proto *p);
/* Server: bytes came between the request and its answer. */
void hwi_proto_refuse_early(struct hws_proto *p);

#endif
