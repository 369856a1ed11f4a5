/*
 * The inside of a client, shared by client.c (its life and its calls),
 * client_state.c (the one state table) and client_remote.c (calls from other
 * threads). Invariant between calls: `conn` is there in the states DIALING to
 * CLOSING and nowhere else; the timer is armed in WAITING and nowhere else.
 */
#ifndef HWI_CLIENT_H
#define HWI_CLIENT_H

#include "hawser/client.h"
#include "session/backoff.h"
#include "session/commons.h"
#include "session/endpoints.h"
#include "session/headers.h"
#include "session/keep.h"

struct hws_client {
    struct hws_loop *loop;
    struct hws_commons *commons;
    struct hws_conn *conn;
    struct hws_health *health;
    struct hws_time_field *lag_field;
    struct hws_client_options options;
    struct hwi_keep keep; /* what the options point at */
    struct hwi_endpoints endpoints;
    struct hwi_backoff backoff;
    struct hws_timer timer;

    struct hwi_last last; /* free() from another thread */
    atomic_size_t posted; /* bytes of messages posted and not yet run */
    atomic_size_t queued; /* the send queue, when the loop last looked */
    atomic_bool looking;  /* it was asked to look again */
    atomic_uint holders;  /* the owner, calls on the stack, posted calls */
    hws_time up_since;    /* HWS_NEVER while not up */
    unsigned attempt;     /* since the last UP */
    unsigned connections;
    enum hws_client_state state;
    bool freed;
    bool stop_asked;   /* close() was called: the next DOWN is final */
    bool redial_asked; /* reconnect() was called: no waiting */
    bool paused;       /* pause() was called; holds for every connection */
};

/* client.c */
void hwi_client_hold(struct hws_client *client);
void hwi_client_drop(struct hws_client *client);

/* client_state.c */
void hwi_client_due(struct hws_timer *timer, hws_time now);
void hwi_client_enter(struct hws_client *client, enum hws_client_state state,
                      hws_time now);
/* Wait until `deadline` for the next attempt; a past one: the next turn.
 * HWS_E_MEMORY, only when the client did not wait before. */
int hwi_client_wait(struct hws_client *client, hws_time deadline);
void hwi_client_proto_options(const struct hws_client *client,
                              const struct hws_headers *headers,
                              struct hws_proto_options *proto);

/* client_remote.c: the same calls, by way of the mailbox. */
int hwi_remote_send(struct hws_client *client, enum hws_opcode opcode,
                    struct hws_span data);
int hwi_remote_ping(struct hws_client *client, struct hws_span data);
int hwi_remote_close(struct hws_client *client, unsigned code,
                     struct hws_span reason);
int hwi_remote_reconnect(struct hws_client *client);
void hwi_remote_pause(struct hws_client *client, bool pause);
void hwi_remote_free(struct hws_client *client);

#endif
