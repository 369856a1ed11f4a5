/*
 * A scene is what one run is made of: what the peer does, what passes, and how
 * much of it. Every job (a limit or ours) plays the same scene.
 */
#ifndef BENCH_SCENE_H
#define BENCH_SCENE_H

#include "cost.h"

#include <stddef.h>

enum peer {
    PEER_NONE,   /* the job needs no peer */
    PEER_STREAM, /* sends frames without end, 1 MiB a write */
    PEER_ECHO,   /* answers each frame with one of the same size */
    PEER_SINK,   /* reads and drops */
    PEER_HOLD,   /* accepts and keeps still */
    PEER_TICK,   /* holds all, then sends on one after the other */
};

struct scene {
    enum peer peer;
    size_t size;       /* payload bytes of a message */
    uint64_t messages; /* that are measured */
    uint64_t warm;     /* before these, not measured */
    bool tls;          /* TLS 1.3 */
    bool lone_records; /* each message in a record of its own */
    bool stepped;
    enum {
        MEASURE_AS_IT_COMES, /* the client's defaults */
        MEASURE_NOTHING,     /* no stages of lag */
        MEASURE_AND_JUDGE,   /* a verdict as well */
        MEASURE_TIMES,       /* and an event time in each message */
    } measure;
    uint64_t connections; /* PEER_TICK: how many it waits for */
    const char *poller;   /* of the loop; NULL: the default */
    uint16_t port;        /* of the peer, once it runs */
};

/* A job plays a scene. 0, or -1: it could not be played. */
typedef int job(const struct scene *scene, struct cost *cost);

#endif
