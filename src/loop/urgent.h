/*
 * The few watches that go before all others. They are in the poller as well;
 * here they stand together, so that the kernel can be asked for them alone
 * while the rest of a turn is being served. Knows descriptors and interests,
 * no watch and no clock.
 */
#ifndef HWI_URGENT_H
#define HWI_URGENT_H

#include "loop/poller.h"

#include <poll.h>

struct hwi_urgent {
    struct pollfd *entries;
    struct hwi_ready *batch; /* what look() found; moves with reserve() */
    size_t count, capacity;
};

void hwi_urgent_init(struct hwi_urgent *u);
void hwi_urgent_release(struct hwi_urgent *u);

/* Make room for one more. 0 or HWS_E_MEMORY. */
int hwi_urgent_reserve(struct hwi_urgent *u);
/* Set the interest in `fd`; 0 takes it out. A new one needs reserve(). */
void hwi_urgent_set(struct hwi_urgent *u, int fd, unsigned interest);
/* Fill the batch with what is ready now. Its size. */
size_t hwi_urgent_look(struct hwi_urgent *u);

#endif
