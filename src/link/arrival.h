/*
 * Reading together with what the kernel knows of the bytes: when they came,
 * and how many it still holds. Linux; elsewhere nothing can be asked for.
 */
#ifndef HWI_ARRIVAL_H
#define HWI_ARRIVAL_H

#include "hawser/link.h"

#include <sys/types.h>

/* False: this kernel, or this kind of socket, tells nothing. */
bool hwi_arrival_ask(int fd);
/* recv() without waiting; after bytes came `arrival` is theirs. */
ssize_t hwi_arrival_receive(int fd, uint8_t *bytes, size_t size,
                            struct hws_arrival *arrival);

#endif
