/*
 * The TLS layer's own structure, shared by the files that it is made of:
 * tls_new.c makes it, tls.c moves bytes, tls_verify.c and tls_ocsp.c judge the
 * peer, tls_fault.c says why it ended, tls_info.c what was learnt.
 */
#ifndef HWI_TLS_LAYER_H
#define HWI_TLS_LAYER_H

#include "link/tls_bio.h"
#include "link/tls_context.h"

enum hwi_tls_state { TLS_BELOW, TLS_HANDSHAKE, TLS_OPEN };

struct hwi_tls {
    struct hws_link link;
    enum hwi_tls_state state;
    struct hws_tls_context *context;
    SSL *ssl;
    struct hwi_tls_bio bio;
    char *name; /* NULL in the server role when none was given */
    uint16_t port;
    STACK_OF(X509) * chain; /* that the peer sent, owned; NULL: none yet */
    hws_time until;         /* realtime: what was checked holds so long */
    hws_time staple_until;  /* realtime; HWS_NEVER: it does not say */
    enum hws_staple staple;
    bool certificate_asked; /* the server wants one of ours */
    hws_time handshake_delay, handshake_deadline;
    int read_end; /* how reading ended for good, or 0 */
    bool broken;  /* the TLS state itself failed: the session is no good */
    bool busy;    /* the last read was no calm one */
    char text[80];
};

static inline struct hwi_tls *hwi_tls_of(const struct hws_link *link)
{
    return (struct hwi_tls *)(uintptr_t)link;
}

extern const struct hws_link_ops hwi_tls_ops;

/*
 * Why an OpenSSL call made no progress: HWS_E_AGAIN, HWS_E_EOF, or a failure
 * that is in the link's fault then.
 */
int hwi_tls_status(struct hwi_tls *t, int answer);
/* Take over the first cause that the layer below met; returns its status. */
int hwi_tls_fail_below(struct hwi_tls *t, int status);
/* The handshake took too long. */
int hwi_tls_fail_late(struct hwi_tls *t);
/* "certificate of 'NAME' is " and what `format` says: HWS_E_CERTIFICATE. */
void hwi_tls_refuse(struct hwi_tls *t, long verify, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whom its sessions are with. */
static inline struct hwi_tls_place hwi_tls_place_of(const struct hwi_tls *t)
{
    return (struct hwi_tls_place){.name = t->name, .port = t->port};
}

#endif
