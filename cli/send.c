/*
 * Sends messages from arguments or from standard input, a line each, and
 * closes in order. Every message is counted until the transport has taken it.
 */
#include "command.h"
#include "input.h"
#include "marks.h"
#include "stopper.h"
#include "target.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Between the close frame and its answer stands all that is queued. */
#define CLOSE_DELAY HWS_S(30)

struct send_options {
    bool binary;
    bool quiet;
};

struct send {
    struct send_options options;
    struct target target;
    struct text_list texts; /* from arguments */
    size_t text_at;
    struct hws_loop *loop;
    struct hws_client *client;
    struct input input;
    struct stopper stopper;
    struct output err;
    struct marks marks;
    uint64_t sent, refused, unsent;
    bool up, full;
    bool ended; /* nothing more is to be sent */
    bool closed, final, failed, clean;
};

static const struct option_row send_rows[] = {
    {"binary", NULL, OPTION_FLAG, offsetof(struct send_options, binary),
     "send binary messages instead of text"},
    {"quiet", NULL, OPTION_FLAG, offsetof(struct send_options, quiet),
     "no marks and no summary on standard error"},
    {0},
};

static void send_one(struct send *send, struct hws_span data)
{
    int status = hws_client_send(
        send->client, send->options.binary ? HWS_BINARY : HWS_TEXT, data);
    send->sent += status == 0;
    if (status == 0)
        return;
    send->refused++;
    output_format(&send->err,
                  "hawser send: message %" PRIu64 " cannot be sent: %s\n",
                  send->sent + send->refused, hws_status_name(status));
}

static void send_close(struct send *send, unsigned code)
{
    if (send->closed)
        return;
    send->closed = true;
    hws_client_close(send->client, code, (struct hws_span){0});
}

/* Send on as long as the peer takes it; at the end, close. */
static void send_pump(struct send *send)
{
    if (!send->up || send->full || send->closed) {
        input_pause(&send->input);
        return;
    }
    while (!send->full && send->text_at < send->texts.count)
        send_one(send, hws_span_text(send->texts.items[send->text_at++]));
    if (send->texts.count && send->text_at == send->texts.count)
        send->ended = true;
    if (send->ended)
        send_close(send, HWS_CLOSE_NORMAL);
    else if (!send->texts.count)
        input_resume(&send->input);
}

static void send_line(struct input *input, struct hws_span line)
{
    char *at = (char *)input - offsetof(struct send, input);
    struct send *send = (struct send *)(void *)at;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    send_one(send, line);
}

static void send_ended(struct input *input, int error)
{
    char *at = (char *)input - offsetof(struct send, input);
    struct send *send = (struct send *)(void *)at;
    if (error) {
        output_format(&send->err, "hawser send: cannot read the input: %s\n",
                      strerror(error));
        send->failed = true;
    }
    send->ended = true;
    send_pump(send);
}

static void send_down(struct send *send, const struct hws_event *event)
{
    if (!send->closed || !event->down.clean)
        mark_down(&send->marks, 1, event,
                  hws_loop_clock(send->loop, HWS_CLOCK_MONOTONIC));
    send->up = send->full = false;
    send->unsent += event->down.unsent_messages;
    send->clean = event->down.clean;
    send->final = event->down.final;
    send_pump(send);
}

static void send_event(struct hws_client *client, const struct hws_event *event,
                       void *user)
{
    struct send *send = user;
    target_note(&send->target, send->loop, client, 1, event);
    switch (event->kind) {
    case HWS_UP:
        send->up = true;
        mark_up(&send->marks, 1, hws_client_get_url(client), event);
        send_pump(send);
        break;
    case HWS_HIGH_WATER:
    case HWS_LOW_WATER:
        send->full = event->kind == HWS_HIGH_WATER;
        send_pump(send);
        break;
    case HWS_REDIRECT:
        mark_redirect(&send->marks, 1, event,
                      hws_loop_clock(send->loop, HWS_CLOCK_MONOTONIC));
        break;
    case HWS_WARNING:
        mark_warning(&send->marks, 1, event);
        break;
    case HWS_DOWN:
        send_down(send, event);
        break;
    default:
        break;
    }
}

static void send_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct send, stopper);
    struct send *send = (struct send *)(void *)at;
    send_close(send, HWS_CLOSE_GOING_AWAY);
    send_pump(send);
}

static int send_configure(struct send *send, struct text_list *operands,
                          struct hws_client_options *options)
{
    if (operands->count == 0)
        return options_complain("send", "no URL is given");
    send->texts = (struct text_list){.items = operands->items + 1,
                                     .count = operands->count - 1};
    hws_client_options_init(options);
    options->url = operands->items[0];
    /* Nothing is refused for want of room: reading the input stops instead. */
    options->limits.send_queue_max = SIZE_MAX / 4;
    options->delays.close = CLOSE_DELAY;
    options->retry.enabled = send->target.reconnect;
    options->on_event = send_event;
    options->user = send;
    return target_apply(&send->target, options);
}

static int send_begin(struct send *send,
                      const struct hws_client_options *options)
{
    int code = COMMAND_LOCAL;
    send->loop = target_loop(&send->target, &code);
    if (!send->loop)
        return code;
    send->client = target_client(&send->target, send->loop, options, &code);
    if (!send->client)
        return code;
    send->input.line = send_line;
    send->input.ended = send_ended;
    input_init(&send->input, send->loop, STDIN_FILENO);
    send->stopper.stop = send_stop;
    if (stopper_init(&send->stopper, send->loop, HWS_NEVER))
        return COMMAND_LOCAL;
    hws_client_open(send->client);
    return OPTIONS_GOOD;
}

static int send_run(struct send *send)
{
    int status = 0;
    while (!send->final && status == 0) {
        status = hws_loop_run_once(send->loop, HWS_NEVER);
        output_flush(&send->err);
    }
    uint64_t waiting = send->texts.count - send->text_at;
    uint64_t lost = send->refused + send->unsent + waiting;
    if (!send->marks.quiet)
        output_format(&send->err,
                      "-- %" PRIu64 " message%s sent, %" PRIu64 " not\n",
                      send->sent - send->unsent,
                      units_plural(send->sent - send->unsent), lost);
    if (status != 0)
        return COMMAND_LOCAL;
    bool good = send->ended && send->clean && !lost && !send->failed;
    return stopper_exit_code(&send->stopper, good ? COMMAND_OK : COMMAND_LOST);
}

static void send_release(struct send *send)
{
    if (send->input.loop)
        input_release(&send->input);
    if (send->client)
        hws_client_free(send->client);
    if (send->stopper.loop)
        stopper_release(&send->stopper);
    if (send->loop)
        hws_loop_free(send->loop);
    output_release(&send->err);
    target_release(&send->target);
}

static int send_main(int argc, char **argv)
{
    struct send send = {0};
    struct hws_client_options options;
    struct text_list operands = {0};
    const struct option_group groups[] = {
        {"options", send_rows, &send.options},
        {"connection", target_rows, &send.target},
        {"tls", target_tls_rows, &send.target.tls},
        {"redirects, login and cookies", access_rows, &send.target.access},
        {"proxy", route_rows, &send.target.route},
        {"retries", target_retry_rows, &send.target},
        {0},
    };
    const struct option_form form = {
        "send", "URL [TEXT...]",
        "Send each TEXT as a message, or without any TEXT each line of "
        "standard input; then close. The exit code is not 0 when anything "
        "could not be sent.",
        groups};
    target_init(&send.target, "send");
    output_init(&send.err, STDERR_FILENO);
    int code = options_parse(&form, argc, argv, &operands);
    send.marks = (struct marks){.out = &send.err, .quiet = send.options.quiet};
    if (code == OPTIONS_GOOD)
        code = send_configure(&send, &operands, &options);
    if (code == OPTIONS_GOOD)
        code = send_begin(&send, &options);
    if (code == OPTIONS_GOOD)
        code = send_run(&send);
    send_release(&send);
    text_list_release(&operands);
    return code;
}

const struct command send_command = {
    "send", "send messages from arguments or standard input", send_main};
