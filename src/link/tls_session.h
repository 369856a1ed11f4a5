/*
 * The newest TLS session of each of the last few names, so that a connection
 * is taken up again with a short handshake. Shared by the threads that share
 * a context.
 */
#ifndef HWI_TLS_SESSION_H
#define HWI_TLS_SESSION_H

#include <openssl/ssl.h>
#include <pthread.h>

#define HWI_TLS_SESSIONS 16

struct hwi_tls_sessions {
    pthread_mutex_t lock;
    struct {
        char *name;
        SSL_SESSION *session;
    } slots[HWI_TLS_SESSIONS];
    unsigned next; /* the slot that a further name takes over */
};

void hwi_tls_sessions_init(struct hwi_tls_sessions *s);
void hwi_tls_sessions_release(struct hwi_tls_sessions *s);
/* Keep a session for `name`, instead of an older one. Takes `session`. */
void hwi_tls_sessions_push(struct hwi_tls_sessions *s, const char *name,
                           SSL_SESSION *session);
/* A share of the session for `name`, or NULL: none, or its certificate has
 * expired, which only a full handshake would notice. */
SSL_SESSION *hwi_tls_sessions_get(struct hwi_tls_sessions *s, const char *name);
/* Forget the session for `name`. */
void hwi_tls_sessions_drop(struct hwi_tls_sessions *s, const char *name);

#endif
