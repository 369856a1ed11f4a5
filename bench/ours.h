/*
 * The same scenes played by hawser, through its public headers only and with
 * all checks on: UTF-8, limits, keepalive, health.
 */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

#include "scene.h"

job ours_read;        /* hws_client, messages counted in its callback */
job ours_read_bare;   /* without stages of lag */
job ours_read_judged; /* with a verdict */
job ours_read_timed;  /* with a verdict and event times */
job ours_read_core;   /* hws_proto alone, fed 64 KiB at a time */
job ours_write;       /* hws_batch_begin, 64 KiB of sends, hws_batch_end */
job ours_write_each;  /* hws_client_send outside of any callback */
job ours_write_other; /* hws_client_send from another thread */
job ours_echo;        /* the next one is sent from the callback */
job ours_hold;        /* idle clients */

#endif
