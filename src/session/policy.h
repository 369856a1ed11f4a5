/*
 * The table of what is retried, what is final and what must not be hammered,
 * from the facts of one DOWN. docs/RECONNECT.md shows it to users.
 */
#ifndef HWI_POLICY_H
#define HWI_POLICY_H

#include "session/backoff.h"

enum hwi_eagerness hwi_policy_of(const struct hws_event *down);
/* A refusal of whoever asked (HTTP 401, 403). Where the request can be made
 * anew with better headers, the number of such answers in a row decides. */
bool hwi_policy_is_denial(const struct hws_event *down);
enum hwi_eagerness hwi_policy_of_denial(unsigned denials);
/* What a refusal's Retry-After asks for, or HWS_NEVER. */
hws_time hwi_policy_retry_after(const struct hws_event *down,
                                hws_time realtime);

#endif
