/*
 * One name to its addresses, IPv6 and IPv4 asked for apart, so that the first
 * answer can be used while the other is awaited. A fresh c-ares channel each
 * time: a changed resolv.conf or hosts file is seen. It knows no connection.
 *
 * Once both families are answered, no descriptor and no memory is held.
 */
#ifndef HWI_RESOLVE_H
#define HWI_RESOLVE_H

#include "hawser/link.h"
#include "link/hosts.h"

struct hwi_resolve {
    ares_channel channel; /* NULL once over */
    uint16_t port;
    hws_time delay;
    int os_error;                  /* why a socket could not be made, or 0 */
    int rcode;                     /* of the last answer that came */
    bool local;                    /* no name server was asked */
    char server[HWI_ADDRESS_TEXT]; /* that answered last, or "" */
    hws_time retry_deadline;
    struct hwi_answer v6, v4;
};

struct hwi_resolve_options {
    const char *host;
    uint16_t port;
    const char *nameservers; /* NULL: the system's */
    hws_time delay;          /* the whole time that can be spent */
};

/*
 * Begin. A name from the hosts file is answered within this call.
 *
 * Fails:  HWS_E_MEMORY; HWS_E_ARGUMENT (nameservers); HWS_E_SYSTEM.
 */
int hwi_resolve_begin(struct hwi_resolve *r,
                      const struct hwi_resolve_options *options, hws_time now);
/* Take what has come and repeat what is late. */
void hwi_resolve_step(struct hwi_resolve *r, hws_time now);
/* Give up what is not answered; answers stay. Also releases. */
void hwi_resolve_end(struct hwi_resolve *r);

static inline bool hwi_resolve_done(const struct hwi_resolve *r)
{
    return r->channel == NULL;
}
size_t hwi_resolve_wants(const struct hwi_resolve *r, struct hws_want *wants,
                         size_t max);
/* Room for what c-ares says in its own words. */
#define HWI_REASON_MAX 64
/* Why `a` (of `r`) has no address. May return `room`. */
const char *hwi_resolve_reason(const struct hwi_resolve *r,
                               const struct hwi_answer *a,
                               char room[HWI_REASON_MAX]);
/* Why there is no address, once done. Fills `fault` and returns its status. */
int hwi_resolve_fail(const struct hwi_resolve *r, const char *host,
                     struct hws_fault *fault);

#endif
