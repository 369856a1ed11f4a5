/*
 * The other end of a scene, a process of its own on the second core, so that
 * only the measured side is measured.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "scene.h"

#include <sys/types.h>

/* Start the scene's peer and fill in its port. The process, or -1. */
pid_t peer_start(struct scene *scene);
void peer_stop(pid_t peer);

#endif
