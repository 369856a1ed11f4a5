/*
 * The server of the demo: a market in a thread of its own, with a loop of its
 * own, so that the lag that the client sees is a real one. It kills and
 * revives itself: now by a crash (reset), now by a restart in order (1012).
 */
#ifndef CLI_DEMO_FEED_H
#define CLI_DEMO_FEED_H

#include "market.h"
#include "server.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

struct demo_feed_options {
    double rate;
    uint64_t seed;
    hws_time kill_delay; /* up so long; HWS_NEVER: for ever */
    hws_time down_delay; /* then dead so long */
    const char *dispatcher;
};

struct demo_feed {
    struct demo_feed_options options;
    pthread_t thread;
    sem_t ready;
    bool running; /* the thread is to be joined */
    struct hws_fault fault;
    char url[128];

    /* the thread's */
    struct hws_loop *loop;
    struct server server;
    struct market market;
    struct hws_timer turn; /* to kill, or to revive */
    bool finished;

    /* written by the thread, read by all */
    atomic_uint_fast64_t sent;       /* published */
    atomic_uint_fast64_t sent_alone; /* of these, with nobody connected */
    atomic_uint kills;
};

/* Returns once it listens. 0, or a negative status with feed->fault. */
int demo_feed_start(struct demo_feed *feed,
                    const struct demo_feed_options *options);
/* Publish nothing more and close the peers in order. Does not wait. */
void demo_feed_finish(struct demo_feed *feed);
/* Wait for the thread, which ends when the last peer is gone. */
void demo_feed_join(struct demo_feed *feed);

#endif
