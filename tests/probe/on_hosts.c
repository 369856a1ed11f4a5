/*
 * The adapters under the probe: the programs that put a host loop through the
 * conformance kit are linked with this instead of the kit, and are measured.
 */
#include <hawser/hawser.h>
#include <hawser/loopkit.h>

#include <stdio.h>
#include <string.h>

/* A machine that is too busy gives no verdict, or lets a thread oversleep: then
 * once more, for longer. A dispatcher's own fault is found every time. */
#define DURATION HWS_MS(300)
#define TRIALS 6
#define AGAIN (HWS_PROBE_FAULTS | HWS_PROBE_UNSURE)

static void stop(struct hws_probe *probe, void *user)
{
    bool *is_over = user;
    (void)probe;
    *is_over = true;
}

static unsigned measure(const struct hws_loopkit_host *host, hws_time duration,
                        struct hws_probe_figures *figures)
{
    struct hws_probe_options options;
    struct hws_fault fault = {0};
    bool is_over = false;
    hws_probe_options_init(&options);
    options.duration = duration;
    options.patience = HWS_MS(200);
    options.alone = true;
    options.done = stop;
    options.user = &is_over;
    struct hws_loop *loop = host->open(host->user);
    struct hws_probe *probe =
        loop ? hws_loop_probe(loop, &options, &fault) : NULL;
    if (!probe) {
        printf("%s: %s\n", host->name, loop ? fault.text : "no loop");
        return HWS_PROBE_LOSES;
    }
    while (!is_over)
        host->turn(loop, true, host->user);
    hws_probe_read(probe, figures);
    hws_probe_free(probe);
    host->close(loop, host->user);
    return hws_probe_judge(figures);
}

/* Prints all that was found; whether it is a fault. */
static bool is_bad(const struct hws_loopkit_host *host)
{
    struct hws_probe_figures figures = {0};
    unsigned found = HWS_PROBE_UNSURE;
    char text[256];
    for (int i = 0; i < TRIALS && found & AGAIN; i++)
        found = measure(host, DURATION << i, &figures);
    unsigned left = found;
    do {
        hws_probe_words(&figures, left, text, sizeof(text));
        printf("%s: %s\n", host->name, text);
        left &= ~hws_probe_worst(left);
    } while (left);
    return found & HWS_PROBE_FAULTS;
}

int hws_loopkit_main(int argc, char **argv,
                     const struct hws_loopkit_host *hosts, size_t count)
{
    size_t bad = 0;
    (void)argc, (void)argv;
    for (size_t i = 0; i < count; i++)
        bad += is_bad(&hosts[i]);
    return bad > 0;
}
