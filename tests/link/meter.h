/*
 * A layer that counts what passes it: bytes each way, and how often the
 * direction turns, which is what a long line makes one wait for.
 */
#ifndef LINK_METER_H
#define LINK_METER_H

#include "hawser/link.h"

struct meter {
    struct hws_link link;
    size_t sent, received; /* bytes */
    unsigned flights;      /* runs of bytes in one direction */
    int direction;
};

/* `meter` is the caller's and takes `below`, which is freed with the layer. */
struct hws_link *meter_init(struct meter *meter, struct hws_link *below);

#endif
