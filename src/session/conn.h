/*
 * The inside of a connection, shared by the files that pump it: conn.c (its
 * life and its calls), conn_open.c (until the transport stands), conn_read.c,
 * conn_events.c and conn_pump.c (what a wake-up does), conn_lag.c (what is told
 * of a read). Invariant between calls
 * from the loop: the watch and the timer say all that the connection waits for.
 */
#ifndef HWI_CONN_H
#define HWI_CONN_H

#include "hawser/conn.h"
#include "session/commons.h"

enum hwi_conn_stage {
    HWI_CONN_OPENING,  /* the link is not open */
    HWI_CONN_SPEAKING, /* the protocol runs */
    HWI_CONN_ENDED,    /* DOWN was delivered; the link is gone */
};

struct hwi_conn_dial;

struct hws_conn {
    struct hws_loop *loop;
    struct hws_commons *commons;
    struct hws_link *link;
    struct hws_proto *proto;
    struct hws_health *health;         /* lent; may be NULL */
    struct hwi_conn_dial *dial;        /* while OPENING */
    const struct hws_arrival *arrival; /* the link's; NULL: not told */
    hws_conn_callback *on_event;
    void (*on_open)(struct hws_conn *conn, void *user); /* link is open */
    void *user;

    struct hws_watch watch;
    struct hws_timer timer;
    struct hwi_dirt dirt;
    struct hwi_line line;
    hws_time open_deadline; /* HWS_NEVER once UP */
    hws_time read_all_at;   /* a read found no more than it took */
    hws_time came_before;   /* realtime: the bytes of the last read */
    hws_time reading;       /* time spent in reads, when `encrypted` */
    unsigned guards;        /* calls on the stack that still use us */
    unsigned sleeps;        /* suspensions that were answered by a probe */
    uint64_t wake;          /* the wake-up that `rounds` counts for */
    uint64_t pings;         /* keepalive pings that health was told of */
    unsigned rounds;        /* settlings within this wake-up */
    enum hwi_conn_stage stage;
    bool encrypted; /* and measured */
    bool freed;
    bool notes_down;   /* health is told of DOWN; else its owner does it */
    bool up;           /* UP was told, or is being told */
    bool paused;       /* counts once `up`: a handshake is always read */
    bool lost;         /* the link moves no more bytes */
    bool blocked;      /* the kernel takes no more; wait for HWS_WRITE */
    bool write_failed; /* for good; see link->fault */
    bool shut;         /* our direction was ended */
    bool more;         /* work is left for the next turn */
    bool progress;     /* bytes moved or events came in this wake-up */
};

/* Whether received data waits for resume(). Once we end the connection
 * ourselves nothing does, or the end would never be found. */
static inline bool hwi_conn_holds(const struct hws_conn *conn)
{
    return conn->paused && conn->up &&
           (conn->lost || hws_proto_is_up(conn->proto));
}

/* Keep `conn` in memory across calls that may free it. leave() returns false
 * when it is gone. */
void hwi_conn_enter(struct hws_conn *conn);
bool hwi_conn_leave(struct hws_conn *conn);

/* conn_open.c: make progress towards an open link. */
int hwi_conn_dial_new(struct hws_conn *conn);
void hwi_conn_dial_free(struct hws_conn *conn);
void hwi_conn_dial_step(struct hws_conn *conn, hws_time now);

/* conn_events.c */
/* Hand all events to the user, until there is none, a pause or the end. */
void hwi_conn_deliver(struct hws_conn *conn);
/* The transport failed with `fault`; DOWN follows from the protocol. */
void hwi_conn_lost(struct hws_conn *conn, const struct hws_fault *fault,
                   hws_time now);
/* Forget every descriptor and free the link. */
void hwi_conn_drop_link(struct hws_conn *conn);

/* conn_read.c */
void hwi_conn_read(struct hws_conn *conn, hws_time now);
/* Writing failed for good: read what the peer said before, then it is lost. */
void hwi_conn_read_last(struct hws_conn *conn, hws_time now);

/* conn_lag.c */
/* The link is open: let it tell when bytes come. */
void hwi_conn_stamp(struct hws_conn *conn);
/* `got` bytes were read, by `now`, and `is_all` that was there; nothing of them
 * is handed over yet. */
void hwi_conn_measure(struct hws_conn *conn, size_t got, bool is_all,
                      hws_time now);

/* hws_link_read(), timed when that matters. */
ptrdiff_t hwi_conn_read_link(struct hws_conn *conn, uint8_t *room, size_t size);
/* For the judge; asks the kernel. */
void hwi_conn_facts(const struct hws_conn *conn, struct hws_facts *facts);

/* conn_pump.c */
void hwi_conn_ready(struct hws_watch *watch, unsigned ready, hws_time now);
void hwi_conn_due(struct hws_timer *timer, hws_time now);
void hwi_conn_settle(struct hwi_dirt *dirt, hws_time now);
void hwi_conn_slept(struct hwi_line *line);
void hwi_conn_flush(struct hws_conn *conn, hws_time now);
/* After a call from outside the loop: wait for what is to be waited for. */
void hwi_conn_rearm(struct hws_conn *conn, hws_time now);

#endif
