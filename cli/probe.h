/*
 * hawser probe: each dispatcher measured while it runs, by itself or beside a
 * real feed. probe.c does it, probe_print.c tells it.
 */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "hawser/hawser.h"
#include "options.h"
#include "output.h"
#include "stopper.h"
#include "target.h"

struct probe_options {
    hws_time for_delay; /* for each dispatcher */
    uint64_t connections;
    bool json;
};

/* One dispatcher. */
struct probe_row {
    const char *poller;
    bool is_here;                     /* it could be made */
    struct hws_fault fault;           /* why not, or why the feed was lost */
    struct hws_probe_figures figures; /* loop NULL: it was not measured */
    unsigned found;                   /* hws_probe_judge() */
    struct hws_snapshot before;       /* of the feed, when the probe began */
    struct hws_snapshot after;
};

struct probe {
    struct probe_options options;
    struct target target;
    const char *url; /* NULL: no feed */
    struct probe_row *rows;
    size_t row_count;
    struct output out;
    /* for the row that is being measured */
    struct probe_row *row;
    struct hws_loop *loop;
    struct hws_client *client; /* NULL without a feed */
    struct hws_probe *probe;
    struct stopper stopper;
    bool is_over;
    bool is_lost; /* the feed */
    int signal;   /* what ended it all, or 0 */
};

void probe_print(struct probe *probe);
void probe_print_json(struct probe *probe);

#endif
