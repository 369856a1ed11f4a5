/*
 * What health is told of a read: when it was, and when its bytes came. The
 * kernel stamps the newest of them only. Of the oldest it is known that they
 * came after the last read that left nothing, and after the loop last looked;
 * unless it waited since, for then the first byte woke it. A loop that did not
 * wait was kept by callbacks, or by the program between its turns. And what it
 * is asked: where bytes wait now.
 */
#include "hawser/tls.h"
#include "health/health.h"
#include "session/conn.h"

/* From one callback's end to the next wake-up, when nobody waited between. */
#define AT_ONCE HWS_US(200)

void hwi_conn_stamp(struct hws_conn *c)
{
    if (!c->health || !hwi_health_measures(c->health))
        return;
    if (hws_link_stamp(c->link) == 0)
        c->arrival = hws_link_arrival(c->link);
    c->encrypted = hws_link_tls_text(c->link)[0] != '\0';
}

ptrdiff_t hwi_conn_read_link(struct hws_conn *c, uint8_t *room, size_t size)
{
    if (!c->encrypted)
        return hws_link_read(c->link, room, size);
    hws_time before = hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC);
    ptrdiff_t got = hws_link_read(c->link, room, size);
    c->reading += hws_loop_clock(c->loop, HWS_CLOCK_MONOTONIC) - before;
    return got;
}

void hwi_conn_facts(const struct hws_conn *c, struct hws_facts *facts)
{
    struct hws_path path;
    *facts = (struct hws_facts){
        .up = hws_conn_is_up(c),
        .paused = c->paused,
        .encrypted = c->encrypted,
        .callbacks = c->commons->busy_total,
        .reading = c->reading,
        .path_trip = HWS_NEVER,
        .retransmits = -1,
        .unacknowledged = -1,
    };
    if (!c->link)
        return;
    hws_link_path(c->link, &path);
    facts->path_trip = path.round_trip;
    facts->retransmits = (int)path.retransmits;
    facts->unacknowledged = (int)path.unacknowledged;
    if (c->paused)
        facts->receive_queue = hws_link_receive_queue(c->link);
}

void hws_conn_gauges(const struct hws_conn *c, struct hws_snapshot *snapshot)
{
    snapshot->memory = hws_conn_memory(c);
    hws_conn_compression(c, &snapshot->compression);
    snapshot->send_queue = hws_conn_queued(c);
    snapshot->decoder_backlog = hws_proto_backlog(c->proto);
    if (!c->link || c->stage == HWI_CONN_OPENING)
        return;
    snapshot->receive_queue = hws_link_receive_queue(c->link);
    snapshot->tls_pending = hws_link_tls_pending(c->link);
    snapshot->kernel_send_queue = hws_link_send_queue(c->link);
    hws_link_path(c->link, &snapshot->path);
}

static hws_time later(hws_time a, hws_time b)
{
    return a > b ? a : b;
}

/* Callbacks of other connections came before us in this turn. */
static bool is_behind(const struct hws_commons *m)
{
    return m->busy_until >= m->turn_at;
}

/* Whether the loop waited before this turn. Of a host that does not say when
 * it began to, it is known when it came straight from callbacks. */
static bool has_waited(const struct hws_conn *c)
{
    const struct hws_commons *m = c->commons;
    if (c->loop->asked_at)
        return m->turn_at - c->loop->asked_at > AT_ONCE;
    return is_behind(m) || m->turn_at - m->busy_until > AT_ONCE;
}

/* When the loop last knew that nothing waited; monotonic. A turn may have been
 * for others, a timer's: then only the loop knows of it. */
static hws_time known_empty(const struct hws_conn *c)
{
    const struct hws_commons *m = c->commons;
    hws_time looked_at = later(m->turn_before, c->loop->turn_before);
    return has_waited(c) ? m->turn_at : later(c->read_all_at, looked_at);
}

void hwi_conn_measure(struct hws_conn *c, size_t got, bool is_all, hws_time now)
{
    if (!hwi_health_measures(c->health))
        return;
    hws_time realtime = hws_loop_clock(c->loop, HWS_CLOCK_REALTIME);
    hws_time arrived = c->arrival ? c->arrival->at : HWS_NEVER;
    hws_time before = c->came_before;
    struct hws_reading reading = {
        .size = got,
        .at = now,
        .realtime = realtime,
        .arrived = arrived,
        .oldest = arrived,
        .after_callbacks = is_behind(c->commons) || !has_waited(c),
    };
    if (arrived != HWS_NEVER)
        reading.oldest = later(before, realtime - now + known_empty(c));
    if (is_all)
        c->read_all_at = now;
    c->came_before = arrived == HWS_NEVER ? 0 : arrived;
    hws_health_read(c->health, &reading);
}
