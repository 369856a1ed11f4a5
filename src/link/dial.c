/*
 * From a host name and a port to a connected socket: asks for the addresses,
 * lets them race, and then is a socket. What is needed for dialing is given
 * back once it is done.
 */
#include "base/deadline.h"
#include "base/mem.h"
#include "base/status.h"
#include "link/dial_trace.h"
#include "link/race.h"
#include "link/resolve.h"
#include "link/socket.h"
#include "link/tcp_options.h"

#include <stdio.h>
#include <string.h>

struct dialing {
    struct hws_dial_options options; /* texts are copies */
    struct hwi_resolve resolve;
    struct hwi_race race;
    struct hwi_dial_trace trace;
    bool v6_added, v4_added;
    hws_time resolve_deadline;
    hws_time aaaa_deadline;    /* until then AAAA may still come first */
    hws_time connect_deadline; /* HWS_NEVER before the race */
};

struct dial {
    struct hwi_socket socket; /* first: the layer is a socket once open */
    struct dialing *dialing;  /* NULL once over, for good or ill */
    bool begun;
};

void hws_dial_options_init(struct hws_dial_options *options)
{
    *options = (struct hws_dial_options){
        .resolve_delay = HWS_S(5),
        .connect_delay = HWS_S(5),
        .attempt_delay = HWS_MS(250),
        .aaaa_delay = HWS_MS(50),
    };
    hwi_tcp_options_init(&options->tcp);
}

static struct dial *self(const struct hws_link *link)
{
    return (struct dial *)(uintptr_t)link;
}

static void dialing_free(struct dialing *d)
{
    if (!d)
        return;
    hwi_resolve_end(&d->resolve);
    hwi_race_release(&d->race);
    hwi_free((void *)(uintptr_t)d->options.host);
    hwi_free((void *)(uintptr_t)d->options.nameservers);
    hwi_free(d);
}

static struct dialing *dialing_new(const struct hws_dial_options *options)
{
    struct dialing *d = hwi_alloc_zero(sizeof(*d));
    if (!d)
        return NULL;
    d->options = *options;
    d->options.host = hwi_copy_text(options->host);
    d->options.nameservers = hwi_copy_text(options->nameservers);
    hwi_race_init(&d->race, &d->options.tcp, options->attempt_delay);
    d->trace.options = &d->options;
    d->race.trace = &d->trace;
    d->resolve_deadline = d->aaaa_deadline = d->connect_deadline = HWS_NEVER;
    if (d->options.host && (!options->nameservers || d->options.nameservers))
        return d;
    dialing_free(d);
    return NULL;
}

static hws_time earliest(hws_time a, hws_time b)
{
    return a < b ? a : b;
}

static int fail_begin(struct dial *dial, int status)
{
    const struct hws_dial_options *o = &dial->dialing->options;
    struct hws_fault *fault = &dial->socket.link.fault;
    if (status == HWS_E_ARGUMENT)
        return hwi_fault_set(fault, HWS_PHASE_DNS, status,
                             "cannot ask the name servers '%s': not addresses",
                             o->nameservers);
    return hwi_fault_set(fault, HWS_PHASE_DNS, status,
                         "cannot resolve '%s': the resolver cannot start",
                         o->host);
}

/* An IP literal needs no resolver. */
static int begin(struct dial *dial, hws_time now)
{
    struct dialing *d = dial->dialing;
    const struct hws_dial_options *o = &d->options;
    struct hwi_address literal;
    dial->begun = true;
    hwi_dial_trace_begin(&d->trace);
    if (hwi_address_parse(&literal, o->host, o->port)) {
        hwi_dial_trace_literal(&d->trace, &literal);
        hwi_race_add(&d->race, &literal, 1);
        return 0;
    }
    struct hwi_resolve_options r = {
        .host = o->host,
        .port = o->port,
        .nameservers = o->nameservers,
        .delay = o->resolve_delay,
    };
    d->resolve_deadline = hwi_deadline_limit(now, o->resolve_delay);
    int status = hwi_resolve_begin(&d->resolve, &r, now);
    return status < 0 ? fail_begin(dial, status) : 0;
}

static void add_answer(struct dialing *d, int family, bool *added)
{
    const struct hwi_answer *a =
        family == AF_INET6 ? &d->resolve.v6 : &d->resolve.v4;
    if (!a->done || *added)
        return;
    *added = true;
    hwi_dial_trace_answer(&d->trace, &d->resolve, family);
    hwi_race_add(&d->race, a->list, a->count);
}

/* Take the answers that have come; give up the late ones. */
static void gather(struct dialing *d, hws_time now)
{
    hwi_resolve_step(&d->resolve, now);
    if (now >= d->resolve_deadline)
        hwi_resolve_end(&d->resolve);
    add_answer(d, AF_INET6, &d->v6_added);
    add_answer(d, AF_INET, &d->v4_added);
}

/* RFC 8305 section 3: IPv6 may start at once, IPv4 waits a little for it. */
static bool may_start(struct dialing *d, hws_time now)
{
    if (d->race.count == 0)
        return false;
    if (hwi_resolve_done(&d->resolve) || d->resolve.v6.count)
        return true;
    if (d->aaaa_deadline == HWS_NEVER)
        d->aaaa_deadline = hwi_deadline_after(now, d->options.aaaa_delay);
    return now >= d->aaaa_deadline;
}

static void start_race(struct dialing *d, hws_time now)
{
    d->connect_deadline = hwi_deadline_limit(now, d->options.connect_delay);
    d->race.end_deadline = d->connect_deadline;
    hwi_race_rotate(&d->race, d->options.rotate);
}

static void note_tried(struct hws_fault *fault, size_t tried)
{
    size_t used = strlen(fault->text);
    snprintf(fault->text + used, sizeof(fault->text) - used,
             ", %zu address%s tried", tried, tried == 1 ? "" : "es");
}

static void note_peer(struct hws_fault *fault, const struct hwi_race *race)
{
    const struct hwi_address *a = &race->list[race->first_address];
    hwi_address_text(&a->any, a->size, fault->peer);
}

static int fail_connect(struct dial *dial)
{
    const struct dialing *d = dial->dialing;
    struct hws_fault *fault = &dial->socket.link.fault;
    note_peer(fault, &d->race);
    hwi_fault_os(fault, HWS_PHASE_TCP, d->race.first_error,
                 "cannot connect to '%s:%u'", d->options.host, d->options.port);
    fault->status = HWS_E_CONNECT;
    note_tried(fault, d->race.next);
    return HWS_E_CONNECT;
}

static int fail_late(struct dial *dial)
{
    const struct dialing *d = dial->dialing;
    struct hws_fault *fault = &dial->socket.link.fault;
    note_peer(fault, &d->race);
    hwi_fault_set(fault, HWS_PHASE_TCP, HWS_E_TIMEOUT,
                  "cannot connect to '%s:%u': no answer within %.1f s",
                  d->options.host, d->options.port,
                  (double)d->options.connect_delay / 1e9);
    fault->os_error = d->race.first_error;
    note_tried(fault, d->race.next);
    return HWS_E_TIMEOUT;
}

static int run_race(struct dial *dial, hws_time now)
{
    struct dialing *d = dial->dialing;
    if (d->connect_deadline == HWS_NEVER && d->race.next == 0)
        start_race(d, now);
    int fd = hwi_race_step(&d->race, now);
    if (fd >= 0) {
        hwi_socket_adopt(&dial->socket, fd);
        return 0;
    }
    if (fd == HWS_E_AGAIN)
        return now < d->connect_deadline ? HWS_E_AGAIN : fail_late(dial);
    /* Addresses of the other family may still come. */
    if (!hwi_resolve_done(&d->resolve) && now < d->connect_deadline)
        return HWS_E_AGAIN;
    return fail_connect(dial);
}

static int step(struct dial *dial, hws_time now)
{
    struct dialing *d = dial->dialing;
    int status = dial->begun ? 0 : begin(dial, now);
    if (status < 0)
        return status;
    gather(d, now);
    if (d->race.next || may_start(d, now))
        return run_race(dial, now);
    if (!hwi_resolve_done(&d->resolve) || d->race.count)
        return HWS_E_AGAIN;
    return hwi_resolve_fail(&d->resolve, d->options.host,
                            &dial->socket.link.fault);
}

static int dial_open(struct hws_link *link, hws_time now)
{
    struct dial *dial = self(link);
    if (!dial->dialing)
        return link->fault.status;
    dial->dialing->trace.now = now;
    int status = step(dial, now);
    if (status == HWS_E_AGAIN)
        return status;
    dialing_free(dial->dialing);
    dial->dialing = NULL;
    return status;
}

static size_t dial_wants(const struct hws_link *link, struct hws_want *wants)
{
    const struct dial *dial = self(link);
    if (!dial->dialing)
        return dial->socket.fd < 0 ? 0 : hwi_socket_wants(link, wants);
    size_t count = hwi_race_wants(&dial->dialing->race, wants);
    return count + hwi_resolve_wants(&dial->dialing->resolve, wants + count,
                                     HWS_WANTS_MAX - count);
}

static hws_time dial_deadline(const struct hws_link *link)
{
    const struct dialing *d = self(link)->dialing;
    hws_time first = HWS_NEVER;
    if (!d || !self(link)->begun)
        return HWS_NEVER;
    if (!hwi_resolve_done(&d->resolve))
        first = earliest(d->resolve_deadline, d->resolve.retry_deadline);
    if (d->race.next == 0)
        return earliest(first, d->aaaa_deadline);
    first = earliest(first, d->connect_deadline);
    return earliest(first, hwi_race_deadline(&d->race));
}

static void dial_free(struct hws_link *link)
{
    dialing_free(self(link)->dialing);
    hwi_socket_release(&self(link)->socket);
    hwi_free(link);
}

static const struct hws_link_ops dial_ops = {
    .name = "tcp",
    .open = dial_open,
    .read = hwi_socket_read,
    .write = hwi_socket_write,
    .shut = hwi_socket_shut,
    .wants = dial_wants,
    .deadline = dial_deadline,
    .free = dial_free,
};

struct hws_link *hws_dial_new(const struct hws_dial_options *options)
{
    struct dial *dial = hwi_alloc(sizeof(*dial));
    if (!dial)
        return NULL;
    hwi_socket_init(&dial->socket, &dial_ops);
    dial->begun = false;
    dial->dialing = dialing_new(options);
    if (dial->dialing)
        return &dial->socket.link;
    hwi_free(dial);
    return NULL;
}
