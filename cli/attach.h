/*
 * hawser top --attach: the connections of another program, by way of its
 * control socket, as rows of the view.
 */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include "top.h"

struct attach;

/* Told when the rows are new, or (`why`, lent) the program is gone. */
typedef void attach_news(void *user, const char *why);

/* OPTIONS_GOOD and *attach, or an exit code after a complaint. */
int attach_begin(struct attach **attach, struct hws_loop *loop,
                 const char *path, struct top *top);
void attach_tell(struct attach *attach, attach_news *news, void *user);
/* NULL is allowed. */
void attach_free(struct attach *attach);

/* Ask for all rows anew. */
void attach_look(struct attach *attach);
/* "ping", "pause", "resume" or "reconnect" the connection with this id. */
void attach_say(struct attach *attach, const char *word, uint64_t id);

#endif
