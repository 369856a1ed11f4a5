/*
 * Several long-lived connections whose messages are printed as they come.
 */
#ifndef CLI_TAIL_H
#define CLI_TAIL_H

#include "control.h"
#include "hawser/health.h"
#include "marks.h"
#include "metrics.h"
#include "opening.h"
#include "stopper.h"
#include "target.h"

struct tail_options {
    struct text_list on_open;
    uint64_t count; /* 0: no end */
    hws_time for_delay;
    hws_time stale_delay;
    bool verdict;
    const char *lag;
    const char *control;
    const char *channel;
    struct metrics_options metrics;
    bool json;
    bool quiet;
};

/* One URL of the command line. */
struct tail_line {
    struct tail *tail;
    unsigned number; /* from 1 */
    const char *url;
    struct hws_client *client;
    uint64_t connections;
    bool failed; /* ended for good, and not as hoped */
    bool final;
};

struct tail {
    struct tail_options options;
    struct target target;
    struct opening_list openings;
    struct hws_time_field *field; /* NULL without --lag */
    struct hws_histogram *lag;
    struct hws_loop *loop;
    struct metrics *metrics; /* NULL: not served */
    struct hws_control *control;
    struct stopper stopper;
    struct output out, err;
    struct marks marks;
    struct tail_line *lines;
    size_t line_count, final_count;
    hws_time begun;                  /* monotonic */
    hws_time read_at, read_realtime; /* the last read, by both clocks */
    uint64_t messages, bytes, lag_missing;
};

/* The event callback of every client; `user` is the line. */
void tail_event(struct hws_client *client, const struct hws_event *event,
                void *user);
/* Totals of the whole run, on standard error. */
void tail_summary(struct tail *tail);

#endif
