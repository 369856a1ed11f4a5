/*
 * A real server on a thread and a loop of its own, on a free port: it echoes
 * messages, and obeys some of them:
 *
 *   close      begins the closing handshake with 1001
 *   cut        ends without a word
 *   burst N    sends N frames of 64 bytes, as many per write as fit
 *   quiet      is not echoed
 */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include "base/list.h"
#include "hawser/hawser.h"
#include "support/certs.h"

#include <pthread.h>

struct host {
    pthread_t thread;
    struct hws_loop *loop;
    struct hws_listener *listener;
    struct hws_watch watch;
    struct hws_tls_context *tls; /* NULL: plain */
    uint8_t *scratch;
    struct hwi_list guests;
    const char *address;
    uint16_t port;
    char url[64];
};

/* Serve; with `certs` over TLS. 0, or the test fails. */
void host_start(struct host *h, const struct test_certs *certs);
/* The same at another address than 127.0.0.1. Keeps: `address`. */
void host_start_at(struct host *h, const char *address,
                   const struct test_certs *certs);
/* Cut all connections and stop listening. */
void host_stop(struct host *h);
/* Serve again on the same port. */
void host_restart(struct host *h);
/* Stop for good. */
void host_end(struct host *h);

#endif
