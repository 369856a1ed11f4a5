/*
 * What needs no name server: the hosts file, and localhost (RFC 6761 section
 * 6.3). c-ares would do both in its own lookup, but asks a server for the
 * family that the file does not have, and 1.18 loses memory at that.
 */
#ifndef HWI_HOSTS_H
#define HWI_HOSTS_H

#include "link/address.h"

#include <sys/select.h> /* <ares.h> names fd_set */

#include <ares.h>

/* More addresses of one family than this are left out. */
#define HWI_ANSWER_MAX 64

/* What is known of one family. */
struct hwi_answer {
    bool done;
    int status; /* ARES_... */
    size_t count;
    struct hwi_address list[HWI_ANSWER_MAX]; /* best first (RFC 6724) */
};

void hwi_answer_add(struct hwi_answer *a, const struct sockaddr *address);

/* Whether `host` is known here; its addresses are added then. */
bool hwi_hosts_find(ares_channel channel, const char *host,
                    struct hwi_answer *v6, struct hwi_answer *v4);

#endif
