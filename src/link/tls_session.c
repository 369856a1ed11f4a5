#include "link/tls_session.h"

#include "base/mem.h"
#include "link/tls_time.h"

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

/* The slot of `place`, or NULL. */
static struct hwi_tls_slot *find(struct hwi_tls_sessions *s,
                                 struct hwi_tls_place place)
{
    for (unsigned i = 0; i < HWI_TLS_SESSIONS; i++) {
        struct hwi_tls_slot *slot = &s->slots[i];
        if (slot->name && slot->port == place.port &&
            strcmp(slot->name, place.name) == 0)
            return slot;
    }
    return NULL;
}

/* A slot that carries `place`, or NULL without memory. */
static struct hwi_tls_slot *claim(struct hwi_tls_sessions *s,
                                  struct hwi_tls_place place)
{
    struct hwi_tls_slot *slot = find(s, place);
    if (slot)
        return slot;
    char *copy = hwi_copy_text(place.name);
    if (!copy)
        return NULL;
    slot = &s->slots[s->next];
    s->next = (s->next + 1) % HWI_TLS_SESSIONS;
    hwi_free(slot->name);
    slot->name = copy;
    slot->port = place.port;
    return slot;
}

void hwi_tls_sessions_push(struct hwi_tls_sessions *s,
                           struct hwi_tls_place place, SSL_SESSION *session,
                           hws_time until)
{
    SSL_SESSION *old = SSL_SESSION_dup(session);
    if (!old)
        return;
    pthread_mutex_lock(&s->lock);
    struct hwi_tls_slot *slot = claim(s, place);
    if (slot) {
        SSL_SESSION *fresh = old;
        old = slot->session;
        slot->session = fresh;
        slot->until = until;
    }
    pthread_mutex_unlock(&s->lock);
    SSL_SESSION_free(old);
}

SSL_SESSION *hwi_tls_sessions_get(struct hwi_tls_sessions *s,
                                  struct hwi_tls_place place, hws_time *until)
{
    SSL_SESSION *session = NULL;
    pthread_mutex_lock(&s->lock);
    struct hwi_tls_slot *slot = find(s, place);
    if (slot && slot->session && SSL_SESSION_is_resumable(slot->session) &&
        (slot->until == HWS_NEVER || slot->until > hwi_tls_now())) {
        session = SSL_SESSION_dup(slot->session);
        *until = slot->until;
    }
    pthread_mutex_unlock(&s->lock);
    return session;
}

void hwi_tls_sessions_drop(struct hwi_tls_sessions *s,
                           struct hwi_tls_place place)
{
    SSL_SESSION *old = NULL;
    pthread_mutex_lock(&s->lock);
    struct hwi_tls_slot *slot = find(s, place);
    if (slot) {
        old = slot->session;
        slot->session = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    SSL_SESSION_free(old);
}
