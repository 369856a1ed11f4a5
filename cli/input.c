#include "input.h"

#include "memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)64 * 1024)

static void input_finish(struct input *input, int error)
{
    input_pause(input);
    input->eof = true;
    input->ended(input, error);
}

/* Hand out whole lines; at the end also one without a line end. */
static void input_split(struct input *input)
{
    while (!input->paused && input->size > input->begin) {
        char *at = input->data + input->begin;
        size_t left = input->size - input->begin;
        char *end = memchr(at + input->scanned, '\n', left - input->scanned);
        if (!end && !input->eof) {
            input->scanned = left;
            return;
        }
        size_t size = end ? (size_t)(end - at) : left;
        input->begin += size + (end != NULL);
        input->scanned = 0;
        input->line(input,
                    (struct hws_span){.data = (uint8_t *)at, .size = size});
    }
}

static void input_make_room(struct input *input)
{
    size_t left = input->size - input->begin;
    if (input->begin > 0)
        memmove(input->data, input->data + input->begin, left);
    input->begin = 0;
    input->size = left;
    if (input->capacity - left >= BLOCK_SIZE)
        return;
    input->capacity = 2 * input->capacity + BLOCK_SIZE;
    input->data = memory_resize(input->data, input->capacity);
}

/* Hand out what was read already. Whether reading may go on. */
static bool input_drain(struct input *input)
{
    input_split(input);
    if (!input->paused && input->eof)
        input_finish(input, 0);
    return !input->paused;
}

static void input_read(struct input *input)
{
    input_make_room(input);
    ssize_t n = read(input->fd, input->data + input->size, BLOCK_SIZE);
    if (n > 0)
        input->size += (size_t)n;
    else if (n == 0)
        input->eof = true;
    else if (errno != EAGAIN && errno != EINTR)
        input_finish(input, errno);
    input_drain(input);
}

static void input_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    char *at = (char *)watch - offsetof(struct input, watch);
    struct input *input = (struct input *)(void *)at;
    (void)ready, (void)now;
    if (input_drain(input))
        input_read(input);
}

/* Without readiness a read may block, except on what cannot be watched. */
static void input_due(struct hws_timer *timer, hws_time now)
{
    char *at = (char *)timer - offsetof(struct input, again);
    struct input *input = (struct input *)(void *)at;
    if (input_drain(input) && !input->watchable)
        input_read(input);
    if (!input->paused && !input->watchable)
        hws_loop_timer(input->loop, timer, now);
}

void input_init(struct input *input, struct hws_loop *loop, int fd)
{
    input->loop = loop;
    input->fd = fd;
    input->paused = true;
    input->watchable = true;
    input->watch = (struct hws_watch){.ready = input_ready};
    input->again = (struct hws_timer){.due = input_due, .deadline = HWS_NEVER};
}

void input_release(struct input *input)
{
    input_pause(input);
    memory_free(input->data);
    input->data = NULL;
}

void input_pause(struct input *input)
{
    if (input->paused)
        return;
    input->paused = true;
    hws_loop_timer(input->loop, &input->again, HWS_NEVER);
    if (input->watch.interest)
        hws_loop_watch(input->loop, &input->watch, input->fd, 0);
}

void input_resume(struct input *input)
{
    if (!input->paused)
        return;
    input->paused = false;
    if (input->watchable &&
        hws_loop_watch(input->loop, &input->watch, input->fd, HWS_READ) != 0)
        input->watchable = false;
    /* Lines that were read before the pause wait for no readiness. */
    if (!input->watchable || input->size > input->begin || input->eof)
        hws_loop_timer(input->loop, &input->again,
                       hws_loop_clock(input->loop, HWS_CLOCK_MONOTONIC));
}
