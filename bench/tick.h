/*
 * The peer of the loop's rooms: it holds many connections, waits for a word on
 * the first one, and then sends frames at an even pace, each on the next
 * connection and with the time of its sending in it.
 */
#ifndef BENCH_TICK_H
#define BENCH_TICK_H

#include "scene.h"
#include "wire.h"

#define TICK_CONNECTIONS_MAX 5000
#define TICK_PERIOD 500000 /* ns between two frames: 2,000 a second */

/* Keep a wire that was accepted; with the last one, play the scene. */
void tick_hold(const struct scene *scene, struct wire *wire, uint8_t *block);
/* The time that a frame's payload tells, monotonic, ns. */
int64_t tick_stamp(const uint8_t *payload, size_t size);

#endif
