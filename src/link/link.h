/*
 * What questions to a whole stack have in common.
 */
#ifndef HWI_LINK_H
#define HWI_LINK_H

#include "hawser/link.h"

/* The layer that stands on nothing. */
const struct hws_link *hwi_link_bottom(const struct hws_link *link);

#endif
