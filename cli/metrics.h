/*
 * What --metrics serves over HTTP, on the program's own loop:
 *
 *   /metrics        for Prometheus: its text format, or OpenMetrics if asked
 *   /health         200 while every connection is up and fresh, else 503
 *   /snapshot.json  all snapshots
 *   /               a page with charts of them
 */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include "hawser/client.h"
#include "units.h"

struct metrics;

/* Whether this build can serve at all. */
bool metrics_available(void);
/*
 * Listen, and add to `loop`; port 0 takes a free one. NULL, with `fault`: the
 * address is taken or not ours, or this build cannot.
 */
struct metrics *metrics_new(struct hws_loop *loop,
                            const struct units_address *address,
                            struct hws_fault *fault);
void metrics_free(struct metrics *metrics);
uint16_t metrics_port(const struct metrics *metrics);
/* Until metrics_free(). `stale`: without a message for so long the connection
 * is not healthy; HWS_NEVER. */
void metrics_add(struct metrics *metrics, struct hws_client *client,
                 hws_time stale);

#endif
