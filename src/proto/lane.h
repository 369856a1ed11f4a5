/*
 * Encoded frames in the order in which they leave. The frames themselves are
 * the only record: their headers are read again when they pass. It knows the
 * place on the wire, but not why a frame stands in line.
 *
 * Between calls the read end lies `left` bytes before the end of a frame that
 * has begun to leave, or (left is 0) on the first byte of a frame.
 */
#ifndef HWI_LANE_H
#define HWI_LANE_H

#include "base/buf.h"
#include "proto/frame.h"

/* In place of a first byte: bytes that are no frame. Looks like a whole one,
 * and its opcode is of no frame that we send. */
#define HWI_LANE_RAW 0xff

struct hwi_lane {
    struct hwi_buf bytes;
    size_t left;
    uint8_t first; /* first byte of the frame that has begun */
};

static inline void hwi_lane_init(struct hwi_lane *l, size_t limit)
{
    hwi_buf_init(&l->bytes, limit);
    l->left = 0;
    l->first = 0;
}

static inline size_t hwi_lane_size(const struct hwi_lane *l)
{
    return hwi_buf_size(&l->bytes);
}

/*
 * Take at most `*size` bytes off the front, but not beyond the present frame;
 * *size is lowered by as many. True when a frame has passed: its first byte
 * is in l->first.
 */
static inline bool hwi_lane_pass(struct hwi_lane *l, size_t *size)
{
    if (l->left == 0) {
        const uint8_t *frame = l->bytes.data + l->bytes.head;
        l->first = frame[0];
        l->left = hwi_frame_size(frame);
    }
    size_t n = *size < l->left ? *size : l->left;
    l->left -= n;
    *size -= n;
    hwi_buf_take(&l->bytes, n);
    return l->left == 0;
}

/* Room for `size` bytes at the end. As hwi_buf_reserve(), which is called only
 * when there is none. */
static inline uint8_t *hwi_lane_room(struct hwi_lane *l, size_t size,
                                     int *status)
{
    if (l->bytes.capacity - l->bytes.tail >= size)
        return l->bytes.data + l->bytes.tail;
    return hwi_buf_reserve(&l->bytes, size, status);
}

/* Bytes that are not frames (an HTTP head), into an empty lane. 0 or status. */
int hwi_lane_push_raw(struct hwi_lane *l, struct hws_span bytes);
/* Remove the frames in [begin, end), offsets from the read end. */
void hwi_lane_cut(struct hwi_lane *l, size_t begin, size_t end);
/* First byte and size of the frame at an offset from the read end. */
static inline uint8_t hwi_lane_peek(const struct hwi_lane *l, size_t at,
                                    size_t *size)
{
    const uint8_t *frame = l->bytes.data + l->bytes.head + at;
    *size = hwi_frame_size(frame);
    return frame[0];
}

#endif
