/*
 * A real server for the scenarios, on a thread and a loop of its own and on a
 * free port of 127.0.0.1. It echoes messages, and obeys some of them:
 *
 *   burst N   sends N frames of 64 bytes, as fast as they are taken
 *   close     begins the closing handshake with 1001
 *   cut       ends without a word
 *   quiet     is not echoed
 */
#ifndef KIT_SERVER_H
#define KIT_SERVER_H

#include "kit.h"

#include <pthread.h>

struct kit_guest;

struct kit_server {
    pthread_t thread;
    struct hws_loop *loop; /* NULL: stopped */
    struct hws_listener *listener;
    struct hws_watch watch;
    struct kit_guest *guests;
    struct hws_tls_context *tls;        /* its own; NULL: plain */
    struct hws_tls_context *client_tls; /* for its clients */
    uint8_t *scratch;
    uint16_t port;
    char url[64];
};

/* Serve, over TLS where the scenario is of TLS. */
void kit_server_start(struct kit_server *s, const struct kit *k);
/* Cut all connections and listen no more. */
void kit_server_stop(struct kit_server *s);
/* Serve again on the same port. */
void kit_server_restart(struct kit_server *s);
void kit_server_end(struct kit_server *s);

/* Contexts over a certificate for 127.0.0.1 that was made just now. */
void kit_certificate(struct hws_tls_context **server,
                     struct hws_tls_context **client);

#endif
