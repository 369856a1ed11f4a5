/*
 * How to reach the peers of tail, echo and send: the options that they share,
 * and what the library makes of them.
 */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "hawser/client.h"
#include "options.h"

struct target {
    const char *command;      /* for complaints */
    struct text_list headers; /* "Name: value" */
    struct text_list subprotocols;
    const char *ca_file;
    const char *dispatcher;
    const char *key_log;
    bool insecure;
    bool reconnect;    /* of send and echo, which do not by themselves */
    bool no_reconnect; /* of tail, which does */
    size_t max_size;
    hws_time ping;
    /* made by target_apply() */
    struct hws_header *made;
};

extern const struct option_row target_rows[];
extern const struct option_row target_size_rows[];     /* --max-size */
extern const struct option_row target_retry_rows[];    /* --reconnect */
extern const struct option_row target_no_retry_rows[]; /* --no-reconnect */

void target_init(struct target *target, const char *command);
void target_release(struct target *target);

/*
 * Fill `options` with library defaults and what the user asked for. What it
 * points at lives as long as `target`. OPTIONS_GOOD, or COMMAND_USAGE after a
 * complaint.
 */
int target_apply(struct target *target, struct hws_client_options *options);

/* The loop that the options ask for. NULL after a complaint, *code is the
 * exit code. */
struct hws_loop *target_loop(const struct target *target, int *code);

/* Make a client; NULL after a complaint, *code is the exit code. */
struct hws_client *target_client(const struct target *target,
                                 struct hws_loop *loop,
                                 const struct hws_client_options *options,
                                 int *code);

/* Whether the end of a connection is what its user hoped for: closed in order
 * with 1000, 1001 or no code. */
bool target_ended_well(const struct hws_event *down);

#endif
