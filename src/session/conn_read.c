/*
 * From the kernel to the protocol: one wake-up drains everything within a
 * budget; what is left is done on the next turn by a timer that is due at
 * once, never by hoping for readiness.
 */
#include "base/status.h"
#include "base/usdt.h"
#include "session/conn.h"

#include <assert.h>

/* One wake-up reads at most so much, so that one firehose cannot starve the
 * other connections of the loop. */
#define READ_BUDGET ((size_t)1024 * 1024)
#define TIME_BUDGET HWS_MS(5)

/* Reading came to an end, or failed. */
static void read_ended(struct hws_conn *c, ptrdiff_t status, hws_time now)
{
    if (status == HWS_E_AGAIN)
        return;
    if (status != HWS_E_EOF) {
        hwi_conn_lost(c, &c->link->fault, now);
        return;
    }
    /* Only the peer's direction has ended: the answer to what came before the
     * end, to a close above all, can still leave. */
    hwi_conn_flush(c, now);
    struct hws_fault fault = c->link->fault;
    hwi_fault_set(&fault, HWS_PHASE_TCP, HWS_E_EOF,
                  c->link->truncated
                      ? "the connection was cut inside TLS, without "
                        "close_notify"
                      : "the peer ended the connection");
    hwi_conn_lost(c, &fault, now);
}

static hws_time present(const struct hws_conn *c)
{
    return hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
}

/* The time of a whole batch is taken, not of each callback: two looks at the
 * clock would cost as much as a small message. */
static void deliver_timed(struct hws_conn *c, size_t got, bool is_all)
{
    struct hws_commons *commons = c->commons;
    hws_time before = present(c);
    hwi_conn_measure(c, got, is_all, before);
    hwi_conn_deliver(c);
    hws_time after = present(c);
    commons->busy_until = after;
    commons->busy_total += after - before;
    if (c->freed)
        return;
    hws_health_handled(c->health, after);
    hws_health_called(c->health, after - before);
}

/* One read and all that follows from it. Returns bytes read; 0: no more that
 * could be read now. */
static size_t read_once(struct hws_conn *c, hws_time now)
{
    size_t size;
    uint8_t *room = hws_proto_space(c->proto, &size);
    if (!room) {
        room = c->commons->read_buffer;
        size = HWI_READ_SIZE;
    }
    ptrdiff_t got = hwi_conn_read_link(c, room, size);
    if (got <= 0) {
        read_ended(c, got, now);
        return 0;
    }
    /* The link may be gone once events were told. */
    bool is_all = (size_t)got < size && !c->link->ended;
    c->progress = true;
    HWI_PROBE2(read, c, got);
    if (c->health)
        hws_health_moved(c->health, (size_t)got, 0, now);
    int status = hws_proto_feed(c->proto, room, (size_t)got, now);
    assert(status == 0); /* or bytes would be lost */
    (void)status;
    if (c->health)
        deliver_timed(c, (size_t)got, is_all);
    else
        hwi_conn_deliver(c);
    return is_all ? 0 : (size_t)got;
}

static bool may_read(const struct hws_conn *c)
{
    return !c->freed && !hwi_conn_holds(c) && !c->lost &&
           c->stage == HWI_CONN_SPEAKING;
}

/* What resume() set free comes before what is read now: the protocol takes
 * fresh bytes only when it has none left. */
static void deliver_held(struct hws_conn *c)
{
    if (c->more)
        hwi_conn_deliver(c);
}

void hwi_conn_read(struct hws_conn *c, hws_time now)
{
    size_t total = 0;
    deliver_held(c);
    while (may_read(c)) {
        size_t got = read_once(c, now);
        total += got;
        if (got == 0)
            break;
        if (total >= READ_BUDGET || present(c) - now >= TIME_BUDGET) {
            c->more = true;
            break;
        }
    }
    if (!c->freed && c->lost)
        hwi_conn_deliver(c);
}

/*
 * The kernel refused our bytes for good. What the peer said before that may
 * still wait to be read, and its word comes first.
 */
void hwi_conn_read_last(struct hws_conn *c, hws_time now)
{
    struct hws_fault fault = c->link->fault;
    c->blocked = true;
    deliver_held(c);
    while (may_read(c) && read_once(c, now) > 0)
        continue;
    if (!c->freed && c->link)
        hwi_conn_lost(c, &fault, now);
}
