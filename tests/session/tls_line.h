/*
 * A client of wss:// on real sockets, its server on a thread of its own, and
 * what the client was told. Both read files that a test may change.
 */
#ifndef SESSION_TLS_LINE_H
#define SESSION_TLS_LINE_H

#include "support/certs.h"
#include "support/host.h"
#include "support/test.h"

extern struct test_certs line_certs;
int line_make_certs(void **state);   /* group setup */
int line_remove_certs(void **state); /* group teardown */

struct line {
    struct host host;
    struct hws_loop *loop;
    struct hws_client_options options;
    struct hws_client *client;
    unsigned ups, downs, warnings, messages;
    struct hws_fault fault;   /* of the last DOWN */
    struct hws_fault warning; /* the last one */
    struct hws_tls_info info; /* at the last UP */
    char trust[300];          /* files of its own, which may change */
    char own[300], own_key[300];
    bool free_when_warned;
};

/* Put another file in the place of one, as careful programs do it. */
void line_replace(const char *path, const char *content);

/* A server, and options for a client of it that trusts line.trust. */
void line_begin(struct line *l);
void line_open(struct line *l);
void line_end(struct line *l);

/* Turn the loop until *count is above `before`; fails after 10 s. */
void line_wait_beyond(struct line *l, const unsigned *count, unsigned before);
/* Until it is up once more, and has read the tickets that came. */
void line_wait_up(struct line *l);
/* The server ends without a word: no close frame, no close_notify. */
void line_cut(struct line *l);

/* Serve on, on the same port, with other settings. */
void line_serve_with(struct line *l, const struct hws_tls_options *options);
/* Settings of a server that shows `certificate`. */
struct hws_tls_options line_server_of(const char *certificate);

#endif
