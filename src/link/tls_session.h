/*
 * The newest TLS session of each of the last few places (a name and a port),
 * so that a connection is taken up again with a short handshake. Shared by the
 * threads that share a context.
 *
 * What is kept is a copy of its own, and what is lent is another: OpenSSL
 * marks the session of a line that was cut without close_notify as spoiled,
 * and a line that was cut is the very one to be resumed. No rule asks for that
 * since TLS 1.1 (RFC 5246 section 7.2.1); after a fatal alert the session is
 * dropped, as section 7.2.2 and RFC 8446 section 6.2 ask.
 */
#ifndef HWI_TLS_SESSION_H
#define HWI_TLS_SESSION_H

#include "hawser/types.h"

#include <openssl/ssl.h>
#include <pthread.h>

#define HWI_TLS_SESSIONS 16

/* Whom a session is with. */
struct hwi_tls_place {
    const char *name;
    uint16_t port;
};

struct hwi_tls_sessions {
    pthread_mutex_t lock;
    struct hwi_tls_slot {
        char *name;
        uint16_t port;
        SSL_SESSION *session;
        hws_time until;
    } slots[HWI_TLS_SESSIONS];
    unsigned next; /* the slot that a further place takes over */
};

void hwi_tls_sessions_init(struct hwi_tls_sessions *s);
void hwi_tls_sessions_release(struct hwi_tls_sessions *s);
/*
 * Keep a copy of `session`, instead of an older one. `until` (realtime): what
 * was checked when it began, certificates above all, holds no longer.
 */
void hwi_tls_sessions_push(struct hwi_tls_sessions *s,
                           struct hwi_tls_place place, SSL_SESSION *session,
                           hws_time until);
/*
 * A copy of the session for `place`, or NULL: none, or *until has passed,
 * which only a full handshake would notice. It stays kept: a line that is cut
 * before the next ticket came is resumed all the same.
 */
SSL_SESSION *hwi_tls_sessions_get(struct hwi_tls_sessions *s,
                                  struct hwi_tls_place place, hws_time *until);
/* Forget the session for `place`. */
void hwi_tls_sessions_drop(struct hwi_tls_sessions *s,
                           struct hwi_tls_place place);

#endif
