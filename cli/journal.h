/*
 * --log FILE: the life of a command's connections, as lines of JSON at the end
 * of a file. Each is written at once, whole.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include "hawser/client.h"
#include "hawser/log.h"

struct journal {
    struct hws_log *log; /* NULL: none was asked for */
    int fd;
    const char *command; /* for complaints */
    bool failed;         /* it was said that the file does not take more */
};

/* Open `path` ("-": standard error; NULL: no log). OPTIONS_GOOD, or an exit
 * code after a complaint. */
int journal_open(struct journal *journal, const char *command,
                 const char *path);
void journal_close(struct journal *journal);
/* Tell of an event of the client with this number, from its callback. */
void journal_note(struct journal *journal, struct hws_loop *loop,
                  const struct hws_client *client, unsigned number,
                  const struct hws_event *event);

#endif
