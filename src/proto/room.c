#include "proto/room.h"

/* The offset after the message that begins (or goes on) at `at`; 0 when its
 * end is not in the lane. */
static size_t message_end(const struct hwi_lane *lane, size_t at)
{
    while (at < hwi_lane_size(lane)) {
        size_t size;
        uint8_t first = hwi_lane_peek(lane, at, &size);
        at += size;
        if (first & HWI_FIN)
            return at;
    }
    return 0;
}

/* Where the first message begins of which nothing has left; SIZE_MAX: none. */
static size_t first_whole(const struct hwi_outbox *o)
{
    size_t at = o->data.left;
    bool open = at ? !(o->data.first & HWI_FIN) : o->mid_message;
    if (!open)
        return at;
    at = message_end(&o->data, at);
    return at ? at : SIZE_MAX;
}

/* What is dropped takes with it the messages that refer to it. 0: one of them
 * is still open, and must stay. */
static size_t chain_end(const struct hwi_outbox *o, size_t begin, size_t end)
{
    if (begin >= o->chained)
        return end;
    while (end && end < o->chained)
        end = message_end(&o->data, end);
    return end;
}

/* The peer does not see what was dropped: nothing may refer to it. */
static void forget_dropped(struct hwi_outbox *o, size_t begin)
{
    if (o->chained > begin)
        o->chained = begin;
    if (o->deflater)
        hwi_deflater_forget(o->deflater);
}

/* Drop the oldest whole messages until `size` bytes are free. */
static bool drop_oldest(struct hwi_outbox *o, size_t size)
{
    size_t begin = first_whole(o);
    if (begin == SIZE_MAX)
        return false;
    size_t end = begin;
    size_t wanted = hwi_lane_size(&o->data) + size - o->size_max;
    while (end - begin < wanted) {
        size_t next = message_end(&o->data, end);
        if (next == 0)
            return false;
        end = next;
    }
    end = chain_end(o, begin, end);
    if (end == 0)
        return false;
    hwi_lane_cut(&o->data, begin, end);
    forget_dropped(o, begin);
    return true;
}

int hwi_room_make(struct hwi_outbox *o, size_t size)
{
    if (size > o->size_max)
        return HWS_E_TOO_BIG;
    if (o->when_full == HWS_FULL_DROP_OLDEST && drop_oldest(o, size))
        return 0;
    return HWS_E_FULL;
}
