#include "tail.h"

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row tail_rows[] = {
    {"on-open", "FILE|TEXT", OPTION_LIST,
     offsetof(struct tail_options, on_open),
     "send this after every connect (repeatable, in order). '@FILE' is the "
     "content of FILE, '=TEXT' is TEXT; anything else is the content of the "
     "file of that name if there is one, and the text itself if not"},
    {"count", "N", OPTION_COUNT, offsetof(struct tail_options, count),
     "end after N messages"},
    {"for", "DURATION", OPTION_DELAY, offsetof(struct tail_options, for_delay),
     "end after this time"},
    {"json", NULL, OPTION_FLAG, offsetof(struct tail_options, json),
     "print one JSON object a line: time (of receipt), connection (the URL's "
     "place), url, kind, size, text or base64, and lag_ms with --lag"},
    {"lag", "/POINTER:UNIT", OPTION_TEXT, offsetof(struct tail_options, lag),
     "show how late each message is, by the event time at this JSON pointer; "
     "units: s, ms, us, ns, iso. Of binary messages @OFFSET:TYPE:UNIT, as in "
     "@8:u64be:ns; types: u32, u64, i32, i64, f32, f64, with be or le"},
    {"stale", "DURATION", OPTION_DELAY,
     offsetof(struct tail_options, stale_delay),
     "give a connection up that is alive, but brought no message for so long"},
    {"channel", "/POINTER", OPTION_TEXT, offsetof(struct tail_options, channel),
     "with --stale: the same for each channel of the feed, told apart by what "
     "stands at this JSON pointer; one silence of a channel ends one "
     "connection"},
    {"verdict", NULL, OPTION_FLAG, offsetof(struct tail_options, verdict),
     "say whenever somebody else holds the data back: network, peer, app (who "
     "reads standard output), dispatcher, tls; or nobody: ok, idle. Without "
     "--lag late data is not seen"},
    {"control", "SOCKET", OPTION_TEXT, offsetof(struct tail_options, control),
     "open a control socket at this absolute path: 'hawser top --attach "
     "SOCKET' shows the connections and acts on them"},
    {"quiet", NULL, OPTION_FLAG, offsetof(struct tail_options, quiet),
     "no marks and no summary on standard error"},
    {0},
};

static void tail_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct tail, stopper);
    struct tail *tail = (struct tail *)(void *)at;
    unsigned code = stopper->signal ? HWS_CLOSE_GOING_AWAY : HWS_CLOSE_NORMAL;
    for (size_t i = 0; i < tail->line_count; i++)
        hws_client_close(tail->lines[i].client, code, (struct hws_span){0});
}

static int tail_read_lag(struct tail *tail)
{
    struct hws_fault fault = {0};
    if (!tail->options.lag)
        return OPTIONS_GOOD;
    tail->field = hws_time_field_new(tail->options.lag, &fault);
    tail->lag = hws_histogram_new();
    if (tail->field && tail->lag)
        return OPTIONS_GOOD;
    return options_complain("tail", "option '--lag': %s", fault.text);
}

/* Everything that hawser tail is told, into `tail` and `options`. */
static int tail_configure(struct tail *tail, struct hws_client_options *options,
                          const struct text_list *urls)
{
    int code;
    if (urls->count == 0)
        return options_complain("tail", "no URL is given");
    code = opening_list_read(&tail->openings, "tail", &tail->options.on_open);
    if (code)
        return code;
    code = tail_read_lag(tail);
    if (code != OPTIONS_GOOD)
        return code;
    hws_client_options_init(options);
    options->openings = tail->openings.items;
    options->opening_count = tail->openings.count;
    options->retry.enabled = !tail->target.no_reconnect;
    options->stale_delay = tail->options.stale_delay;
    options->stale_reconnect = true;
    options->channel_field = tail->options.channel;
    options->judge = tail->options.verdict || tail->options.control;
    if (options->judge || tail->options.metrics.address.host[0])
        options->lag_field = tail->options.lag;
    options->on_event = tail_event;
    return target_apply(&tail->target, options);
}

static int tail_open(struct tail *tail, struct hws_client_options *options,
                     const struct text_list *urls)
{
    int code = OPTIONS_GOOD;
    tail->lines = memory_new(urls->count, sizeof *tail->lines);
    for (size_t i = 0; i < urls->count; i++) {
        struct tail_line *line = &tail->lines[i];
        *line = (struct tail_line){
            .tail = tail, .number = (unsigned)i + 1, .url = urls->items[i]};
        options->url = line->url;
        options->user = line;
        line->client = target_client(&tail->target, tail->loop, options, &code);
        if (!line->client)
            return code;
        tail->line_count++;
    }
    return OPTIONS_GOOD;
}

static int tail_serve_metrics(struct tail *tail)
{
    int code =
        metrics_begin(&tail->metrics, &tail->options.metrics, "tail",
                      tail->loop, tail->options.quiet ? NULL : &tail->err);
    for (size_t i = 0; i < tail->line_count; i++)
        metrics_add(tail->metrics, tail->lines[i].client,
                    tail->options.stale_delay);
    if (code != OPTIONS_GOOD)
        return code;
    return control_begin(&tail->control, tail->options.control, "tail",
                         tail->loop);
}

static int tail_run(struct tail *tail)
{
    int status = 0;
    while (tail->final_count < tail->line_count && status == 0) {
        status = hws_loop_run_once(tail->loop, HWS_NEVER);
        /* Who reads messages slowly must not hold up what is said of it. */
        if (!output_takes(&tail->out))
            output_flush(&tail->err);
        if (!output_flush(&tail->out))
            stopper_stop(&tail->stopper);
        output_flush(&tail->err);
    }
    return status;
}

static int tail_code(const struct tail *tail, int status)
{
    int code = COMMAND_OK;
    for (size_t i = 0; i < tail->line_count; i++)
        if (tail->lines[i].failed || tail->lines[i].connections == 0)
            code = COMMAND_LOST;
    /* Whoever closes the pipe has seen enough: that is no failure. */
    if (tail->out.error == EPIPE)
        code = COMMAND_OK;
    else if (tail->out.error || status != 0)
        code = COMMAND_LOCAL;
    return stopper_exit_code(&tail->stopper, code);
}

static int tail_begin(struct tail *tail, struct hws_client_options *options,
                      const struct text_list *urls)
{
    int code = COMMAND_LOCAL;
    tail->loop = target_loop(&tail->target, &code);
    if (!tail->loop)
        return code;
    tail->begun = hws_loop_clock(tail->loop, HWS_CLOCK_MONOTONIC);
    tail->stopper.stop = tail_stop;
    if (stopper_init(&tail->stopper, tail->loop, tail->options.for_delay))
        return COMMAND_LOCAL;
    code = tail_open(tail, options, urls);
    if (code == OPTIONS_GOOD)
        code = tail_serve_metrics(tail);
    for (size_t i = 0; code == OPTIONS_GOOD && i < tail->line_count; i++)
        hws_client_open(tail->lines[i].client);
    return code;
}

static void tail_release(struct tail *tail)
{
    metrics_free(tail->metrics);
    hws_control_free(tail->control);
    for (size_t i = 0; i < tail->line_count; i++)
        hws_client_free(tail->lines[i].client);
    memory_free(tail->lines);
    if (tail->stopper.loop)
        stopper_release(&tail->stopper);
    if (tail->loop)
        hws_loop_free(tail->loop);
    output_release(&tail->out);
    output_release(&tail->err);
    opening_list_release(&tail->openings);
    text_list_release(&tail->options.on_open);
    target_release(&tail->target);
    hws_time_field_free(tail->field);
    hws_histogram_free(tail->lag);
}

static int tail_main(int argc, char **argv)
{
    struct tail tail = {
        .options = {.for_delay = HWS_NEVER, .stale_delay = HWS_NEVER}};
    struct hws_client_options options;
    struct text_list urls = {0};
    const struct option_group groups[] = {
        {"output", tail_rows, &tail.options},
        {NULL, metrics_rows, &tail.options.metrics},
        {"connection", target_rows, &tail.target},
        {"tls", target_tls_rows, &tail.target.tls},
        {"redirects, login and cookies", access_rows, &tail.target.access},
        {"proxy", route_rows, &tail.target.route},
        {"limits and retries", target_size_rows, &tail.target},
        {NULL, target_no_retry_rows, &tail.target},
        {0},
    };
    const struct option_form form = {
        "tail", "URL...",
        "Stay connected to each URL, print every message as one line, and "
        "connect again whenever a connection ends. Text is escaped so that a "
        "peer cannot drive the terminal.",
        groups};
    target_init(&tail.target, "tail");
    output_init(&tail.out, STDOUT_FILENO);
    output_init(&tail.err, STDERR_FILENO);
    int code = options_parse(&form, argc, argv, &urls);
    tail.marks = (struct marks){.out = &tail.err,
                                .quiet = tail.options.quiet,
                                .numbered = urls.count > 1};
    if (code == OPTIONS_GOOD)
        code = tail_configure(&tail, &options, &urls);
    if (code == OPTIONS_GOOD)
        code = tail_begin(&tail, &options, &urls);
    if (code == OPTIONS_GOOD) {
        code = tail_code(&tail, tail_run(&tail));
        tail_summary(&tail);
    }
    tail_release(&tail);
    text_list_release(&urls);
    return code;
}

const struct command tail_command = {
    "tail", "stay connected and print each message", tail_main};
