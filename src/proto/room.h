/*
 * Room in the queue of an outbox: its limit, and which messages give way to a
 * new one.
 */
#ifndef HWI_ROOM_H
#define HWI_ROOM_H

#include "proto/outbox.h"

/* The queue has no room for `size` bytes. 0: it has now; HWS_E_FULL, or
 * HWS_E_TOO_BIG when it never will. */
int hwi_room_make(struct hwi_outbox *o, size_t size);

/* Find room for `size` bytes in the data lane; as hwi_room_make(). */
static inline int hwi_room_get(struct hwi_outbox *o, size_t size)
{
    size_t used = hwi_lane_size(&o->data);
    bool there = used <= o->size_max && size <= o->size_max - used;
    return there ? 0 : hwi_room_make(o, size);
}

#endif
