/*
 * The header of one frame (RFC 6455 section 5.2): read, checked and written.
 * It judges what a single header shows and knows nothing of messages, of what
 * came before, or of the payload.
 */
#ifndef HWI_FRAME_H
#define HWI_FRAME_H

#include "base/span.h"

#define HWI_FRAME_HEAD_MAX 14 /* bytes: 2, 8 of length, 4 of masking key */
#define HWI_CONTROL_MAX 125   /* payload bytes of a control frame */
#define HWI_CLOSE_REASON_MAX 123

#define HWI_FIN 0x80
#define HWI_MASKED 0x80
#define HWI_RSV1 0x40 /* the message is compressed (RFC 7692 section 6) */

struct hwi_frame {
    const char *flaw; /* after HWS_E_PROTOCOL: "reserved opcode 0x3" */
    uint64_t length;  /* of the payload */
    uint8_t key[4];   /* when masked */
    uint8_t opcode;
    bool fin;
    bool compressed; /* the first frame of a compressed message */
};

static inline bool hwi_opcode_is_control(unsigned opcode)
{
    return (opcode & 8) != 0;
}

/*
 * Read a header from the front of `bytes`. Returns its size; 0 when more bytes
 * are needed; HWS_E_PROTOCOL with frame->flaw, judged at the first byte that
 * shows it, so that a flaw is the same however the bytes are cut. `rules`:
 * HWI_MASKED where the peer's role demands it, HWI_RSV1 where an extension
 * gives that bit a meaning.
 */
int hwi_frame_parse(struct hwi_frame *frame, struct hws_span bytes,
                    uint8_t rules);

/* Whether a code may stand in a close frame (RFC 6455 section 7.4). */
bool hwi_close_code_is_valid(unsigned code);

/* Bytes of a header for `length` bytes of payload; `mask` is HWI_MASKED or 0.
 */
static inline size_t hwi_frame_head_size(size_t length, uint8_t mask)
{
    size_t size = 2U + (mask >> 5); /* a masking key takes 4 bytes */
    if (length > 0xffff)
        return size + 8;
    return length > 125 ? size + 2 : size;
}

/*
 * Write a header without its masking key: `first` is FIN and opcode, `mask`
 * HWI_MASKED or 0. Always the shortest length. Returns the bytes written.
 */
static inline size_t hwi_frame_write(uint8_t *out, uint8_t first, uint8_t mask,
                                     size_t length)
{
    out[0] = first;
    if (length <= 125) {
        out[1] = (uint8_t)(mask | length);
        return 2;
    }
    if (length <= 0xffff) {
        out[1] = (uint8_t)(mask | 126);
        out[2] = (uint8_t)(length >> 8);
        out[3] = (uint8_t)length;
        return 4;
    }
    out[1] = (uint8_t)(mask | 127);
    for (int i = 0; i < 8; i++)
        out[2 + i] = (uint8_t)((uint64_t)length >> (56 - 8 * i));
    return 10;
}

/* Size of the whole frame that begins at `bytes`: one that we wrote. */
static inline size_t hwi_frame_size(const uint8_t *bytes)
{
    size_t size = 2U + ((bytes[1] & HWI_MASKED) >> 5);
    size_t length = bytes[1] & 0x7f;
    if (length <= 125)
        return size + length;
    if (length == 126)
        return size + 2 + ((size_t)bytes[2] << 8 | bytes[3]);
    length = 0;
    for (int i = 0; i < 8; i++)
        length = length << 8 | bytes[2 + i];
    return size + 8 + length;
}

#endif
