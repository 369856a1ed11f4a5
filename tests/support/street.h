/*
 * A scene on real sockets: the client dials 127.0.0.1 over a real loop, and
 * the peer plays the accepted end by hand, on the same thread. Nothing sleeps:
 * waiting turns the loop until something is so.
 */
#ifndef TEST_STREET_H
#define TEST_STREET_H

#include "hawser/tls.h"
#include "support/certs.h"
#include "support/scene.h"

struct street {
    struct scene scene; /* first: its world stands still */
    struct hws_listener *listener;
    struct hws_tls_context *tls; /* NULL: plain */
    uint8_t *scratch;
    char url[64];
};

/* Listen, and make options for a client that dials there; over TLS with
 * `certs`, whose CA the client trusts. */
void street_begin(struct street *s, const struct test_certs *certs);
void street_open(struct street *s);
/* Wait for the client's dial, take its end over, and wait for the request. */
void street_meet(struct street *s);
/* street_open, street_meet, accept, and wait for UP. */
void street_open_up(struct street *s);
void street_end(struct street *s);

/* Turn the loop until `done`; fails the test after 10 s. */
void street_wait(struct street *s, bool (*done)(struct street *s));
/* Turn the loop for so long. */
void street_turn(struct street *s, hws_time delay);
void street_wait_up(struct street *s);
void street_wait_down(struct street *s);
/* The descriptor below the peer's end. */
int street_peer_fd(const struct street *s);

#endif
