/*
 * What the kernel says one thread has done: how long it ran and how long it
 * waited for a processor. The rest of the time it slept. Any thread may ask.
 */
#ifndef HWI_ACCOUNT_H
#define HWI_ACCOUNT_H

#include "hawser/types.h"

#include <time.h>

struct hwi_usage {
    hws_time ran, waited; /* since the thread began */
};

/* Of one thread; -1 and false where the kernel does not tell. */
struct hwi_account {
    int fd;
    clockid_t clock;
    bool known;
};

/* Of the calling thread, which must outlive it. Cannot fail: it may turn out
 * not to be known. */
void hwi_account_open(struct hwi_account *account);
void hwi_account_shut(struct hwi_account *account);
/* All zero when it is not known. */
struct hwi_usage hwi_account_read(const struct hwi_account *account);

/* How often the calling thread was woken from a sleep; -1: not known. */
int64_t hwi_account_wakeups(void);
/* Have the calling thread woken as sharply as the machine can. */
void hwi_account_sharpen(void);

#endif
