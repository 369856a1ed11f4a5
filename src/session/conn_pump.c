/*
 * What a wake-up does, and what a connection waits for after it: write what is
 * queued, tell what follows from that, then arm the watch and the timer.
 */
#include "base/status.h"
#include "base/usdt.h"
#include "session/conn.h"

/* So often one wake-up lets the user refill the send queue. */
#define ROUNDS_MAX 8

/* A deadline that moved away by less than this leaves its timer alone: it
 * moves with every byte that comes, and one needless look a second costs less
 * than moving the timer each time. */
#define REARM_MIN HWS_S(1)

static bool may_write(const struct hws_conn *c)
{
    return !c->freed && !c->lost && !c->blocked &&
           c->stage == HWI_CONN_SPEAKING;
}

static bool write_once(struct hws_conn *c, struct hws_span out, hws_time now)
{
    ptrdiff_t took = hws_link_write(c->link, out.data, out.size);
    if (took == HWS_E_AGAIN) {
        c->blocked = true;
        return false;
    }
    if (took < 0) {
        c->blocked = true;
        c->write_failed = true;
        return false;
    }
    c->progress = true;
    HWI_PROBE2(write, c, took);
    hws_proto_wrote(c->proto, (size_t)took, now);
    if (c->health)
        hws_health_moved(c->health, 0, (size_t)took, now);
    return true;
}

void hwi_conn_flush(struct hws_conn *c, hws_time now)
{
    while (hws_proto_queued(c->proto) && may_write(c)) {
        struct hws_span out = hws_proto_output(c->proto);
        if (out.size == 0 || !write_once(c, out, now))
            break;
    }
    if (may_write(c) && !c->shut && hws_proto_wants_shut(c->proto)) {
        int status = hws_link_shut(c->link);
        c->shut = status != HWS_E_AGAIN;
        c->blocked = status == HWS_E_AGAIN;
    }
}

void hwi_conn_settle(struct hwi_dirt *dirt, hws_time now)
{
    struct hws_conn *c = hwi_container(dirt, struct hws_conn, dirt);
    hwi_conn_enter(c);
    if (c->wake != c->commons->wakes)
        c->rounds = 0;
    c->wake = c->commons->wakes;
    if (c->rounds++ < ROUNDS_MAX || c->lost) {
        hwi_conn_flush(c, now);
        if (c->write_failed && !c->lost)
            hwi_conn_read_last(c, now);
        if (!c->freed)
            hwi_conn_deliver(c);
    } else {
        c->more = true;
    }
    if (hwi_conn_leave(c))
        hwi_conn_rearm(c, now);
}

static unsigned wanted_interest(const struct hws_conn *c, int *fd)
{
    struct hws_want want[HWS_WANTS_MAX];
    if (c->lost || c->stage != HWI_CONN_SPEAKING)
        return 0;
    if (hws_link_wants(c->link, want) == 0)
        return 0;
    *fd = want[0].fd;
    /* Ask for writability only after a short write: an idle socket is always
     * writable and would wake us on every turn. */
    unsigned interest = want[0].interest | (c->blocked ? HWS_WRITE : 0u);
    return hwi_conn_holds(c) ? interest & ~(unsigned)HWS_READ : interest;
}

static void rearm_watch(struct hws_conn *c, hws_time now)
{
    int fd = c->watch.fd;
    unsigned interest = wanted_interest(c, &fd);
    if (interest == c->watch.interest)
        return;
    int status = hws_loop_watch(c->loop, &c->watch, fd, interest);
    if (status && interest) {
        struct hws_fault fault = {0};
        hwi_fault_set(&fault, HWS_PHASE_LOCAL, status,
                      "cannot watch descriptor %d: %s", fd,
                      hws_status_name(status));
        hwi_conn_lost(c, &fault, now);
        c->more = true;
    }
}

static hws_time earlier(hws_time a, hws_time b)
{
    return a < b ? a : b;
}

static hws_time wanted_deadline(const struct hws_conn *c, hws_time now)
{
    if (c->stage == HWI_CONN_ENDED)
        return HWS_NEVER;
    if (c->more)
        return now;
    hws_time deadline = c->open_deadline;
    if (c->stage == HWI_CONN_OPENING)
        return earlier(deadline, hws_link_deadline(c->link));
    return earlier(deadline, hws_proto_deadline(c->proto));
}

/* What cannot be woken at its deadlines could hang for ever: it ends. The
 * mailbox, which needs no memory for it, wakes us to tell so. */
static void fail_without_timer(struct hws_conn *c, hws_time now)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                  "no memory for the timer of a connection");
    hws_proto_fail(c->proto, &fault, now);
    c->lost = true;
    c->paused = c->more = false;
    hwi_commons_mark(c->commons, &c->dirt);
    hwi_mailbox_wake(&c->commons->mailbox);
}

void hwi_conn_rearm(struct hws_conn *c, hws_time now)
{
    if (c->stage != HWI_CONN_ENDED)
        rearm_watch(c, now);
    hws_time deadline = wanted_deadline(c, now);
    bool is_close = deadline >= c->timer.deadline &&
                    deadline - c->timer.deadline < REARM_MIN;
    if (!is_close && hws_loop_timer(c->loop, &c->timer, deadline) != 0)
        fail_without_timer(c, now);
}

static void begin_wake(struct hws_conn *c, hws_time now)
{
    hwi_commons_enter(c->commons);
    hwi_conn_enter(c);
    hwi_commons_woken(c->commons, now);
    c->progress = false;
}

static void end_wake(struct hws_conn *c, hws_time now)
{
    struct hws_commons *commons = c->commons;
    if (c->health && !c->freed)
        hws_health_woken(c->health, c->progress);
    if (hwi_conn_leave(c))
        hwi_commons_mark(commons, &c->dirt);
    hwi_commons_leave(commons, now);
}

void hwi_conn_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct hws_conn *c = hwi_container(watch, struct hws_conn, watch);
    begin_wake(c, now);
    hwi_commons_glance_for_sleep(c->commons, now);
    if (ready & HWS_WRITE) {
        c->blocked = false;
        hws_link_write(c->link, NULL, 0);
    }
    if (ready & HWS_READ)
        hwi_conn_read(c, now);
    end_wake(c, now);
}

static void open_timed_out(struct hws_conn *c, hws_time now)
{
    struct hws_fault fault = {0};
    hwi_fault_set(&fault,
                  c->stage == HWI_CONN_OPENING ? HWS_PHASE_TCP : HWS_PHASE_HTTP,
                  HWS_E_TIMEOUT, "the connection was not open in time");
    c->open_deadline = HWS_NEVER;
    c->lost = true;
    hws_proto_fail(c->proto, &fault, now);
}

/* Whoever notices first wakes all others of the loop. */
void hwi_conn_slept(struct hwi_line *line)
{
    struct hws_conn *c = hwi_container(line, struct hws_conn, line);
    c->more = true;
    hwi_commons_mark(c->commons, &c->dirt);
}

/* Sleep breaks connections without a word: ask at once. */
static void notice_sleep(struct hws_conn *c, hws_time now)
{
    hwi_commons_look_for_sleep(c->commons, now);
    if (c->sleeps == c->commons->sleeps)
        return;
    c->sleeps = c->commons->sleeps;
    if (hws_proto_is_up(c->proto))
        hws_proto_probe(c->proto, now);
}

/* The protocol's own pings. */
static void note_pings(struct hws_conn *c)
{
    uint64_t pings = hws_proto_pings(c->proto);
    for (; c->health && c->pings < pings; c->pings++)
        hws_health_sent(c->health, true);
}

static void speak(struct hws_conn *c, hws_time now)
{
    /* Bytes that wait in the kernel are life: read before judging silence. */
    hwi_conn_deliver(c);
    hwi_conn_read(c, now);
    if (c->freed)
        return;
    notice_sleep(c, now);
    hws_proto_tick(c->proto, now);
    note_pings(c);
    if (!c->progress)
        hws_proto_trim(c->proto);
}

void hwi_conn_due(struct hws_timer *timer, hws_time now)
{
    struct hws_conn *c = hwi_container(timer, struct hws_conn, timer);
    begin_wake(c, now);
    bool is_due = now >= wanted_deadline(c, now);
    c->more = false;
    if (now >= c->open_deadline && !c->lost)
        open_timed_out(c, now);
    if (c->stage == HWI_CONN_OPENING && !c->lost)
        hwi_conn_dial_step(c, now);
    if (c->stage == HWI_CONN_SPEAKING && !c->lost)
        speak(c, now);
    if (!c->freed)
        hwi_conn_deliver(c);
    c->progress = c->progress || is_due;
    end_wake(c, now);
}
