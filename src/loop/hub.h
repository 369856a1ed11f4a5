/*
 * A hub's inside, shared by hub.c (which descriptors there are, and whom their
 * readiness is told to) and source.c (one thing to wait for).
 *
 * A slot is one descriptor of the hub, or the one place of all sources without
 * a descriptor. Slots live as long as the hub, so that a source that comes and
 * goes allocates nothing. Invariant between calls: the interest of a slot's
 * watch is what its sources together want.
 */
#ifndef HWI_HUB_H
#define HWI_HUB_H

#include "hawser/event.h"

#define HWI_EV_DESCRIPTOR \
    ((unsigned)HWS_EV_READ | (unsigned)HWS_EV_WRITE | (unsigned)HWS_EV_ERROR)

struct hwi_slot {
    struct hws_watch watch;
    struct hws_timer look_again; /* after it was parked */
    struct hws_hub *hub;
    int fd;                   /* negative: the loose ones' slot */
    bool is_parked;           /* only errors are wanted, but bytes wait */
    struct hws_source *first; /* by the order of adding */
    struct hws_source **end;
    struct hwi_slot *next; /* in its bucket */
};

/* One round of telling, on the stack of who tells. */
struct hwi_telling {
    struct hws_source *upcoming;
    bool is_hub_gone;
};

struct hws_hub {
    struct hws_loop *loop;
    struct hwi_slot loose;
    struct hwi_slot **buckets; /* by descriptor; a power of two of them */
    size_t bucket_count, slot_count;
    uint64_t round;              /* of telling */
    struct hwi_telling *telling; /* NULL: none at the moment */
};

/* The slot of `fd`, made if need be. NULL: no memory. */
struct hwi_slot *hwi_hub_slot(struct hws_hub *hub, int fd);
/* Bring the watch in line with the sources. 0, or as hws_loop_watch(). */
int hwi_slot_settle(struct hwi_slot *slot);
/* Put a source at the end, or take it out. Neither settles. */
void hwi_slot_push(struct hwi_slot *slot, struct hws_source *source);
void hwi_slot_remove(struct hws_source *source);

/* Tell `source` of `what`; it, or its hub, may be gone afterwards. */
void hwi_source_tell(struct hws_source *source, unsigned what, hws_time now);

#endif
