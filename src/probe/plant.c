/*
 * Making a probe, planting it in a loop, freeing it.
 */
#include "probe/probe.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define PIPES_MAX 10000

void hws_probe_options_init(struct hws_probe_options *options)
{
    *options = (struct hws_probe_options){
        .duration = HWS_S(2), .patience = HWS_S(1), .pipes = 16};
}

static int bad_option(struct hws_fault *fault, const char *text)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "cannot probe a loop: %s", text);
}

static int check(const struct hws_loop *loop, const struct hws_probe_options *o,
                 struct hws_fault *fault)
{
    if (o->duration < HWS_MS(100) || o->duration > HWS_S(3600))
        return bad_option(fault, "the duration is not in 100 ms to 1 h");
    if (o->patience < HWS_MS(10) || o->patience > HWS_S(60))
        return bad_option(fault, "the patience is not in 10 ms to 1 min");
    if (o->pipes < 1 || o->pipes > PIPES_MAX)
        return bad_option(fault, "the number of pipes is not in 1 to 10,000");
    hws_time real = hws_clock_now(HWS_CLOCK_MONOTONIC);
    hws_time told = loop->ops->clock ? loop->ops->clock((struct hws_loop *)loop,
                                                        HWS_CLOCK_MONOTONIC)
                                     : real;
    if (told < real - HWS_S(1) || told > real + HWS_S(1))
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SUPPORT,
                             "cannot probe the loop '%s': its clock is not "
                             "the machine's",
                             loop->ops->name);
    return 0;
}

/* ---- pipes */

static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int open_slot(struct hws_probe *p, size_t i, struct hws_fault *fault)
{
    struct hwi_slot *s = &p->slots[i];
    if (pipe(s->ends) != 0) {
        s->ends[0] = s->ends[1] = -1;
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot open pipe %zu of %u of a probe", i + 1,
                            p->options.pipes);
    }
    if (prepare(s->ends[0]) != 0 || prepare(s->ends[1]) != 0)
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot prepare a pipe of a probe");
    p->targets[i].fd = s->ends[1];
    int status = hws_loop_watch(p->loop, &s->watch, s->ends[0], HWS_READ);
    if (status == 0)
        return 0;
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                         "the loop '%s' does not watch pipe %zu of %u of a "
                         "probe (descriptor %d): %s",
                         p->loop->ops->name, i + 1, p->options.pipes,
                         s->ends[0], hws_status_name(status));
}

/* ---- memory */

static bool allocate(struct hws_probe *p)
{
    size_t pipes = p->options.pipes;
    bool complete = true;
    for (int i = 0; i < HWI_SPREADS; i++) {
        p->spreads[i] = hws_histogram_new();
        complete = complete && p->spreads[i];
    }
    p->slots = hwi_alloc_zero(pipes * sizeof(*p->slots));
    for (size_t i = 0; p->slots && i < pipes; i++)
        p->slots[i].ends[0] = p->slots[i].ends[1] = -1;
    p->targets = hwi_alloc_zero((pipes + 1 + HWI_ALARMS) * sizeof(*p->targets));
    if (p->options.post)
        p->letter = hwi_alloc_zero(sizeof(*p->letter));
    return complete && p->slots && p->targets &&
           (!p->options.post || p->letter);
}

static void prepare_parts(struct hws_probe *p)
{
    for (size_t i = 0; i < p->options.pipes; i++) {
        p->slots[i].watch.ready = hwi_probe_slot_ready;
        p->slots[i].watch.background = true;
        p->slots[i].probe = p;
    }
    if (p->letter) {
        p->letter->probe = p;
        p->letter->loop = p->loop;
        p->letter->post = p->options.post;
        p->targets[p->options.pipes].poke = hwi_probe_letter_poke;
        p->targets[p->options.pipes].context = p->letter;
    }
    p->guard.due = hwi_probe_guard_due;
    p->guard.deadline = HWS_NEVER;
    p->chain.due = hwi_probe_chain_due;
    p->chain.deadline = HWS_NEVER;
    for (size_t i = 0; i < HWI_ALARMS; i++) {
        p->alarms[i].timer.due = hwi_probe_alarm_due;
        p->alarms[i].timer.deadline = HWS_NEVER;
        p->alarms[i].probe = p;
        hwi_probe_looks(p)[i].fd = -1;
    }
}

static void free_letter(struct hwi_letter *letter)
{
    if (!letter)
        return;
    /* A call on its way finds nobody, and frees it. */
    letter->probe = NULL;
    if (atomic_load(&letter->under_way) == 0)
        hwi_free(letter);
}

static void free_parts(struct hws_probe *p)
{
    for (size_t i = 0; p->slots && i < p->options.pipes; i++) {
        for (int end = 0; end < 2; end++)
            if (p->slots[i].ends[end] >= 0)
                close(p->slots[i].ends[end]);
    }
    free_letter(p->letter);
    for (int i = 0; i < HWI_SPREADS; i++)
        hws_histogram_free(p->spreads[i]);
    hwi_free(p->targets);
    hwi_free(p->slots);
    hwi_free(p);
}

/* ---- planting */

static struct hws_probe *new_probe(struct hws_loop *loop,
                                   const struct hws_probe_options *options)
{
    struct hws_probe *p = hwi_alloc_zero(sizeof(*p));
    if (!p)
        return NULL;
    p->options = *options;
    p->loop = loop;
    p->account.fd = -1;
    p->figures = (struct hws_probe_figures){
        .loop = loop->ops->name,
        .alone = options->alone,
        .patience = options->patience,
        .pipes = options->pipes,
        .quiet_ran = -1,
        .quiet_waited = -1,
        .quiet_wakeups = -1,
        .quiet_turns = -1,
        .load_wakeups = -1,
        .load_turns = -1,
    };
    if (allocate(p)) {
        prepare_parts(p);
        return p;
    }
    free_parts(p);
    return NULL;
}

static int plant(struct hws_probe *p, struct hws_fault *fault)
{
    int status = 0;
    for (size_t i = 0; i < p->options.pipes && status == 0; i++)
        status = open_slot(p, i, fault);
    if (status)
        return status;
    p->begun = hwi_probe_now();
    status = hws_loop_timer(p->loop, &p->guard, p->begun);
    if (status == 0)
        return 0;
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                         "the loop '%s' takes no timer of a probe: %s",
                         p->loop->ops->name, hws_status_name(status));
}

struct hws_probe *hws_loop_probe(struct hws_loop *loop,
                                 const struct hws_probe_options *options,
                                 struct hws_fault *fault)
{
    struct hws_probe_options defaults;
    hws_probe_options_init(&defaults);
    if (!options)
        options = &defaults;
    if (check(loop, options, fault) != 0)
        return NULL;
    struct hws_probe *p = new_probe(loop, options);
    if (!p) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot make a probe: no memory");
        return NULL;
    }
    if (hwi_poker_init(&p->poker, p->spreads[HWI_MACHINE]) != 0) {
        hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                     "cannot start the thread of a probe");
        free_parts(p);
        return NULL;
    }
    if (plant(p, fault) == 0)
        return p;
    hwi_probe_withdraw(p);
    free_parts(p);
    return NULL;
}

void hws_probe_free(struct hws_probe *p)
{
    if (!p)
        return;
    if (!p->is_over)
        hwi_probe_withdraw(p);
    free_parts(p);
}
