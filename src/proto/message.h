/*
 * The message that is being received: which frames may join it, how large it
 * may become, whether its text is UTF-8 so far, and the memory in which it is
 * assembled when it comes in pieces. It knows no bytes of frames.
 */
#ifndef HWI_MESSAGE_H
#define HWI_MESSAGE_H

#include "base/buf.h"
#include "base/utf8.h"
#include "hawser/proto.h"
#include "proto/frame.h"

struct hwi_message {
    uint8_t opcode;       /* 0: none is open */
    bool first;           /* no part of it was handed out yet */
    bool compressed;      /* its frames carry what is to be inflated */
    bool waits;           /* more of it can be inflated without input */
    struct hwi_utf8 text; /* where its UTF-8 stands */
    uint32_t fragments, fragment_max;
    uint64_t size; /* bytes, as its frames declared them so far */
    size_t size_max;
    size_t chunk_size;    /* 0: assemble */
    bool unchecked;       /* text may be anything */
    struct hwi_buf store; /* its bytes, when it did not fit one feed, or as
                             they were inflated */
    size_t given;         /* of the store: handed out by the latest event */
    uint64_t inflated;    /* bytes so far */
};

void hwi_message_init(struct hwi_message *m, const struct hws_limits *limits);
void hwi_message_release(struct hwi_message *m);

/* A data frame is to join the message, or to begin one. NULL, or its flaw. */
const char *hwi_message_join(struct hwi_message *m,
                             const struct hwi_frame *frame);
/* Count its payload in. 0, or HWS_E_TOO_BIG with the fault. */
int hwi_message_grow(struct hwi_message *m, uint64_t length,
                     struct hws_fault *fault);
/*
 * Check the next `data` of the open message if it is text; it stands `at` so
 * many bytes in the message, and `last` ends it. 0, or HWS_E_UTF8 with the
 * fault.
 */
int hwi_message_check(struct hwi_message *m, struct hws_span data, uint64_t at,
                      bool last, struct hws_fault *fault);
/* Count `size` inflated bytes in. 0, or HWS_E_TOO_BIG with the fault. */
int hwi_message_inflated(struct hwi_message *m, size_t size,
                         struct hws_fault *fault);
/*
 * Room in the store for `size` bytes now and, as far as what came so far
 * vouches for it, for all that is `left` of the frame. NULL without memory.
 */
uint8_t *hwi_message_room(struct hwi_message *m, size_t size, uint64_t left);

#endif
