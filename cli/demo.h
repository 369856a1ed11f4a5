/*
 * A feed and its reader in one program: what a long-lived connection looks
 * like while its server dies and comes back.
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "demo_feed.h"
#include "demo_view.h"
#include "hawser/client.h"
#include "metrics.h"
#include "output.h"
#include "stopper.h"
#include "tally.h"

struct demo_options {
    double rate;
    uint64_t seed;
    hws_time for_delay;
    hws_time kill_delay; /* 0: never */
    hws_time down_delay;
    const char *dispatcher;
    bool json;
    struct metrics_options metrics;
};

struct demo {
    struct demo_options options;
    struct demo_feed feed;
    struct tally tally;
    struct hws_loop *loop;
    struct hws_client *client;
    struct stopper stopper;
    struct metrics *metrics; /* NULL: not served */
    struct demo_view view;
    struct hws_timer refresh;
    struct output out, err;
    hws_time begun, ended; /* monotonic */
    bool final;
    struct hws_fault last_fault; /* of an end that was not the demo's own */
};

/* What is known now, for the view and the summary. */
void demo_measure(const struct demo *demo, struct demo_figures *figures);
/* The one summary object of --json. */
void demo_summary_json(struct demo *demo, const struct demo_figures *figures);

#endif
