/*
 * A client and a server over an in-memory pair, plain or TLS, and a pump that
 * lets both make progress without a loop.
 */
#ifndef LINK_ENDS_H
#define LINK_ENDS_H

#include "hawser/tls.h"
#include "support/certs.h"
#include "support/test.h"

#define SCRATCH_SIZE 65536

struct ends {
    struct hws_link *client, *server; /* tops of the stacks */
    struct hws_link *wires[2];        /* the pair's ends below them */
    struct hws_tls_context *client_context, *server_context;
    struct hws_scratch in, out; /* shared by both, as a loop does it */
    hws_time now;
};

/* What makes one test differ from the next; zeros are the usual. */
struct ends_options {
    struct hws_pair_options pair;
    const char *name;        /* "feed.example" */
    const char *certificate; /* the good leaf */
    const char *ca;          /* the good authority */
    int client_version_min;
    int server_version_min;
    /* All settings of a side, in place of the above; or NULL. */
    const struct hws_tls_options *client_tls, *server_tls;
    hws_time handshake_delay; /* 5 s */
};

const struct test_certs *ends_certs(void);
int ends_certs_remove(void **state); /* group teardown */

/* Settings that both sides understand: the good authority, the good leaf. */
struct hws_tls_options ends_client_tls(void);
struct hws_tls_options ends_server_tls(void);

/* Contexts only; ends_connect() may follow more than once. */
void ends_make(struct ends *e, const struct ends_options *o);
void ends_connect(struct ends *e, const struct ends_options *o);
void ends_disconnect(struct ends *e);
void ends_free(struct ends *e);

/* All of it at once: both are open then. */
void ends_up(struct ends *e, const struct ends_options *o);

/* Open both until neither moves. The client's last answer. */
int ends_open(struct ends *e);

/* Read all that is there now into `bytes`; returns how much, the last status
 * in *status. */
size_t ends_drain(struct hws_link *link, uint8_t *bytes, size_t size,
                  int *status);
/* Send `size` bytes of a pattern from one end to the other and check it. */
void ends_pass(struct ends *e, struct hws_link *from, struct hws_link *to,
               size_t size);

#endif
