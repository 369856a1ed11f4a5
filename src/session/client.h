/*
 * The inside of a client, shared by client.c (its life and its calls),
 * client_state.c (the one state table), client_request.c (what a handshake
 * asks for), client_redirect.c (from one handshake to the next) and
 * client_remote.c (calls from other threads). Invariant between calls: `conn`
 * is there in the states DIALING to CLOSING and nowhere else; the timer is
 * armed in WAITING and nowhere else, those of data and judge in UP alone.
 */
#ifndef HWI_CLIENT_H
#define HWI_CLIENT_H

#include "hawser/client.h"
#include "health/channels.h"
#include "session/backoff.h"
#include "session/commons.h"
#include "session/cookies.h"
#include "session/endpoints.h"
#include "session/headers.h"
#include "session/keep.h"
#include "session/proxies.h"
#include "session/redirect.h"
#include "session/way.h"

/* What of the limits was exceeded, on this connection. */
struct hwi_alarm {
    bool raised;
    unsigned looks; /* in a row that saw the other state */
};
struct hwi_alarms {
    struct hwi_alarm of[HWS_ALARM_COUNT];
    hws_time looked_at; /* 0: not yet */
    uint64_t idle_wakeups;
};

struct hws_client {
    struct hws_loop *loop;
    struct hws_commons *commons;
    struct hws_conn *conn;
    struct hws_compression compressed; /* of connections that ended */
    struct hws_health *health;
    struct hws_time_field *lag_field;
    struct hwi_channels *channels; /* NULL: they are not told apart */
    struct hws_client_options options;
    struct hwi_keep keep; /* what the options point at */
    struct hwi_endpoints endpoints;
    struct hwi_redirect redirect; /* of this attempt or connection */
    struct hwi_proxies proxies;
    struct hwi_way way;          /* of this attempt or connection */
    struct hws_cookies *cookies; /* our share, or NULL */
    struct hwi_backoff backoff;
    struct hws_timer timer;
    struct hws_timer data_timer; /* when to look whether data came */
    hws_time data_since;         /* it did then, as far as was looked */
    struct hws_timer judge_timer;
    struct hwi_alarms alarms;

    struct hwi_list in_loop; /* of commons->clients */
    uint64_t number;         /* of this loop's clients, from 1 */

    struct hwi_last last;   /* free() from another thread */
    struct hwi_last pace;   /* pause() or resume() from another thread */
    atomic_bool pacing;     /* that call is under way */
    atomic_bool halt;       /* what it asks for: the newest of them counts */
    atomic_bool opened;     /* before the loop's first turn: open() was called,
                             */
    atomic_bool unopened;   /* ... and close() after it */
    atomic_size_t posted;   /* bytes of messages posted and not yet run */
    atomic_size_t queued;   /* the send queue, when the loop last looked */
    atomic_bool looking;    /* it was asked to look again */
    atomic_uint holders;    /* the owner, calls on the stack, posted calls */
    hws_time up_since;      /* HWS_NEVER while not up */
    hws_time open_deadline; /* of this attempt, its redirects included */
    unsigned denials;       /* answers 401 and 403 in a row */
    unsigned attempt;       /* since the last UP */
    unsigned connections;
    enum hws_client_state state;
    bool freed;
    bool stop_asked;   /* close() was called: the next DOWN is final */
    bool redial_asked; /* reconnect() was called: no waiting */
    bool paused;       /* pause() was called; holds for every connection */
    bool stale;        /* STALE was told, and FRESH is to be */
    bool judge_rests;  /* until the next message */
};

/* client.c */
void hwi_client_hold(struct hws_client *client);
void hwi_client_drop(struct hws_client *client);

/* client_state.c */
void hwi_client_due(struct hws_timer *timer, hws_time now);
void hwi_client_enter(struct hws_client *client, enum hws_client_state state,
                      hws_time now);
/* Neither data nor a verdict is waited for any more. */
void hwi_client_stop_looking(struct hws_client *client);
/* Wait until `deadline` for the next attempt; a past one: the next turn.
 * HWS_E_MEMORY, only when the client did not wait before. */
int hwi_client_wait(struct hws_client *client, hws_time deadline);

/* client_data.c */
/* UP: look after data from `now` on. */
void hwi_client_expect_data(struct hws_client *client, hws_time now);
/* Not up any more. */
void hwi_client_expect_no_data(struct hws_client *client);
/* The end of a pause. */
void hwi_client_reads_again(struct hws_client *client);
/* Data came though `stale`. */
void hwi_client_tell_fresh(struct hws_client *client, hws_time now);
void hwi_client_data_due(struct hws_timer *timer, hws_time now);

/* client_channels.c */
/* A message is about to be told; FRESH comes before it. */
void hwi_client_channel(struct hws_client *client, const struct hws_event *e);
/* When the next channel will have been silent for too long. */
hws_time hwi_client_channels_due(const struct hws_client *client);
/* Tell which ones were. */
void hwi_client_look_at_channels(struct hws_client *client, hws_time now);

/* client_judge.c */
/* UP: judge from `now` on, if that is asked for. */
void hwi_client_judge_up(struct hws_client *client, hws_time now);
/* Not up any more. */
void hwi_client_judge_stop(struct hws_client *client);
/* DOWN, and health knows it. */
void hwi_client_judge_down(struct hws_client *client, hws_time now);
/* A message came though the judge rested. */
void hwi_client_judge_message(struct hws_client *client, hws_time now);
void hwi_client_judge_due(struct hws_timer *timer, hws_time now);

/* client_alarms.c */
bool hwi_client_has_alarms(const struct hws_client *client);
/* `lag` of the last messages. False: none is raised or about to change, or the
 * client or its connection is gone. */
bool hwi_client_look_at_alarms(struct hws_client *client, hws_time lag,
                               hws_time now);
void hwi_client_reset_alarms(struct hws_client *client);

/* client_request.c */
/* Where the present attempt or connection stands, or else the next attempt
 * begins. */
const struct hwi_url *hwi_client_url(const struct hws_client *client);
/* Add what a connection (may be NULL) compressed to that of those before it. */
void hwi_client_add_compression(struct hws_compression *sum,
                                const struct hws_conn *conn);
/* Whether the caller's secrets may be told to that place. */
bool hwi_client_is_home(const struct hws_client *client);
struct hws_random hwi_client_chance(const struct hws_client *client);
void hwi_client_proto_options(const struct hws_client *client,
                              const struct hws_headers *headers,
                              struct hws_proto_options *proto);
/* All of the caller's and our own headers; calls on_headers, which may close
 * or free the client. */
int hwi_client_collect_headers(struct hws_client *client,
                               struct hws_headers *headers);

/* client_redirect.c */
/* Go on elsewhere, when the answer that ended this handshake says so. False:
 * it does not, or it must not, and then `fault` (the DOWN's) says why. */
bool hwi_client_follow(struct hws_client *client, const struct hws_event *down,
                       struct hws_fault *fault);

/* client_remote.c: the same calls, by way of the mailbox; or before the loop's
 * first turn, when nobody knows which thread will run it. */
int hwi_remote_send(struct hws_client *client, enum hws_opcode opcode,
                    struct hws_span data);
int hwi_remote_ping(struct hws_client *client, struct hws_span data);
int hwi_remote_close(struct hws_client *client, unsigned code,
                     struct hws_span reason);
int hwi_remote_reconnect(struct hws_client *client);
void hwi_remote_pause(struct hws_client *client, bool pause);
void hwi_remote_free(struct hws_client *client);

#endif
