/*
 * What the peer sent: bytes become frames, frames become messages. It checks
 * every rule of RFC 6455 that received frames can break, the limits and UTF-8,
 * each at the first byte that breaks it. It knows no handshake, no time and
 * nothing that is sent.
 *
 * Between calls [at, end) are the fed bytes that were not yet looked at, and
 * `busy` is false only where a new frame of a new message must begin.
 */
#ifndef HWI_INBOX_H
#define HWI_INBOX_H

#include "base/ascii.h"
#include "proto/deflate_in.h"
#include "proto/mask.h"
#include "proto/message.h"

enum hwi_inbox_state { INBOX_HEADER, INBOX_CONTROL, INBOX_DATA };

struct hwi_inbox {
    uint8_t *at, *end;
    size_t whole_max; /* a frame up to this is handed out in place */
    hws_time fed_at;  /* when the bytes were read */
    uint8_t server;   /* HWI_MASKED: frames must be masked; or 0 */
    uint8_t rules;    /* as hwi_frame_parse() */
    bool busy;        /* the fast path must not look */
    bool deaf;        /* whatever comes is dropped */

    uint8_t state;      /* enum hwi_inbox_state */
    uint8_t head_size;  /* bytes of a header that came in pieces */
    uint8_t split_size; /* bytes of a control frame that came in pieces */
    uint8_t head[HWI_FRAME_HEAD_MAX];
    struct hwi_frame frame; /* the frame that is being received */
    uint64_t left;          /* bytes of its payload still to come */
    uint64_t stream_end;    /* bytes fed in all: the place of `end` */
    uint64_t frame_at;      /* the place where the frame began */

    struct hwi_inflater *inflater; /* NULL: nothing comes compressed */
    size_t clear; /* of a compressed frame: fed bytes unmasked already */
    struct hwi_message message;
    struct hws_span control; /* payload of the control frame found */
    uint8_t *split;          /* memory for one that came in pieces, or NULL */
    uint8_t *parked;         /* memory that [at, end) was moved to, or NULL */
    size_t parked_size;
};

enum hwi_found {
    HWI_FOUND_NOTHING, /* more bytes are needed */
    HWI_FOUND_MESSAGE, /* or a chunk of one: the event is filled */
    HWI_FOUND_CONTROL, /* frame.opcode and `control` */
    HWI_FOUND_BAD,     /* the fault is filled, with the close code to send */
};

void hwi_inbox_init(struct hwi_inbox *in, enum hws_role role,
                    const struct hws_limits *limits);
void hwi_inbox_release(struct hwi_inbox *in);

/* The handshake allows compressed messages. 0 or HWS_E_MEMORY. */
int hwi_inbox_agree(struct hwi_inbox *in,
                    const struct hwi_deflate_terms *terms);

/* 0, or HWS_E_STATE while earlier bytes are not drained. */
int hwi_inbox_feed(struct hwi_inbox *in, uint8_t *bytes, size_t size,
                   hws_time now);
/* The handshake took `size` of the fed bytes: they belong to no frame. */
void hwi_inbox_skip(struct hwi_inbox *in, size_t size);
/* Find the next thing in the fed bytes. Spans live until the next call. */
enum hwi_found hwi_inbox_take(struct hwi_inbox *in, struct hws_event *event,
                              struct hws_fault *fault);
/* Whether take() could find something without more bytes. */
static inline bool hwi_inbox_holds(const struct hwi_inbox *in)
{
    return in->at != in->end || in->message.waits;
}
/* Drop what is left and all that comes. */
void hwi_inbox_shut(struct hwi_inbox *in);

int hwi_inbox_park(struct hwi_inbox *in);
uint8_t *hwi_inbox_space(struct hwi_inbox *in, size_t *size);
void hwi_inbox_trim(struct hwi_inbox *in);
/* Bytes that came and were not handed out. */
size_t hwi_inbox_backlog(const struct hwi_inbox *in);
size_t hwi_inbox_memory(const struct hwi_inbox *in);

/* No memory for `size` bytes of a message: HWI_FOUND_BAD, with the fault. */
enum hwi_found hwi_inbox_no_memory(struct hws_fault *fault, size_t size);
/* The payload of the present data frame was dealt with. */
void hwi_inbox_end_frame(struct hwi_inbox *in);

static inline void hwi_message_event(struct hws_event *event, hws_time at,
                                     uint8_t opcode, struct hws_span data)
{
    event->kind = HWS_MESSAGE;
    event->at = at;
    event->message.data = data;
    event->message.opcode = opcode;
    event->message.first = true;
    event->message.last = true;
}

/*
 * Check what lies between `at` and in->at, a whole message that the fast path
 * found: a text that came to a client, or what came masked to a server. False
 * puts everything back for the slow path.
 */
bool hwi_inbox_check_text(struct hwi_inbox *in, const struct hws_event *event,
                          uint8_t *at);
bool hwi_inbox_check_masked(struct hwi_inbox *in, const struct hws_event *event,
                            uint8_t *at);

/*
 * The fast path: an unfragmented message that lies whole in the fed bytes.
 * False says nothing but "look closer": hwi_inbox_take() judges anew from the
 * same byte. What needs a call stands apart, so that the path of most messages
 * calls nothing and keeps everything in registers.
 */
static inline bool hwi_inbox_whole(struct hwi_inbox *in,
                                   struct hws_event *event)
{
    uint8_t *at = in->at;
    size_t size = (size_t)(in->end - at);
    if (in->busy || size < 2)
        return false;
    unsigned opcode = at[0] ^ HWI_FIN;
    size_t length = at[1] ^ in->server;
    size_t head = 2;
    if (opcode - HWS_TEXT > HWS_BINARY - HWS_TEXT || length > 126)
        return false;
    if (length == 126) {
        if (size < 4)
            return false;
        length = (size_t)at[2] << 8 | at[3];
        head = 4;
        if (length < 126)
            return false;
    }
    head += in->server >> 5; /* a masking key takes 4 bytes */
    if (size < head + length || length > in->whole_max)
        return false;

    in->at = at + head + length;
    hwi_message_event(event, in->fed_at, (uint8_t)opcode,
                      hwi_span(at + head, length));
    if (in->server)
        return hwi_inbox_check_masked(in, event, at);
    return opcode == HWS_BINARY || hwi_is_short_ascii(at + head, length) ||
           hwi_inbox_check_text(in, event, at);
}

#endif
