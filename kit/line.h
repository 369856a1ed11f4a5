/* A client that counts its events, checks their order, and then does what the
 * story says. */
#ifndef KIT_LINE_H
#define KIT_LINE_H

#include "server.h"

struct kit_line {
    struct kit *k;
    struct hws_client *client; /* NULL: freed */
    unsigned ups, downs, messages, pongs;
    bool is_up;
    bool is_final;
    char last[64];          /* the last message that was short, as text */
    size_t size;            /* of the last message */
    struct hws_fault fault; /* of the last end */
    void (*then)(struct kit_line *line, const struct hws_event *e);
    struct kit_line *other; /* the scenario's */
    unsigned number;        /* the scenario's */
};

/* Make a client for `server` on the loop under test, and open it. */
void kit_line_open(struct kit_line *line, struct kit *k,
                   const struct kit_server *server);
/* As above, over links that `on_link` builds; `server` may be NULL. */
void kit_line_open_over(struct kit_line *line, struct kit *k,
                        struct hws_link *(*on_link)(struct hws_client *client,
                                                    const char *url,
                                                    void *user));
void kit_line_free(struct kit_line *line);
void kit_line_send(struct kit_line *line, const char *text);

#endif
