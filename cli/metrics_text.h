/*
 * What is said of clients: as metrics, as JSON, and whether they are healthy.
 * The texts are the caller's, memory_free().
 */
#ifndef CLI_METRICS_TEXT_H
#define CLI_METRICS_TEXT_H

#include "hawser/client.h"

struct metrics_line {
    struct hws_client *client;
    char name[16]; /* its number, from 1 */
    hws_time stale;
};

char *metrics_text(const struct metrics_line *lines, size_t count,
                   enum hws_metrics_form form);
/* {"connections":[{"name":"1","url":...,"state":"up","snapshot":{...}}]} */
char *metrics_json(const struct metrics_line *lines, size_t count);
/* {"healthy":false,"connections":[{...,"reason":"down: ..."}]} */
char *metrics_health(const struct metrics_line *lines, size_t count,
                     bool *is_healthy);

#endif
