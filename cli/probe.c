#include "probe.h"

#include "command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option_row probe_rows[] = {
    {"for", "DURATION", OPTION_DELAY, offsetof(struct probe_options, for_delay),
     "how long to measure each dispatcher (2s)"},
    {"connections", "N", OPTION_COUNT,
     offsetof(struct probe_options, connections),
     "how many pipes the probe watches, two descriptors each (16)"},
    {"json", NULL, OPTION_FLAG, offsetof(struct probe_options, json),
     "print one JSON object, times in ms"},
    {0},
};

static const char about[] =
    "Measure dispatchers while they run, and say in words what is wrong with "
    "them: wake-ups, the delay from readiness to callback, callbacks in a "
    "turn, timers. With a URL, beside a client that is connected to it. "
    "--dispatcher names the ones to measure ('epoll,poll'); all without it. "
    "Exit code 1: one of them is at fault (or the feed was lost); 3: the "
    "machine was too busy to tell.";

/* ---- one dispatcher */

static void probe_done(struct hws_probe *done, void *user)
{
    struct probe *probe = user;
    (void)done;
    probe->is_over = true;
}

static void probe_stop(struct stopper *stopper)
{
    char *at = (char *)stopper - offsetof(struct probe, stopper);
    struct probe *probe = (struct probe *)(void *)at;
    probe->is_over = true;
}

static bool probe_plant(struct probe *probe)
{
    struct hws_probe_options options;
    hws_probe_options_init(&options);
    options.duration = probe->options.for_delay;
    options.pipes = (unsigned)probe->options.connections;
    options.alone = !probe->url;
    options.post = hws_loop_post;
    options.done = probe_done;
    options.user = probe;
    probe->probe = hws_loop_probe(probe->loop, &options, &probe->row->fault);
    return probe->probe;
}

/* The feed decides when to begin, and may end it all. */
static void probe_event(struct hws_client *client,
                        const struct hws_event *event, void *user)
{
    struct probe *probe = user;
    target_note(&probe->target, probe->loop, client, 1, event);
    if (event->kind == HWS_UP && !probe->probe) {
        hws_client_snapshot(client, &probe->row->before);
        if (!probe_plant(probe))
            probe->is_over = true;
    } else if (event->kind == HWS_DOWN && event->down.final) {
        probe->row->fault = *event->down.fault;
        probe->is_lost = true;
        probe->is_over = true;
    }
}

static int probe_connect(struct probe *probe)
{
    struct hws_client_options options;
    int code = OPTIONS_GOOD;
    hws_client_options_init(&options);
    options.url = probe->url;
    options.on_event = probe_event;
    options.user = probe;
    options.retry.enabled = false;
    code = target_apply(&probe->target, &options);
    if (code != OPTIONS_GOOD)
        return code;
    probe->client = target_client(&probe->target, probe->loop, &options, &code);
    if (probe->client)
        hws_client_open(probe->client);
    return code;
}

static void probe_end_row(struct probe *probe)
{
    hws_probe_free(probe->probe);
    hws_client_free(probe->client);
    probe->signal = probe->stopper.signal;
    stopper_release(&probe->stopper);
    hws_loop_free(probe->loop);
    target_release(&probe->target);
    probe->probe = NULL;
    probe->client = NULL;
    probe->loop = NULL;
}

static int probe_run(struct probe *probe)
{
    int status = 0;
    while (!probe->is_over && status == 0)
        status = hws_loop_run_once(probe->loop, HWS_NEVER);
    if (probe->client && probe->probe)
        hws_client_snapshot(probe->client, &probe->row->after);
    if (probe->probe)
        hws_probe_read(probe->probe, &probe->row->figures);
    if (probe->row->fault.status)
        fprintf(stderr, "hawser probe: %s\n", probe->row->fault.text);
    probe->row->found = hws_probe_judge(&probe->row->figures);
    return status == 0 ? OPTIONS_GOOD : COMMAND_LOCAL;
}

/* A dispatcher that is not to be had here is no failure; the row says so. */
static int probe_measure(struct probe *probe, struct probe_row *row)
{
    int code = OPTIONS_GOOD;
    probe->row = row;
    probe->is_over = false;
    probe->loop = hws_loop_new(row->poller, &row->fault);
    row->is_here = probe->loop;
    if (!row->is_here)
        return OPTIONS_GOOD;
    probe->stopper = (struct stopper){.stop = probe_stop};
    if (stopper_init(&probe->stopper, probe->loop, HWS_NEVER) != 0)
        code = COMMAND_LOCAL;
    else if (probe->url)
        code = probe_connect(probe);
    else if (!probe_plant(probe))
        code =
            row->fault.status == HWS_E_ARGUMENT ? COMMAND_USAGE : COMMAND_LOCAL;
    if (code == OPTIONS_GOOD)
        code = probe_run(probe);
    else if (row->fault.status)
        options_complain("probe", "%s", row->fault.text);
    probe_end_row(probe);
    return code;
}

/* ---- all of them */

static void probe_add(struct probe *probe, const char *name)
{
    size_t count = probe->row_count++;
    probe->rows =
        memory_resize(probe->rows, probe->row_count * sizeof *probe->rows);
    probe->rows[count] = (struct probe_row){.poller = name};
}

static bool probe_is_poller(const char *name, size_t size, const char **found)
{
    for (const char *const *p = hws_loop_pollers(); *p; p++) {
        if (strlen(*p) == size && memcmp(*p, name, size) == 0) {
            *found = *p;
            return true;
        }
    }
    return false;
}

/* What --dispatcher names, or all. */
static int probe_choose(struct probe *probe)
{
    const char *names = probe->target.dispatcher;
    if (!names || strcmp(names, "all") == 0) {
        for (const char *const *p = hws_loop_pollers(); *p; p++)
            probe_add(probe, *p);
        return OPTIONS_GOOD;
    }
    while (*(names += strspn(names, ","))) {
        const char *found = NULL;
        size_t size = strcspn(names, ",");
        if (!probe_is_poller(names, size, &found))
            return options_complain("probe",
                                    "option '--dispatcher': '%.*s' is none of "
                                    "this build",
                                    (int)size, names);
        probe_add(probe, found);
        names += size;
    }
    return probe->row_count
               ? OPTIONS_GOOD
               : options_complain("probe", "option '--dispatcher' names none");
}

static int probe_configure(struct probe *probe, const struct text_list *urls)
{
    if (urls->count > 1)
        return options_complain("probe", "'%s' is not expected",
                                urls->items[1]);
    if (probe->options.for_delay < HWS_MS(100) ||
        probe->options.for_delay > HWS_S(3600))
        return options_complain("probe", "option '--for' must be 100ms to 1h");
    if (probe->options.connections < 1 || probe->options.connections > 10000)
        return options_complain("probe",
                                "option '--connections' must be 1 to 10000");
    probe->url = urls->count ? urls->items[0] : NULL;
    return probe_choose(probe);
}

static int probe_code(const struct probe *probe)
{
    unsigned found = 0;
    size_t measured = 0;
    for (size_t i = 0; i < probe->row_count; i++) {
        found |= probe->rows[i].found;
        measured += probe->rows[i].is_here;
    }
    if (probe->signal)
        return COMMAND_SIGNAL + probe->signal;
    if (probe->is_lost || found & HWS_PROBE_FAULTS)
        return COMMAND_LOST;
    if (found & HWS_PROBE_UNSURE || measured == 0)
        return COMMAND_LOCAL;
    return COMMAND_OK;
}

static int probe_all(struct probe *probe)
{
    int code = OPTIONS_GOOD;
    size_t tried = 0;
    while (tried < probe->row_count && code == OPTIONS_GOOD &&
           !probe->is_lost && !probe->signal)
        code = probe_measure(probe, &probe->rows[tried++]);
    probe->row_count = tried;
    return code;
}

static int probe_main(int argc, char **argv)
{
    struct probe probe = {
        .options = {.for_delay = HWS_S(2), .connections = 16}};
    struct text_list urls = {0};
    const struct option_group groups[] = {
        {"measuring", probe_rows, &probe.options},
        {"connection", target_rows, &probe.target},
        {0},
    };
    const struct option_form form = {"probe", "[URL]", about, groups};
    target_init(&probe.target, "probe");
    output_init(&probe.out, STDOUT_FILENO);
    int code = options_parse(&form, argc, argv, &urls);
    if (code == OPTIONS_GOOD)
        code = probe_configure(&probe, &urls);
    if (code == OPTIONS_GOOD)
        code = probe_all(&probe);
    if (code == OPTIONS_GOOD) {
        code = probe_code(&probe);
        if (probe.options.json)
            probe_print_json(&probe);
        else
            probe_print(&probe);
        if (!output_flush(&probe.out))
            code = COMMAND_LOCAL;
    }
    output_release(&probe.out);
    memory_free(probe.rows);
    text_list_release(&urls);
    return code;
}

const struct command probe_command = {
    "probe", "measure dispatchers, and say what is wrong with them",
    probe_main};
