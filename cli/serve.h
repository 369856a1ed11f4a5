/*
 * What `hawser serve` holds, and what its modes give: one file each.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "market.h"
#include "metrics.h"
#include "options.h"
#include "output.h"
#include "server.h"
#include "stopper.h"

struct serve_options {
    struct units_address listen;
    bool no_compression;
    const char *certificate;
    const char *private_key;
    const char *password_file;
    const char *client_ca;
    struct text_list subprotocols;
    double rate;
    uint64_t seed;
    size_t size;       /* of a firehose message */
    size_t queue_size; /* bytes that wait for one client at most */
    size_t max_size;
    const char *when_full;
    hws_time for_delay;
    const char *dispatcher;
    bool quiet;
    struct metrics_options metrics;
};

struct serve {
    struct serve_options options;
    const struct serve_mode *mode;
    struct hws_loop *loop;
    struct server server;
    struct stopper stopper;
    struct output out, err;
    struct metrics *metrics; /* NULL: not served */
    struct market market;    /* feed */
    uint8_t *block;          /* firehose: what every message says */
    char *password;          /* opens the private key; NULL */
};

struct serve_mode {
    const char *name;
    void (*begin)(struct serve *serve);
    void (*up)(struct serve *serve, struct server_peer *peer);
    void (*event)(struct serve *serve, struct server_peer *peer,
                  const struct hws_event *event);
};

extern const struct serve_mode serve_echo;
extern const struct serve_mode serve_feed;
extern const struct serve_mode serve_firehose;

/* Send a whole message to `peer` and count it. The status of the send. */
int serve_send(struct server_peer *peer, enum hws_opcode opcode,
               struct hws_span data);

#endif
