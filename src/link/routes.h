/*
 * Changes of this machine's addresses and routes, as the kernel tells them
 * (rtnetlink); elsewhere nobody does.
 */
#ifndef HWI_ROUTES_H
#define HWI_ROUTES_H

#include "hawser/types.h"

/* A descriptor that is readable when something changed; negative: not to be
 * had here. The caller closes it. */
int hwi_routes_open(void);
/* Read all that it has to tell: whether any of it may have taken the way of a
 * connection. */
bool hwi_routes_changed(int fd);
/* The same of one datagram. */
bool hwi_routes_is_change(struct hws_span datagram);

#endif
