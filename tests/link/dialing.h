/*
 * Dialing on a virtual clock: names from a name server of the test's own,
 * sockets on the loopback, time only where nothing else moves.
 */
#ifndef LINK_DIALING_H
#define LINK_DIALING_H

#include "name_server.h"
#include "support/test.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BEGIN HWS_S(1000)

extern hws_time now;

/* A test's setup: it is BEGIN. */
int dialing_setup(void **state);

/* One port, bound on both families; a test listens, or does not. */
struct port {
    uint16_t number;
    int v4, v6;
    int clients[4]; /* that fill the backlog of a black hole */
};

void port_init(struct port *p);
/* Connects to its IPv6 neither succeed nor fail: the backlog is full. */
void port_hole(struct port *p);
void port_free(struct port *p);

/* A port, the server that names it feed.example, and options for that. */
struct scene {
    struct port port;
    struct name_server server;
    struct hws_dial_options options;
};

void scene_init(struct scene *s, struct name_rule *rules, size_t rule_count);
void scene_free(struct scene *s);

/* Without a `server` none can be reached. */
struct hws_dial_options options_for(const char *host, uint16_t port,
                                    const struct name_server *server);
struct hws_link *dial_new(const struct hws_dial_options *o);
/*
 * Run until it is decided, or until virtual `end`. Time moves on only to the
 * layer's own deadline, and every such step must lead forward.
 */
int run(struct hws_link *link, struct name_server *server, hws_time end);
int run_out(struct hws_link *link, struct name_server *server);

unsigned open_descriptors(void);
void expect_peer(const struct hws_link *link, const char *host, unsigned port);

#endif
