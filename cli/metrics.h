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
#include "metrics_text.h"
#include "options.h"
#include "output.h"
#include "units.h"

struct metrics;

/* --metrics, of every command that runs long. */
struct metrics_options {
    struct units_address address; /* an empty host: not asked for */
};
extern const struct option_row metrics_rows[];

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
/* The same as the options have it: OPTIONS_GOOD, with NULL if not asked for;
 * or an exit code after a complaint. Where it listens goes to `err`, NULL: is
 * not said. */
int metrics_begin(struct metrics **metrics,
                  const struct metrics_options *options, const char *command,
                  struct hws_loop *loop, struct output *err);
/* Until metrics_free(). NULL metrics: nobody asked for any. `stale` as in
 * struct metrics_line. */
void metrics_add(struct metrics *metrics, struct hws_client *client,
                 hws_time stale);
/* The same for what is no client, until metrics_remove() of its owner. */
void metrics_add_line(struct metrics *metrics, const struct metrics_line *line);
void metrics_remove(struct metrics *metrics, const void *owner);

#endif
