/*
 * How the demo looks: a table that is drawn over itself on a terminal, a line
 * a second everywhere else. It fits 80 columns and 24 lines.
 */
#ifndef CLI_DEMO_VIEW_H
#define CLI_DEMO_VIEW_H

#include "hawser/health.h"
#include "output.h"

/* One measurement; what grows is counted from the start. */
struct demo_figures {
    hws_time at; /* since the start */
    const char *state;
    const char *url;
    const char *poller;
    double rate_asked;
    uint64_t sent, sent_alone, received, lost, disordered;
    uint64_t bytes; /* in, of the byte stream */
    unsigned connections, kills;
    int64_t lag_p50, lag_p99, lag_p999, lag_min, lag_max; /* ns */
    double lag_mean;
    uint64_t lag_count;
    double cpu, cpu_client; /* seconds */
    uint64_t turns, idle_turns;
    hws_time round_trip; /* HWS_NEVER when unknown */
    const struct hws_fault *last_fault;
};

struct demo_view {
    struct output *out;
    struct demo_figures before; /* the last drawing, for rates */
    int lines;                  /* drawn; to be drawn over */
};

/* Delay between two drawings. */
hws_time demo_view_delay(const struct demo_view *view);
void demo_view_draw(struct demo_view *view, const struct demo_figures *now);
/* Draw the totals and give the terminal back. */
void demo_view_end(struct demo_view *view, const struct demo_figures *total);

#endif
