/*
 * The list of targets that need no proxy: names with all that is below them,
 * addresses, blocks of addresses (CIDR), each with a port or for all ports,
 * and "*". docs/PROXIES.md has the rules. Nothing is resolved for it.
 */
#ifndef HWI_NO_PROXY_H
#define HWI_NO_PROXY_H

#include "hawser/types.h"

/* Check a list. HWS_E_ARGUMENT names the bad entry; `whose` begins the fault:
 * "option 'no_proxy'". */
int hwi_no_proxy_check(const char *list, const char *whose,
                       struct hws_fault *fault);

/* Whether a list that was checked has this target. */
bool hwi_no_proxy_has(const char *list, const char *host, uint16_t port);

/* Whether the target is this very machine: localhost, 127.0.0.0/8, ::1. */
bool hwi_no_proxy_is_local(const char *host);

#endif
