/*
 * What people are told about connections, on standard error:
 *
 *   -- up: wss://feed.example/ (attempt 2)
 *   -- redirect: 302 to wss://other.example/
 *   -- stale: channel 'BTC-USD', no data for 60 s
 *   -- verdict: app: a message waits 80.0 ms for callbacks, which ...
 *   -- down: connection reset by peer (frame), retry in 1.2 s
 */
#ifndef CLI_MARKS_H
#define CLI_MARKS_H

#include "hawser/types.h"
#include "output.h"

struct marks {
    struct output *out;
    bool quiet;
    bool numbered; /* several connections: "-- [2] up: ..." */
};

void mark_up(const struct marks *marks, unsigned number, const char *url,
             const struct hws_event *up);
void mark_redirect(const struct marks *marks, unsigned number,
                   const struct hws_event *redirect, hws_time now);
void mark_warning(const struct marks *marks, unsigned number,
                  const struct hws_event *warning);
/* STALE or FRESH; nothing is said of the connection as a whole, which goes
 * down for it. */
void mark_channel(const struct marks *marks, unsigned number,
                  const struct hws_event *stale);
void mark_verdict(const struct marks *marks, unsigned number,
                  const struct hws_event *verdict);
/* `now`: for the delay until the next attempt. */
void mark_down(const struct marks *marks, unsigned number,
               const struct hws_event *down, hws_time now);

#endif
