#include "proto/lane.h"

int hwi_lane_push_raw(struct hwi_lane *l, struct hws_span bytes)
{
    int status = hwi_buf_push(&l->bytes, bytes);
    if (status)
        return status;
    l->left = bytes.size;
    l->first = HWI_LANE_RAW;
    return 0;
}

/* The shorter side moves: a long queue is not shifted for one begun frame. */
void hwi_lane_cut(struct hwi_lane *l, size_t begin, size_t end)
{
    uint8_t *front = l->bytes.data + l->bytes.head;
    size_t after = hwi_lane_size(l) - end;
    if (begin <= after) {
        memmove(front + (end - begin), front, begin);
        hwi_buf_take(&l->bytes, end - begin);
        return;
    }
    memmove(front + begin, front + end, after);
    l->bytes.tail -= end - begin;
}
