/*
 * The life of connections as a log: one JSON object on each line, secrets
 * masked, at a bounded rate. Beside it there is hws_snapshot_json() for how a
 * connection is.
 */
#ifndef HAWSER_LOG_H
#define HAWSER_LOG_H

#include "hawser/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_log;

struct hws_log_options {
    /* Takes a line with its end; must not be NULL. */
    void (*write)(void *user, struct hws_span line);
    void *user;
    unsigned burst; /* lines that may come at once; 100. 0: no limit */
    hws_time pause; /* a further one each; 100 ms, must be above 0 */
};

/* Fill in the defaults. */
HWS_API void hws_log_options_init(struct hws_log_options *options);

/*
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT, HWS_E_MEMORY.
 */
HWS_API struct hws_log *hws_log_new(const struct hws_log_options *options,
                                    struct hws_fault *fault);
/* Says how many lines were left out, if the last ones were. */
HWS_API void hws_log_free(struct hws_log *log);

/* Whose event it is. Texts may be NULL: left out. */
struct hws_log_subject {
    const char *name; /* "connection" */
    const char *url;  /* as hws_client_get_url() has it */
    hws_time realtime;
};
/*
 * Log an event, from its callback: UP, DOWN, CLOSING, REDIRECT, WARNING,
 * STALE, FRESH, VERDICT, ALARM and the marks of the queue. Messages, pings and
 * pongs are no life, and are left out. docs/LOG.md has the members.
 *
 * Masked: userinfo, and the values in a query, wherever an URL stands. Header
 * lines and bodies are not logged.
 */
HWS_API void hws_log_note(struct hws_log *log,
                          const struct hws_log_subject *subject,
                          const struct hws_event *event);

#ifdef __cplusplus
}
#endif
#endif
