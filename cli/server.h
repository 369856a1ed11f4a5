/*
 * A WebSocket server on one port: a listener and its peers, each a hws_conn in
 * the server role. It accepts, counts and forgets; what is said to a peer is
 * its owner's business. Used by serve and demo.
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "hawser/conn.h"
#include "hawser/health.h"
#include "hawser/tls.h"
#include "units.h"

struct server;

struct server_tally {
    uint64_t messages, bytes;
};

/* One client of the server. */
struct server_peer {
    struct server *server;
    struct server_peer *next, **link; /* in the list of the server */
    struct hws_conn *conn;
    struct hws_link *socket; /* the bottom of the stack, until DOWN */
    unsigned number;         /* from 1, in the order of accepting */
    bool up;
    struct server_tally sent, received; /* data messages; the owner counts */
    uint64_t refused;          /* messages that the queue did not take */
    struct hws_health *health; /* of its life so far; NULL: not measured */
    char name[64];             /* the peer's address */
};

struct server_options {
    struct units_address address;
    const char *certificate; /* NULL: plain */
    const char *private_key;
    const char *key_password;     /* NULL: the key is not encrypted */
    const char *client_ca;        /* NULL: clients show no certificate */
    struct hws_conn_options conn; /* on_event and user are the server's */
    /* Every event of every peer. After DOWN the peer is forgotten. */
    void (*on_event)(struct server_peer *peer, const struct hws_event *event,
                     void *user);
    void *user;
    bool measures; /* each peer has a `health` */
};

struct server {
    struct server_options options;
    struct hws_loop *loop;
    struct hws_tls_context *tls;
    struct hws_listener *listener;
    struct hws_watch watch;
    struct hws_timer pause;     /* accepting rests after a failure */
    struct hws_scratch in, out; /* of TLS */
    struct server_peer *peers;
    size_t peer_count;
    unsigned accepted;
    uint16_t port; /* kept when the server is shut and opened again */
};

void server_options_init(struct server_options *options);

/* 0, or a negative status with `fault`; release it in any case. */
int server_init(struct server *server, struct hws_loop *loop,
                const struct server_options *options, struct hws_fault *fault);
void server_release(struct server *server);

/* Listen. 0, or a negative status with `fault`. */
int server_open(struct server *server, struct hws_fault *fault);
/* Stop listening; peers stay. */
void server_shut(struct server *server);
/* Begin the closing handshake with every peer. */
void server_close_peers(struct server *server, unsigned code);
/* Cut every peer at once; `reset`: as a crash would, unread bytes are lost. */
void server_cut_peers(struct server *server, bool reset);

/* The health of a peer that is measured, with what only its conn knows. */
void server_snapshot(const struct server_peer *peer,
                     struct hws_snapshot *snapshot);

/* "ws://127.0.0.1:PORT/". Returns `text`. */
const char *server_url(const struct server *server, char text[128]);

#endif
