/*
 * HTTP headers of the command line: 'Name: value', or '@FILE' with one on each
 * line.
 */
#ifndef CLI_HEADER_H
#define CLI_HEADER_H

#include "hawser/types.h"
#include "memory.h"

struct header_list {
    struct hws_header *items;
    size_t count;
    char **texts; /* what the items point into, one for each value */
    size_t text_count;
};

/* 0, or an exit code after a complaint. Zero `list` first. */
int header_list_read(struct header_list *list, const char *command,
                     const struct text_list *values);
void header_list_release(struct header_list *list);

#endif
