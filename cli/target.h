/*
 * How to reach the peers of tail, echo and send: the options that they share,
 * and what the library makes of them.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "access.h"
#include "hawser/client.h"
#include "header.h"
#include "journal.h"
#include "options.h"
#include "route.h"
#include "target_tls.h"

struct target {
    const char *command;      /* for complaints */
    struct text_list headers; /* "Name: value" or "@FILE" */
    struct text_list subprotocols;
    const char *dispatcher;
    const char *log;
    struct target_tls tls;
    bool no_compression;
    bool reconnect;    /* of send and echo, which do not by themselves */
    bool no_reconnect; /* of tail, which does */
    size_t max_size;
    hws_time ping;
    struct access access;
    struct route route;
    struct header_list made; /* by target_apply() */
    struct journal journal;  /* opened by it */
};

extern const struct option_row target_rows[];
extern const struct option_row target_size_rows[];     /* --max-size */
extern const struct option_row target_retry_rows[];    /* --reconnect */
extern const struct option_row target_no_retry_rows[]; /* --no-reconnect */

void target_init(struct target *target, const char *command);
void target_release(struct target *target);

/*
 * Fill `options` with library defaults and what the user asked for. What it
 * points at lives as long as `target`. OPTIONS_GOOD, or an exit code after a
 * complaint.
 */
int target_apply(struct target *target, struct hws_client_options *options);

/* The loop that the options ask for; files of theirs are read. NULL after a
 * complaint, *code is the exit code. */
struct hws_loop *target_loop(const struct target *target, int *code);

/* Make a client; NULL after a complaint, *code is the exit code. */
struct hws_client *target_client(const struct target *target,
                                 struct hws_loop *loop,
                                 const struct hws_client_options *options,
                                 int *code);

/* To be told of every event of the clients; `number` tells one from others. */
void target_note(struct target *target, struct hws_loop *loop,
                 const struct hws_client *client, unsigned number,
                 const struct hws_event *event);

/* Whether the end of a connection is what its user hoped for: closed in order
 * with 1000, 1001 or no code. */
bool target_ended_well(const struct hws_event *down);

#endif
