/*
 * The dispatcher's own rooms: every poller with few and many connections, idle
 * and under an even load, plain and over TLS. They have no limit beside them;
 * they are compared with each other.
 */
#ifndef BENCH_DISPATCH_H
#define BENCH_DISPATCH_H

#include <stdbool.h>
#include <stdio.h>

struct dispatch_settings {
    bool steps;       /* count instructions in a run of its own */
    const char *name; /* only rooms whose name begins so, "loop poll 100" */
    FILE *json;       /* NULL: none */
};

/* 0, or -1: a room could not be played. */
int dispatch_play(const struct dispatch_settings *settings);

#endif
