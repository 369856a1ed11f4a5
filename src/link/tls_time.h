/*
 * Times as certificates write them, as nanoseconds since 1970; and the hour by
 * which OpenSSL judges them.
 */
#ifndef HWI_TLS_TIME_H
#define HWI_TLS_TIME_H

#include "hawser/types.h"

#include <openssl/asn1.h>

/* Realtime. HWS_NEVER: no time (NULL), or one beyond what can be said, such as
 * the year 9999 of certificates that never expire. */
hws_time hwi_tls_time(const ASN1_TIME *time);
/* HWS_NEVER, which makes everything look expired, without memory. */
hws_time hwi_tls_now(void);

#endif
