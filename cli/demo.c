/* The client of the demo, its options and its end. */
#include "demo.h"

#include "command.h"
#include "options.h"

#include <stdio.h>
#include <unistd.h>

static const struct option_row demo_rows[] = {
    {"for", "DURATION", OPTION_DELAY, offsetof(struct demo_options, for_delay),
     "end after this time (until Ctrl-C)"},
    {"json", NULL, OPTION_FLAG, offsetof(struct demo_options, json),
     "print nothing but one summary object at the end"},
    {"rate", "N", OPTION_RATE, offsetof(struct demo_options, rate),
     "messages a second (2000)"},
    {"seed", "N", OPTION_COUNT, offsetof(struct demo_options, seed),
     "which market; the same seed sends the same messages (1)"},
    {"kill-every", "DURATION", OPTION_DELAY,
     offsetof(struct demo_options, kill_delay),
     "kill the server when it was up so long; 0s: never (3s)"},
    {"down-for", "DURATION", OPTION_DELAY,
     offsetof(struct demo_options, down_delay),
     "revive it so long after (500ms)"},
    {"dispatcher", "NAME", OPTION_TEXT,
     offsetof(struct demo_options, dispatcher),
     "epoll, poll or select; the best one when not given"},
    {0},
};

static void demo_event(struct hws_client *client, const struct hws_event *event,
                       void *user)
{
    struct demo *demo = user;
    uint64_t number;
    if (event->kind == HWS_MESSAGE &&
        feed_sequence(event->message.data, &number))
        tally_note(&demo->tally, number);
    if (event->kind != HWS_DOWN)
        return;
    demo->final = demo->final || event->down.final;
    if (!demo->stopper.stopped)
        demo->last_fault = *event->down.fault;
    /* The feed has said its last word: there is nothing to reconnect to. */
    if (demo->stopper.stopped && !demo->final)
        hws_client_close(client, HWS_CLOSE_NORMAL, (struct hws_span){0});
}

/* The market closes the connection behind its last message; whoever is not
 * connected at the end has nothing to wait for. */
static void demo_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct demo, stopper);
    struct demo *demo = (struct demo *)(void *)at;
    demo->ended = hws_loop_clock(demo->loop, HWS_CLOCK_MONOTONIC);
    demo_feed_finish(&demo->feed);
    if (hws_client_get_state(demo->client) != HWS_CLIENT_UP)
        hws_client_close(demo->client, HWS_CLOSE_NORMAL, (struct hws_span){0});
}

static void demo_refresh(struct hws_timer *timer, hws_time now)
{
    char *at = (char *)timer - offsetof(struct demo, refresh);
    struct demo *demo = (struct demo *)(void *)at;
    struct demo_figures figures;
    demo_measure(demo, &figures);
    demo_view_draw(&demo->view, &figures);
    hws_loop_timer(demo->loop, timer, now + demo_view_delay(&demo->view));
}

static int demo_start_client(struct demo *demo)
{
    struct hws_client_options options;
    struct hws_fault fault = {0};
    hws_client_options_init(&options);
    options.url = demo->feed.url;
    options.lag_field = "/T:ns";
    /* Seconds are long in a demo. */
    options.retry.delay_min = HWS_MS(50);
    options.retry.delay_max = HWS_S(1);
    options.delays.ping = HWS_S(1);
    options.on_event = demo_event;
    options.user = demo;
    demo->client = hws_client_new(demo->loop, &options, &fault);
    if (demo->client)
        return hws_client_open(demo->client);
    fprintf(stderr, "hawser demo: %s\n", fault.text);
    return COMMAND_LOCAL;
}

static int demo_begin(struct demo *demo)
{
    const struct demo_options *options = &demo->options;
    const struct demo_feed_options feed = {
        .rate = options->rate,
        .seed = options->seed,
        .kill_delay = options->kill_delay ? options->kill_delay : HWS_NEVER,
        .down_delay = options->down_delay,
        .dispatcher = options->dispatcher};
    struct hws_fault fault = {0};
    demo->loop = hws_loop_new(options->dispatcher, &fault);
    if (!demo->loop) {
        options_complain("demo", "%s", fault.text);
        return fault.status == HWS_E_SUPPORT ? COMMAND_USAGE : COMMAND_LOCAL;
    }
    if (demo_feed_start(&demo->feed, &feed) != 0) {
        fprintf(stderr, "hawser demo: %s\n", demo->feed.fault.text);
        return COMMAND_LOCAL;
    }
    demo->begun = hws_loop_clock(demo->loop, HWS_CLOCK_MONOTONIC);
    demo->stopper.stop = demo_stop;
    if (stopper_init(&demo->stopper, demo->loop, options->for_delay))
        return COMMAND_LOCAL;
    demo->refresh =
        (struct hws_timer){.due = demo_refresh, .deadline = HWS_NEVER};
    if (!options->json)
        hws_loop_timer(demo->loop, &demo->refresh,
                       demo->begun + demo_view_delay(&demo->view));
    if (demo_start_client(demo) != 0)
        return COMMAND_LOCAL;
    int code = metrics_begin(&demo->metrics, &options->metrics, "demo",
                             demo->loop, &demo->err);
    metrics_add(demo->metrics, demo->client, HWS_NEVER);
    return code;
}

static int demo_run(struct demo *demo)
{
    struct demo_figures total;
    int status = 0;
    while (!demo->final && status == 0)
        status = hws_loop_run_once(demo->loop, HWS_NEVER);
    if (!demo->stopper.stopped)
        demo_feed_finish(&demo->feed);
    demo_feed_join(&demo->feed);
    tally_end(&demo->tally, atomic_load(&demo->feed.sent));
    demo_measure(demo, &total);
    if (demo->options.json)
        demo_summary_json(demo, &total);
    else
        demo_view_end(&demo->view, &total);
    if (status != 0)
        return COMMAND_LOCAL;
    bool whole = total.sent == total.received + total.lost &&
                 total.disordered == 0 && total.received > 0;
    return whole ? COMMAND_OK : COMMAND_LOST;
}

static void demo_release(struct demo *demo)
{
    metrics_free(demo->metrics);
    if (demo->client)
        hws_client_free(demo->client);
    if (demo->loop) {
        if (demo->refresh.due)
            hws_loop_timer(demo->loop, &demo->refresh, HWS_NEVER);
        if (demo->stopper.loop)
            stopper_release(&demo->stopper);
        hws_loop_free(demo->loop);
    }
    if (demo->feed.running)
        demo_feed_finish(&demo->feed);
    demo_feed_join(&demo->feed);
    output_release(&demo->out);
    output_release(&demo->err);
}

static int demo_main(int argc, char **argv)
{
    struct demo *demo = memory_new(1, sizeof *demo);
    struct text_list operands = {0};
    const struct option_group groups[] = {
        {"options", demo_rows, &demo->options},
        {NULL, metrics_rows, &demo->options.metrics},
        {0}};
    const struct option_form form = {
        "demo", "",
        "Run a feed server and a client in one go, and kill and revive the "
        "server while it runs. Shows rate, lag, processor time, wake-ups, "
        "reconnects and what was lost between.",
        groups};
    demo->options = (struct demo_options){.rate = 2000,
                                          .seed = 1,
                                          .for_delay = HWS_NEVER,
                                          .kill_delay = HWS_S(3),
                                          .down_delay = HWS_MS(500)};
    output_init(&demo->out, STDOUT_FILENO);
    output_init(&demo->err, STDERR_FILENO);
    demo->view.out = &demo->out;
    int code = options_parse(&form, argc, argv, &operands);
    if (code == OPTIONS_GOOD && operands.count)
        code =
            options_complain("demo", "'%s' is not expected", operands.items[0]);
    if (code == OPTIONS_GOOD)
        code = demo_begin(demo);
    if (code == OPTIONS_GOOD)
        code = demo_run(demo);
    demo_release(demo);
    memory_free(demo);
    text_list_release(&operands);
    return code;
}

const struct command demo_command = {
    "demo", "a feed that dies and comes back, and a client that stays up",
    demo_main};
