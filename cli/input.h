/*
 * A descriptor read line by line through a loop. Regular files, which no
 * poller can watch, are read a block a turn. It keeps at most one unfinished
 * line and one block.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "hawser/loop.h"

struct input {
    /* A line without its end came; `last` line ends may be missing. Called
     * only while not paused. Lends: `line` until the call returns. */
    void (*line)(struct input *input, struct hws_span line);
    /* Nothing more comes: 0 at the end, errno after a failed read. */
    void (*ended)(struct input *input, int error);

    struct hws_loop *loop;
    int fd;
    struct hws_watch watch;
    struct hws_timer again; /* for what cannot be watched */
    bool watchable, paused, eof;
    char *data;
    size_t begin, size, scanned, capacity;
};

/* Set `line` and `ended` before. Begins paused. */
void input_init(struct input *input, struct hws_loop *loop, int fd);
void input_release(struct input *input);
void input_pause(struct input *input);
/* Lines come on the next turn, never within this call. */
void input_resume(struct input *input);

#endif
