#include "session/conn.h"

#include "base/mem.h"
#include "base/status.h"
#include "health/health.h"
#include "session/entropy.h"

/* Output above this does not wait for the end of the wake-up. */
#define FLUSH_SIZE ((size_t)64 * 1024)

void hws_conn_options_init(struct hws_conn_options *options)
{
    *options = (struct hws_conn_options){.open_delay = HWS_S(15)};
    hws_proto_options_init(&options->proto);
}

static struct hws_proto *make_proto(struct hws_commons *commons,
                                    const struct hws_conn_options *options,
                                    hws_time now, struct hws_fault *fault)
{
    struct hws_proto_options proto = options->proto;
    if (!proto.random.fill)
        proto.random = hwi_rng_random(&commons->rng);
    return hws_proto_new(&proto, now, fault);
}

/* The first step comes from the loop. */
static int start(struct hws_conn *c, hws_time now)
{
    c->more = true;
    int status = hws_loop_timer(c->loop, &c->timer, now);
    if (status == 0 && hwi_commons_join(c->commons, &c->line, now) != 0) {
        hws_loop_timer(c->loop, &c->timer, HWS_NEVER);
        status = HWS_E_MEMORY;
    }
    return status;
}

struct hws_conn *hws_conn_new(struct hws_loop *loop, struct hws_link *link,
                              const struct hws_conn_options *options,
                              struct hws_fault *fault)
{
    hws_time now = hws_loop_clock(loop, HWS_CLOCK_MONOTONIC);
    struct hws_commons *commons = hwi_commons_of(loop, fault);
    struct hws_conn *c = NULL;
    if (!commons)
        goto fail_kept;
    c = hwi_alloc_zero(sizeof(*c));
    if (!c)
        goto fail;
    c->loop = loop;
    c->commons = commons;
    c->health = options->health;
    c->on_event = options->on_event;
    c->user = options->user;
    c->watch.ready = hwi_conn_ready;
    c->timer.due = hwi_conn_due;
    c->timer.deadline = HWS_NEVER;
    c->dirt.settle = hwi_conn_settle;
    c->sleeps = commons->sleeps;
    c->notes_down = true;
    c->line.slept = hwi_conn_slept;
    hwi_list_init(&c->dirt.link);
    hwi_list_init(&c->line.link);
    c->open_deadline = options->open_delay >= HWS_NEVER - now
                           ? HWS_NEVER
                           : now + options->open_delay;
    c->proto = make_proto(commons, options, now, fault);
    if (!c->proto)
        goto fail_kept;
    if (hwi_conn_dial_new(c) != 0 || start(c, now) != 0)
        goto fail;
    c->link = link;
    return c;
fail:
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "cannot make a connection: no memory");
fail_kept:
    if (c) {
        hwi_conn_dial_free(c);
        hws_proto_free(c->proto);
    }
    hwi_free(c);
    hws_link_free(link);
    return NULL;
}

static void release(struct hws_conn *c)
{
    hwi_conn_drop_link(c);
    if (c->timer.deadline != HWS_NEVER)
        hws_loop_timer(c->loop, &c->timer, HWS_NEVER);
}

/*
 * A child process shares the poller's kernel state with its parent: it closes
 * its copies of the descriptors and tells the loop nothing.
 */
static void release_in_child(struct hws_conn *c)
{
    hwi_free(c->dial);
    hws_link_free(c->link);
    c->dial = NULL;
    c->link = NULL;
}

void hws_conn_free(struct hws_conn *c)
{
    if (!c || c->freed)
        return;
    c->freed = true;
    hwi_list_remove(&c->dirt.link);
    if (c->stage != HWI_CONN_ENDED)
        hwi_commons_part(c->commons, &c->line);
    if (hwi_commons_forked(c->commons))
        release_in_child(c);
    else
        release(c);
    if (c->guards == 0) {
        hws_proto_free(c->proto);
        hwi_free(c);
    }
}

void hwi_conn_enter(struct hws_conn *c)
{
    c->guards++;
}

bool hwi_conn_leave(struct hws_conn *c)
{
    if (--c->guards > 0 || !c->freed)
        return !c->freed;
    hws_proto_free(c->proto);
    hwi_free(c);
    return false;
}

static hws_time present(const struct hws_conn *c)
{
    return hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
}

static int usable(const struct hws_conn *c)
{
    if (hwi_commons_forked(c->commons))
        return HWS_E_FORK;
    return c->stage == HWI_CONN_ENDED || c->lost ? HWS_E_STATE : 0;
}

/* Within a wake-up the writing is left to its end, so that all of it leaves in
 * one piece. */
static void leave_later(struct hws_conn *c, hws_time now)
{
    if (hws_proto_queued(c->proto) >= FLUSH_SIZE && !c->blocked)
        hwi_conn_flush(c, now);
    hwi_commons_mark(c->commons, &c->dirt);
}

/* Outside of one it leaves at once, and events that follow wait for the loop.
 */
static void leave_now(struct hws_conn *c, hws_time now)
{
    hwi_conn_flush(c, now);
    if (hws_proto_pending(c->proto))
        c->more = true;
}

/* A call of the user's changed what is to be written, and may have changed what
 * is waited for. */
static void touched(struct hws_conn *c, hws_time now)
{
    if (hwi_commons_dispatching(c->commons)) {
        leave_later(c, now);
        return;
    }
    leave_now(c, now);
    hwi_conn_rearm(c, now);
}

/* A message that has left moves no deadline. */
static void send_now(struct hws_conn *c, hws_time now)
{
    leave_now(c, now);
    if (c->more || c->blocked)
        hwi_conn_rearm(c, now);
}

/* Reading was stopped or goes on: nothing is to be written for that. */
static void paced(struct hws_conn *c, hws_time now)
{
    hws_proto_reading(c->proto, !c->paused, now);
    if (!hwi_commons_dispatching(c->commons))
        hwi_conn_rearm(c, now);
    else
        hwi_commons_mark(c->commons, &c->dirt);
}

int hws_conn_send(struct hws_conn *c, enum hws_opcode opcode,
                  struct hws_span data, bool last)
{
    int status = usable(c);
    if (status)
        return status;
    /* Within a wake-up nobody can tell the time of a queued frame. */
    bool later = hwi_commons_dispatching(c->commons);
    hws_time now = later ? hwi_commons_now(c->commons) : present(c);
    status = hws_proto_send(c->proto, opcode, data, last, now);
    if (status == 0 && c->health && last)
        hwi_health_sent(c->health);
    if (later)
        leave_later(c, now);
    else
        send_now(c, now);
    return status;
}

int hws_conn_ping(struct hws_conn *c, struct hws_span data)
{
    int status = usable(c);
    if (status)
        return status;
    hws_time now = present(c);
    status = hws_proto_ping(c->proto, data, now);
    if (status == 0 && c->health)
        hws_health_sent(c->health, true);
    touched(c, now);
    return status;
}

int hws_conn_close(struct hws_conn *c, unsigned code, struct hws_span reason)
{
    int status = usable(c);
    if (status == HWS_E_STATE)
        hws_conn_resume(c); /* or the DOWN that is due would never be told */
    if (status)
        return status;
    hws_time now = present(c);
    status = hws_proto_close(c->proto, code, reason, now);
    if (status == 0 && c->paused)
        hws_conn_resume(c); /* or the peer's answer would never be read */
    touched(c, now);
    return status;
}

void hws_conn_fail(struct hws_conn *c, const struct hws_fault *fault)
{
    if (c->stage == HWI_CONN_ENDED || hwi_commons_forked(c->commons))
        return;
    hws_time now = present(c);
    hws_proto_fail(c->proto, fault, now);
    c->lost = true;
    c->paused = false;
    c->more = true;
    hwi_conn_rearm(c, now);
}

int hws_conn_accept(struct hws_conn *c, const char *subprotocol,
                    const struct hws_header *headers, size_t header_count)
{
    int status = usable(c);
    if (status)
        return status;
    hws_time now = present(c);
    status =
        hws_proto_accept(c->proto, subprotocol, headers, header_count, now);
    touched(c, now);
    return status;
}

int hws_conn_reject(struct hws_conn *c, const struct hws_refusal *refusal)
{
    int status = usable(c);
    if (status)
        return status;
    hws_time now = present(c);
    status = hws_proto_reject(c->proto, refusal, now);
    touched(c, now);
    return status;
}

void hws_conn_flush(struct hws_conn *c)
{
    if (usable(c) == 0)
        hwi_conn_flush(c, present(c));
}

void hws_conn_pause(struct hws_conn *c)
{
    if (c->paused || usable(c) != 0)
        return;
    c->paused = true;
    paced(c, present(c));
}

void hws_conn_resume(struct hws_conn *c)
{
    if (!c->paused || hwi_commons_forked(c->commons))
        return;
    c->paused = false;
    c->more = true; /* what was parked is delivered from the loop */
    paced(c, present(c));
}

void hws_conn_probe(struct hws_conn *c)
{
    if (usable(c) != 0 || !hws_proto_is_up(c->proto))
        return;
    hws_time now = present(c);
    hws_proto_probe(c->proto, now);
    touched(c, now);
}

bool hws_conn_is_up(const struct hws_conn *c)
{
    return c->stage == HWI_CONN_SPEAKING && hws_proto_is_up(c->proto);
}

size_t hws_conn_queued(const struct hws_conn *c)
{
    return hws_proto_queued(c->proto);
}

size_t hws_conn_memory(const struct hws_conn *c)
{
    return sizeof(*c) + hws_proto_memory(c->proto);
}

void hws_conn_compression(const struct hws_conn *c,
                          struct hws_compression *compression)
{
    hws_proto_compression(c->proto, compression);
}

const struct hws_link *hws_conn_link(const struct hws_conn *c)
{
    return c->link;
}
