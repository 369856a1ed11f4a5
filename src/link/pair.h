/*
 * What the questions of link.c need from an in-memory pair.
 */
#ifndef HWI_PAIR_H
#define HWI_PAIR_H

#include "hawser/link.h"

/* Each does nothing (0) when `link` is no end of a pair. */
size_t hwi_pair_queue(const struct hws_link *link);
void hwi_pair_abort(const struct hws_link *link);

#endif
