#include "link/tls_session.h"

#include "base/mem.h"

#include <string.h>

void hwi_tls_sessions_init(struct hwi_tls_sessions *s)
{
    memset(s, 0, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
}

void hwi_tls_sessions_release(struct hwi_tls_sessions *s)
{
    for (unsigned i = 0; i < HWI_TLS_SESSIONS; i++) {
        hwi_free(s->slots[i].name);
        SSL_SESSION_free(s->slots[i].session);
    }
    pthread_mutex_destroy(&s->lock);
}

/* The slot of `name`, or HWI_TLS_SESSIONS. */
static unsigned find(const struct hwi_tls_sessions *s, const char *name)
{
    unsigned i = 0;
    while (i < HWI_TLS_SESSIONS &&
           (!s->slots[i].name || strcmp(s->slots[i].name, name) != 0))
        i++;
    return i;
}

/* A slot that carries `name`, or HWI_TLS_SESSIONS without memory. */
static unsigned claim(struct hwi_tls_sessions *s, const char *name)
{
    unsigned at = find(s, name);
    if (at < HWI_TLS_SESSIONS)
        return at;
    char *copy = hwi_copy_text(name);
    if (!copy)
        return HWI_TLS_SESSIONS;
    at = s->next;
    s->next = (at + 1) % HWI_TLS_SESSIONS;
    hwi_free(s->slots[at].name);
    s->slots[at].name = copy;
    return at;
}

void hwi_tls_sessions_push(struct hwi_tls_sessions *s, const char *name,
                           SSL_SESSION *session)
{
    pthread_mutex_lock(&s->lock);
    unsigned at = claim(s, name);
    SSL_SESSION *old = session;
    if (at < HWI_TLS_SESSIONS) {
        old = s->slots[at].session;
        s->slots[at].session = session;
    }
    pthread_mutex_unlock(&s->lock);
    SSL_SESSION_free(old);
}

static int is_good(SSL_SESSION *session)
{
    X509 *peer = SSL_SESSION_get0_peer(session);
    if (!SSL_SESSION_is_resumable(session))
        return 0;
    return !peer || X509_cmp_current_time(X509_get0_notAfter(peer)) > 0;
}

SSL_SESSION *hwi_tls_sessions_get(struct hwi_tls_sessions *s, const char *name)
{
    SSL_SESSION *session = NULL;
    pthread_mutex_lock(&s->lock);
    unsigned at = find(s, name);
    if (at < HWI_TLS_SESSIONS && s->slots[at].session &&
        is_good(s->slots[at].session)) {
        session = s->slots[at].session;
        SSL_SESSION_up_ref(session);
    }
    pthread_mutex_unlock(&s->lock);
    return session;
}

void hwi_tls_sessions_drop(struct hwi_tls_sessions *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    unsigned at = find(s, name);
    SSL_SESSION *old = NULL;
    if (at < HWI_TLS_SESSIONS) {
        old = s->slots[at].session;
        s->slots[at].session = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    SSL_SESSION_free(old);
}
