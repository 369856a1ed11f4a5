/*
 * The TLS layer's own structure, shared by the files that it is made of:
 * tls_new.c makes it, tls.c moves bytes, tls_fault.c says why it ended.
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

#endif
