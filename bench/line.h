/*
 * A hawser client that plays a scene: its loop, its state and its meter.
 */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include "hawser/hawser.h"
#include "scene.h"

struct line {
    const struct scene *scene;
    struct hws_loop *loop;
    struct hws_client *client;
    uint64_t seen; /* messages */
    uint64_t mark; /* the one that on_mark is called for */
    void (*on_mark)(struct line *line);
    bool up, down;
    bool full; /* between HIGH_WATER and LOW_WATER */

    struct meter meter;
    uint64_t calls; /* at the begin of the measuring */
    struct hws_histogram *trips;
    int64_t sent_at;
    uint8_t *text; /* one message to send */
    struct cost *cost;
};

/* Make the line and bring it up. 0 or -1. */
int line_open(struct line *line, const struct scene *scene, struct cost *cost);
void line_free(struct line *line);
void line_begin(struct line *line); /* of what is measured */
void line_end(struct line *line, uint64_t messages);
/* One turn of the loop; waits if there is nothing to do and `wait`. */
void line_turn(struct line *line, bool wait);
/* Send the scene's message; waits for room. 0 or -1. */
int line_send(struct line *line);

#endif
