/*
 * Tells an observer what dialing does, step by step, in the words of link.h.
 * Without an observer it does nothing; it never decides anything.
 */
#ifndef HWI_DIAL_TRACE_H
#define HWI_DIAL_TRACE_H

#include "hawser/link.h"
#include "link/resolve.h"

struct hwi_dial_trace {
    const struct hws_dial_options *options; /* lent: whose dial it is */
    hws_time now;                           /* of the present call */
};

void hwi_dial_trace_begin(const struct hwi_dial_trace *t);
/* `family` is AF_INET6 or AF_INET, and `resolve` has its answer. */
void hwi_dial_trace_answer(const struct hwi_dial_trace *t,
                           const struct hwi_resolve *resolve, int family);
/* The host is an address. */
void hwi_dial_trace_literal(const struct hwi_dial_trace *t,
                            const struct hwi_address *literal);
/* TRY, FAIL (with errno), LEAVE or DONE of one address. `t` may be NULL. */
void hwi_dial_trace_attempt(const struct hwi_dial_trace *t,
                            enum hws_dial_step step,
                            const struct hwi_address *address, int os_error);

#endif
