/*
 * What happened, in order, each thing as a line in the notation of scripts.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "words.h"

#define LINES_MAX 64 /* written and not yet taken */

struct journal {
    char *lines[LINES_MAX];
    size_t count;
};

void journal_add(struct journal *j, const struct paper *line);
void journal_take(struct journal *j); /* drop the oldest line */
void journal_clear(struct journal *j);
/* Adjacent chunks of one message become one line. */
void journal_event(struct journal *j, const struct hws_event *event);

#endif
