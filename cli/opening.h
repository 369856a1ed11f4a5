/*
 * What tail sends after each connect: values of --on-open, from the command
 * line or from files.
 *
 *   @FILE   the content of FILE
 *   =TEXT   TEXT, whatever files there are
 *   VALUE   the content of the file of that name if there is one, else VALUE
 *
 * One line end at the end of a file is left out.
 */
#ifndef CLI_OPENING_H
#define CLI_OPENING_H

#include "hawser/client.h"
#include "options.h"

struct opening_list {
    struct hws_opening *items;
    size_t count;
    char **texts; /* owned content of files, NULL for texts of others */
};

/* 0, or an exit code after a complaint naming the file. */
int opening_list_read(struct opening_list *list, const char *command,
                      const struct text_list *values);
void opening_list_release(struct opening_list *list);

#endif
