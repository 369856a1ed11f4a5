/*
 * What questions to a whole stack have in common.
 */
#ifndef HWI_LINK_H
#define HWI_LINK_H

#include "hawser/link.h"

/* The layer that stands on nothing. */
const struct hws_link *hwi_link_bottom(const struct hws_link *link);

/* Whether the peer of a Unix socket is a process of this one's user, or of
 * root. True where the system does not tell. */
bool hwi_link_is_of_own_user(const struct hws_link *link);

#endif
