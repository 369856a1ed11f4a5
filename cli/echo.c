/*
 * Sends every data message back as it came, in chunks as they arrive, so that
 * no message is too large but for memory. Reading pauses while the peer does
 * not take its echo, but only between messages: a peer that writes a whole
 * message before it reads would wait for us while we wait for it.
 */
#include "command.h"
#include "marks.h"
#include "metrics.h"
#include "stopper.h"
#include "target.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define CHUNK_SIZE ((size_t)256 * 1024)
#define QUEUE_HIGH ((size_t)8 * 1024 * 1024)
#define QUEUE_LOW ((size_t)1024 * 1024)

struct echo_options {
    hws_time for_delay;
    bool quiet;
    struct metrics_options metrics;
};

struct echo {
    struct echo_options options;
    struct target target;
    struct hws_loop *loop;
    struct hws_client *client;
    struct stopper stopper;
    struct output err;
    struct marks marks;
    struct metrics *metrics; /* NULL: not served */
    uint64_t messages, bytes;
    bool full;   /* the queue is above its high mark */
    bool inside; /* a message has begun and not ended */
    bool paused;
    bool failed, final;
};

static const struct option_row echo_rows[] = {
    {"for", "DURATION", OPTION_DELAY, offsetof(struct echo_options, for_delay),
     "end after this time"},
    {"quiet", NULL, OPTION_FLAG, offsetof(struct echo_options, quiet),
     "no marks and no summary on standard error"},
    {0},
};

static void echo_pace(struct echo *echo)
{
    bool pause = echo->full && !echo->inside;
    if (pause && !echo->paused)
        hws_client_pause(echo->client);
    if (!echo->full && echo->paused)
        hws_client_resume(echo->client);
    echo->paused = echo->full && (pause || echo->paused);
}

static void echo_fail(struct echo *echo, int status)
{
    output_format(&echo->err, "hawser echo: cannot send a message back: %s\n",
                  hws_status_name(status));
    echo->failed = true;
    hws_client_close(echo->client, HWS_CLOSE_INTERNAL_ERROR,
                     (struct hws_span){0});
}

static void echo_message(struct echo *echo, const struct hws_event *event)
{
    struct hws_span data = event->message.data;
    enum hws_opcode opcode = (enum hws_opcode)event->message.opcode;
    /* Once a close frame was sent or came nothing can go back any more; what
     * still comes is let go. */
    if (hws_client_get_state(echo->client) != HWS_CLIENT_UP)
        return;
    if (!event->message.first)
        opcode = HWS_CONTINUATION;
    int status =
        hws_client_send_part(echo->client, opcode, data, event->message.last);
    echo->inside = !event->message.last;
    echo->messages += event->message.last;
    echo->bytes += data.size;
    if (status < 0)
        echo_fail(echo, status);
    echo_pace(echo);
}

static void echo_down(struct echo *echo, const struct hws_event *event)
{
    if (!echo->stopper.stopped)
        mark_down(&echo->marks, 1, event,
                  hws_loop_clock(echo->loop, HWS_CLOCK_MONOTONIC));
    echo->full = echo->inside = false;
    echo_pace(echo);
    if (!event->down.final)
        return;
    echo->final = true;
    if (!echo->stopper.stopped && !target_ended_well(event))
        echo->failed = true;
}

static void echo_event(struct hws_client *client, const struct hws_event *event,
                       void *user)
{
    struct echo *echo = user;
    target_note(&echo->target, echo->loop, client, 1, event);
    switch (event->kind) {
    case HWS_UP:
        mark_up(&echo->marks, 1, hws_client_get_url(client), event);
        break;
    case HWS_MESSAGE:
        echo_message(echo, event);
        break;
    case HWS_HIGH_WATER:
    case HWS_LOW_WATER:
        echo->full = event->kind == HWS_HIGH_WATER;
        echo_pace(echo);
        break;
    case HWS_REDIRECT:
        mark_redirect(&echo->marks, 1, event,
                      hws_loop_clock(echo->loop, HWS_CLOCK_MONOTONIC));
        break;
    case HWS_WARNING:
        mark_warning(&echo->marks, 1, event);
        break;
    case HWS_DOWN:
        echo_down(echo, event);
        break;
    default:
        break;
    }
}

static void echo_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct echo, stopper);
    struct echo *echo = (struct echo *)(void *)at;
    unsigned code = stopper->signal ? HWS_CLOSE_GOING_AWAY : HWS_CLOSE_NORMAL;
    hws_client_close(echo->client, code, (struct hws_span){0});
}

static int echo_configure(struct echo *echo, const struct text_list *urls,
                          struct hws_client_options *options)
{
    if (urls->count != 1)
        return options_complain("echo", "one URL is needed, %zu are given",
                                urls->count);
    hws_client_options_init(options);
    options->url = urls->items[0];
    options->limits.message_size_max = SIZE_MAX / 4;
    options->limits.fragment_max = UINT32_MAX;
    options->limits.chunk_size = CHUNK_SIZE;
    options->limits.send_queue_max = SIZE_MAX / 4;
    options->limits.send_queue_high = QUEUE_HIGH;
    options->limits.send_queue_low = QUEUE_LOW;
    options->retry.enabled = echo->target.reconnect;
    options->judge = echo->options.metrics.address.host[0] != '\0';
    options->on_event = echo_event;
    options->user = echo;
    return target_apply(&echo->target, options);
}

static int echo_begin(struct echo *echo,
                      const struct hws_client_options *options)
{
    int code = COMMAND_LOCAL;
    echo->loop = target_loop(&echo->target, &code);
    if (!echo->loop)
        return code;
    echo->stopper.stop = echo_stop;
    echo->client = target_client(&echo->target, echo->loop, options, &code);
    if (!echo->client)
        return code;
    if (stopper_init(&echo->stopper, echo->loop, echo->options.for_delay))
        return COMMAND_LOCAL;
    code = metrics_begin(&echo->metrics, &echo->options.metrics, "echo",
                         echo->loop, echo->marks.quiet ? NULL : &echo->err);
    metrics_add(echo->metrics, echo->client, HWS_NEVER);
    if (code == OPTIONS_GOOD)
        hws_client_open(echo->client);
    return code;
}

static int echo_run(struct echo *echo)
{
    char size[UNITS_TEXT_MAX];
    int status = 0;
    while (!echo->final && status == 0) {
        status = hws_loop_run_once(echo->loop, HWS_NEVER);
        output_flush(&echo->err);
    }
    if (!echo->marks.quiet)
        output_format(&echo->err, "-- %" PRIu64 " message%s echoed, %s\n",
                      echo->messages, units_plural(echo->messages),
                      units_size(size, echo->bytes));
    if (status != 0)
        return COMMAND_LOCAL;
    return stopper_exit_code(&echo->stopper,
                             echo->failed ? COMMAND_LOST : COMMAND_OK);
}

static void echo_release(struct echo *echo)
{
    metrics_free(echo->metrics);
    if (echo->client)
        hws_client_free(echo->client);
    if (echo->stopper.loop)
        stopper_release(&echo->stopper);
    if (echo->loop)
        hws_loop_free(echo->loop);
    output_release(&echo->err);
    target_release(&echo->target);
}

static int echo_main(int argc, char **argv)
{
    struct echo echo = {.options = {.for_delay = HWS_NEVER}};
    struct hws_client_options options;
    struct text_list urls = {0};
    const struct option_group groups[] = {
        {"options", echo_rows, &echo.options},
        {NULL, metrics_rows, &echo.options.metrics},
        {"connection", target_rows, &echo.target},
        {"tls", target_tls_rows, &echo.target.tls},
        {"redirects, login and cookies", access_rows, &echo.target.access},
        {"proxy", route_rows, &echo.target.route},
        {"retries", target_retry_rows, &echo.target},
        {0},
    };
    const struct option_form form = {
        "echo", "URL",
        "Send every data message back unchanged until the peer closes. There "
        "is no limit to the size of a message but memory.",
        groups};
    target_init(&echo.target, "echo");
    output_init(&echo.err, STDERR_FILENO);
    int code = options_parse(&form, argc, argv, &urls);
    echo.marks = (struct marks){.out = &echo.err, .quiet = echo.options.quiet};
    if (code == OPTIONS_GOOD)
        code = echo_configure(&echo, &urls, &options);
    if (code == OPTIONS_GOOD)
        code = echo_begin(&echo, &options);
    if (code == OPTIONS_GOOD)
        code = echo_run(&echo);
    echo_release(&echo);
    text_list_release(&urls);
    return code;
}

const struct command echo_command = {
    "echo", "send every message back, a test peer", echo_main};
