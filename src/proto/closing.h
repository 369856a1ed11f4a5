/*
 * How a connection ends: which close frames went and came, who began, the
 * first cause, and until when to wait. It is told, and answers with the DOWN
 * event; it neither sends nor receives.
 */
#ifndef HWI_CLOSING_H
#define HWI_CLOSING_H

#include "base/span.h"
#include "hawser/proto.h"
#include "proto/frame.h"

/* What only an ending connection needs to hold. */
struct hwi_ending {
    struct hws_fault fault; /* the first cause */
    uint8_t reason_size;
    uint8_t reason[HWI_CLOSE_REASON_MAX]; /* the peer's */
};

struct hwi_closing {
    struct hwi_ending *ending; /* NULL before, or without memory */
    hws_time deadline;         /* HWS_NEVER: the end has not begun */
    uint16_t sent_code;     /* of the close frame queued; 1005: empty; or 0 */
    uint16_t received_code; /* of the one that came; 1005: empty; or 0 */
    uint8_t by;             /* enum hws_party: who began */
    bool failed;            /* a first cause stands */
    bool lost;              /* the transport is gone */
    bool by_loss;           /* ... and that is the first cause so far */
    bool truncated;         /* ... by TLS without close_notify */
    bool over;              /* nothing to wait for: DOWN is due */
};

/* Whether a close frame may be sent with these; as hws_proto_close(). */
bool hwi_closing_may_say(unsigned code, struct hws_span reason);

void hwi_closing_init(struct hwi_closing *c);
void hwi_closing_release(struct hwi_closing *c);

static inline bool hwi_closing_begun(const struct hwi_closing *c)
{
    return c->by != HWS_PARTY_NONE;
}

/* The end begins (if it has not): who wants it, and how long it may take. */
void hwi_closing_begin(struct hwi_closing *c, enum hws_party by,
                       hws_time deadline);
/* Keep the first cause. A later one changes nothing, but what came before the
 * transport was lost is an earlier cause than the loss. */
void hwi_closing_blame(struct hwi_closing *c, const struct hws_fault *fault);
void hwi_closing_lost(struct hwi_closing *c, const struct hws_fault *fault,
                      bool truncated);
/* A close frame came. 0, or HWS_E_PROTOCOL or HWS_E_UTF8 with `fault`. */
int hwi_closing_received(struct hwi_closing *c, struct hws_span payload,
                         struct hws_fault *fault);
/* The close deadline passed. */
void hwi_closing_expired(struct hwi_closing *c, hws_time delay);
/* The last event; `close_left` says that our close frame was wholly taken. */
void hwi_closing_down(struct hwi_closing *c, bool close_left,
                      struct hws_event *event);

/* The peer's reason. Lends: until release. */
struct hws_span hwi_closing_reason(const struct hwi_closing *c);

#endif
