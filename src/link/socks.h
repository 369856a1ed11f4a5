/*
 * The SOCKS layer's own structure, shared by the files that it is made of:
 * socks_new.c makes it and resolves the target where this side does it,
 * socks.c talks, socks_fault.c says why the proxy did not.
 */
#ifndef HWI_SOCKS_H
#define HWI_SOCKS_H

#include "link/address.h"
#include "link/resolve.h"
#include "link/tunnel.h"

enum hwi_socks_part {
    SOCKS_METHOD,
    SOCKS_LOGIN,
    SOCKS_OLD, /* the one answer of version 4 */
    SOCKS_REPLY,
    SOCKS_REST, /* of the reply: the address that it ends with */
    SOCKS_DONE,
};

/* The longest answer: a name behind its length, and a port. */
#define HWI_SOCKS_ANSWER_MAX (255 + 2)
/* As many addresses as there may be connections to the proxy. */
#define HWI_SOCKS_ADDRESSES 4

enum { HWI_SOCKS_OLD_GRANTED = 90 };

struct hwi_socks {
    struct hwi_tunnel tunnel; /* first: the layer is a tunnel */
    enum hws_socks version;
    enum hwi_socks_part part;
    size_t need; /* bytes of the answer that is awaited, at least 1 */

    struct hwi_address list[HWI_SOCKS_ADDRESSES]; /* none: by name */
    size_t count, tried; /* `tried` is the one in use */
    unsigned first_code; /* the first no, or 0 */

    struct hwi_resolve *resolve; /* while names are asked for, or NULL */
    char *nameservers;
    hws_time resolve_delay, resolve_deadline;
};

extern const struct hwi_speech hwi_socks_speech;

/* socks_fault.c */
/* Whether `code` says something of the address that was asked for. */
bool hwi_socks_is_about_target(const struct hwi_socks *s, unsigned code);
/* Tell `first_code`; returns the status. */
int hwi_socks_fail(struct hwi_socks *s);

#endif
