/*
 * A small network of its own, for faults that only a network has: a client, a
 * router and a server, in namespaces of the kernel that no packet leaves.
 *
 *   client 10.0.1.2 --- 10.0.1.1 router 10.0.2.1 --- 10.0.2.2 server
 *
 * The namespaces belong to the calling thread; sockets that it makes belong to
 * the place where it stands. They vanish with the program.
 */
#ifndef TEST_NETWORK_H
#define TEST_NETWORK_H

#include <stdbool.h>

#define NETWORK_SERVER "10.0.2.2"

/* The devices: `left` and `right` at the router, `wire` at the two others. */
enum network_place {
    NETWORK_CLIENT,
    NETWORK_ROUTER,
    NETWORK_SERVER_SIDE,
    NETWORK_PLACES
};

struct network {
    int home; /* where the thread came from */
    int places[NETWORK_PLACES];
};

/* Lay the network out and stand at the client. False: not possible on this
 * machine, which is said; there is nothing to end then. */
bool network_begin(struct network *n);
/* Back home. */
void network_end(struct network *n);
/* Stand there. */
void network_enter(struct network *n, enum network_place place);
/* Run a command of the shell there; whether it succeeded. */
bool network_try(struct network *n, enum network_place place,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, where failing fails the test. */
void network_do(struct network *n, enum network_place place,
                const char *command);

#endif
