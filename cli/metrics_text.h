/*
 * What is said of connections: as metrics, as JSON, and whether they are
 * healthy. The texts are the caller's, memory_free().
 */
#ifndef CLI_METRICS_TEXT_H
#define CLI_METRICS_TEXT_H

#include "hawser/client.h"

/* One connection, whoever holds it. */
struct metrics_line {
    char name[16];  /* its number, from 1 */
    hws_time stale; /* without a message for so long it is not healthy;
                       HWS_NEVER */
    const void *owner;
    const char *(*url)(const void *owner);
    const char *(*state)(const void *owner);
    void (*snapshot)(const void *owner, struct hws_snapshot *snapshot);
};

char *metrics_text(const struct metrics_line *lines, size_t count,
                   enum hws_metrics_form form);
/* {"connections":[{"name":"1","url":...,"state":"up","snapshot":{...}}]} */
char *metrics_json(const struct metrics_line *lines, size_t count);
/* {"healthy":false,"connections":[{...,"reason":"down: ..."}]} */
char *metrics_health(const struct metrics_line *lines, size_t count,
                     bool *is_healthy);

#endif
