#include "proto/pack.h"

#include "proto/mask.h"
#include "proto/room.h"

/* How much may hang together where the oldest may be dropped; in bytes. */
#define CHAIN_MAX ((size_t)16 << 10)

/*
 * Whether the next message may refer to those before it, and be referred to.
 * Where the oldest may be dropped, only few bytes may hang together: what
 * waits behind them stands for itself.
 */
static bool may_chain(const struct hwi_outbox *o, size_t size)
{
    size_t ahead = hwi_lane_size(&o->data);
    size_t most = o->size_max / 4 < CHAIN_MAX ? o->size_max / 4 : CHAIN_MAX;
    if (!hwi_deflater_remembers(o->deflater))
        return false;
    if (o->when_full != HWS_FULL_DROP_OLDEST || ahead == 0)
        return true;
    return ahead <= most && size <= most - ahead;
}

/* A message of `size` bytes, or the first part of one, is to be compressed. */
static void begin(struct hwi_outbox *o, size_t size)
{
    o->chaining = may_chain(o, size);
    if (!o->chaining)
        hwi_deflater_forget(o->deflater);
}

/* Put the header before a payload that was written `room` bytes behind where
 * the frame begins, `at` bytes behind the read end. */
static void close_frame(struct hwi_outbox *o, uint8_t first, size_t at,
                        size_t room)
{
    struct hwi_buf *bytes = &o->data.bytes;
    uint8_t *frame = bytes->data + bytes->head + at;
    size_t length = hwi_buf_size(bytes) - at - room;
    size_t head = hwi_frame_head_size(length, o->mask);
    if (head < room)
        memmove(frame + head, frame + room, length);
    bytes->tail -= room - head;
    uint8_t *key = frame + hwi_frame_write(frame, first, o->mask, length);
    if (!o->mask)
        return;
    hwi_outbox_key(o, key);
    hwi_mask(key + 4, length, key);
}

/* A frame of what `data` becomes. The payload's size, and with it the
 * header's, is known only then. 0 or HWS_E_MEMORY. */
static int write_frame(struct hwi_outbox *o, uint8_t first,
                       struct hws_span data)
{
    struct hwi_buf *bytes = &o->data.bytes;
    size_t at = hwi_buf_size(bytes);
    size_t room = hwi_frame_head_size(hwi_deflater_bound(data.size), o->mask);
    if (!hwi_buf_reserve(bytes, room, NULL))
        return HWS_E_MEMORY;
    hwi_buf_wrote(bytes, room);
    int status =
        hwi_deflater_push(o->deflater, bytes, data, (first & HWI_FIN) != 0);
    if (status)
        bytes->tail = bytes->head + at;
    else
        close_frame(o, first, at, room);
    return status;
}

/* The frame at the end, which begins `at` bytes behind the read end, stays. */
static void keep_frame(struct hwi_outbox *o, size_t at, size_t plain)
{
    size_t size = hwi_lane_size(&o->data);
    hwi_deflater_note(o->deflater, plain, size - at);
    if (o->chaining)
        o->chained = size;
}

bool hwi_pack_whole(struct hwi_outbox *o, uint8_t opcode, struct hws_span data)
{
    size_t bound = hwi_deflater_bound(data.size);
    if (hwi_room_get(o, hwi_outbox_frame_size(o, bound)))
        return false;
    size_t at = hwi_lane_size(&o->data);
    begin(o, data.size);
    if (write_frame(o, HWI_FIN | HWI_RSV1 | opcode, data))
        return false;
    size_t size = hwi_lane_size(&o->data) - at;
    if (!o->chaining && size >= hwi_outbox_frame_size(o, data.size)) {
        hwi_lane_cut(&o->data, at, at + size);
        hwi_deflater_forget(o->deflater);
        return false;
    }
    keep_frame(o, at, data.size);
    o->unsent++;
    return true;
}

int hwi_pack_part(struct hwi_outbox *o, uint8_t first, struct hws_span data)
{
    bool begins = o->opcode == 0;
    if (begins)
        begin(o, data.size);
    size_t at = hwi_lane_size(&o->data);
    if (write_frame(o, begins ? first | HWI_RSV1 : first, data))
        return HWS_E_MEMORY;
    keep_frame(o, at, data.size);
    return 0;
}
