/*
 * Many clients of one loop, on a poller of choice: first they are idle, then
 * frames come in at an even pace.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "hawser/hawser.h"
#include "scene.h"

job crowd_serve;

#endif
