#include "stopper.h"

#include "command.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define SIGNAL_COUNT 3

static const int numbers[SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};

void stopper_stop(struct stopper *stopper)
{
    if (stopper->stopped)
        return;
    stopper->stopped = true;
    hws_loop_timer(stopper->loop, &stopper->limit, HWS_NEVER);
    stopper->stop(stopper);
}

/* The owner of signals[i], whichever i it is. */
static struct stopper *stopper_of(struct hws_signal *signal, int number)
{
    size_t i = 0;
    while (i + 1 < SIGNAL_COUNT && numbers[i] != number)
        i++;
    char *first = (char *)(signal - i);
    return (struct stopper *)(void *)(first -
                                      offsetof(struct stopper, signals));
}

static void stopper_caught(struct hws_signal *signal, int number, hws_time now)
{
    struct stopper *stopper = stopper_of(signal, number);
    (void)now;
    if (stopper->signal)
        _exit(COMMAND_SIGNAL + number);
    stopper->signal = number;
    stopper_stop(stopper);
}

static void stopper_due(struct hws_timer *timer, hws_time now)
{
    char *at = (char *)timer - offsetof(struct stopper, limit);
    (void)now;
    stopper_stop((struct stopper *)(void *)at);
}

int stopper_init(struct stopper *stopper, struct hws_loop *loop, hws_time delay)
{
    int status = 0;
    stopper->loop = loop;
    stopper->limit =
        (struct hws_timer){.due = stopper_due, .deadline = HWS_NEVER};
    for (size_t i = 0; i < SIGNAL_COUNT && status == 0; i++) {
        stopper->signals[i].caught = stopper_caught;
        status = hws_signal_watch(loop, &stopper->signals[i], numbers[i]);
    }
    if (status == 0 && delay != HWS_NEVER)
        status =
            hws_loop_timer(loop, &stopper->limit,
                           hws_loop_clock(loop, HWS_CLOCK_MONOTONIC) + delay);
    return status;
}

void stopper_release(struct stopper *stopper)
{
    hws_loop_timer(stopper->loop, &stopper->limit, HWS_NEVER);
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (stopper->signals[i].loop)
            hws_signal_forget(&stopper->signals[i]);
}

int stopper_exit_code(const struct stopper *stopper, int code)
{
    return stopper->signal ? COMMAND_SIGNAL + stopper->signal : code;
}
