/* Judges the way to the server: TCP, the proxy, the kernel's buffers. */
#include "doctor_facts.h"
#include "units.h"

#include <string.h>

/* Beyond this a first packet was lost: kernels repeat a SYN after a second. */
#define SLOW_CONNECT HWS_MS(900)
/* Half way around the world and back takes less over a good path. */
#define LONG_PATH HWS_MS(300)

static hws_time connect_time(const struct doctor_facts *facts)
{
    const struct doctor_dial *d = &facts->dial;
    for (size_t i = 0; i < d->tried && i < DOCTOR_ATTEMPTS_MAX; i++)
        if (d->attempts[i].end == HWS_DIAL_DONE)
            return d->attempts[i].ended - d->attempts[i].begun;
    return HWS_NEVER;
}

static void detail_options(struct doctor_finding *f,
                           const struct hws_socket_info *s)
{
    const char *delay = s->no_delay ? "TCP_NODELAY" : "no TCP_NODELAY";
    if (s->keep_alive && s->keep_idle >= 0)
        doctor_detail(f, "%s, keep-alive after %d s", delay, s->keep_idle);
    else
        doctor_detail(f, "%s, keep-alive %s", delay,
                      s->keep_alive ? "on" : "off");
}

static void judge_path(struct doctor_finding *f,
                       const struct hws_socket_info *s)
{
    char text[UNITS_TEXT_MAX];
    if (s->round_trip != HWS_NEVER)
        doctor_say(f, ", round trip %s", units_delay(text, s->round_trip));
    if (s->segment_max > 0)
        doctor_say(f, ", MSS %d", s->segment_max);
    if (s->congestion[0])
        doctor_say(f, ", %s", s->congestion);
    if (s->retransmits > 0)
        doctor_advise(f, DOCTOR_WARN,
                      "%d segment%s had to be sent again: the path loses "
                      "packets; 'mtr' shows where",
                      s->retransmits, s->retransmits == 1 ? "" : "s");
    if (s->round_trip != HWS_NEVER && s->round_trip >= LONG_PATH)
        doctor_advise(f, DOCTOR_WARN,
                      "the path is long: a machine nearer to the server hears "
                      "the feed earlier");
}

void doctor_judge_tcp(const struct doctor_facts *facts,
                      struct doctor_sheet *sheet)
{
    char text[UNITS_TEXT_MAX];
    const struct hws_socket_info *s = &facts->socket;
    hws_time took = connect_time(facts);
    struct doctor_finding *f = doctor_begin(sheet, "TCP", "tcp");
    if (!facts->has_socket) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    doctor_raise(f, DOCTOR_GOOD);
    if (!s->is_tcp) {
        doctor_say(f, "a Unix socket");
        return;
    }
    doctor_say(f, "connected in %s", units_delay(text, took));
    judge_path(f, s);
    detail_options(f, s);
    if (took != HWS_NEVER && took >= SLOW_CONNECT)
        doctor_advise(f, DOCTOR_WARN,
                      "slow to connect: the first packet was probably lost, or "
                      "the server's backlog is full");
    doctor_text(f, "local", s->local);
    doctor_text(f, "peer", s->peer);
    doctor_ms(f, "ms", took);
    doctor_ms(f, "round_trip_ms", s->round_trip);
    doctor_count(f, "segment_max", s->segment_max);
    doctor_count(f, "retransmits", s->retransmits);
    doctor_text(f, "congestion", s->congestion);
}

/* ---- proxy */

static void advise_proxy(struct doctor_finding *f,
                         const struct hws_fault *fault)
{
    if (fault->http_status == 407)
        doctor_advise(f, DOCTOR_BAD,
                      "the proxy wants a login: --proxy "
                      "'http://USER:PASSWORD@HOST:PORT', or '@FILE' with that");
    else if (fault->http_status == 403)
        doctor_advise(f, DOCTOR_BAD,
                      "the proxy does not let this target through: ask who "
                      "runs it, or go past it with --proxy direct");
    else if (fault->http_status >= 500)
        doctor_advise(f, DOCTOR_BAD,
                      "the proxy cannot reach the target: try the name and "
                      "the port from the proxy's machine");
    else if (fault->status == HWS_E_TIMEOUT)
        doctor_advise(f, DOCTOR_BAD,
                      "the proxy does not answer: is it one, and of this kind? "
                      "A scheme tells: http, https, socks5h, socks4a");
    else
        doctor_advise(f, DOCTOR_BAD,
                      "look at the proxy's kind, port and log; --proxy direct "
                      "goes past it");
}

void doctor_judge_proxy(const struct doctor_facts *facts,
                        struct doctor_sheet *sheet)
{
    const struct hws_way *way = &facts->way;
    struct doctor_finding *f = doctor_begin(sheet, "proxy", "proxy");
    doctor_text(f, "proxy", way->proxy);
    doctor_text(f, "why", way->why);
    if (!way->proxy[0]) {
        doctor_say(f, "none: %s", way->why);
        doctor_raise(f, DOCTOR_GOOD);
        return;
    }
    doctor_say(f, "%s, by %s", way->proxy, way->why);
    if (doctor_failed_in(facts, HWS_PHASE_PROXY)) {
        doctor_say(f, ": %s", facts->fault.text);
        doctor_count(f, "http_status", facts->fault.http_status);
        advise_proxy(f, &facts->fault);
    } else if (facts->wire.opened != HWS_NEVER) {
        doctor_say(f, ": let the target through");
        doctor_raise(f, DOCTOR_GOOD);
    } else if (facts->dial.connected == HWS_NEVER) {
        doctor_say(f, ": the proxy itself is not reached");
        doctor_advise(f, DOCTOR_BAD,
                      "the lines above are the proxy's: check its name and "
                      "port; --proxy direct goes past it");
    } else {
        doctor_say(f, ": no answer to tell");
    }
}

/* ---- kernel */

void doctor_judge_kernel(const struct doctor_facts *facts,
                         struct doctor_sheet *sheet)
{
    char in[UNITS_TEXT_MAX], out[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
    const struct hws_socket_info *s = &facts->socket;
    struct doctor_finding *f = doctor_begin(sheet, "kernel", "kernel");
    if (!facts->has_socket || s->receive_buffer < 0) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    units_size(in, (uint64_t)s->receive_buffer);
    units_size(out, (uint64_t)(s->send_buffer > 0 ? s->send_buffer : 0));
    units_size(most, facts->receive_queue_max);
    doctor_say(f, "receive %s, send %s; unread at most %s", in, out, most);
    doctor_count(f, "receive_buffer", s->receive_buffer);
    doctor_count(f, "send_buffer", s->send_buffer);
    doctor_count(f, "receive_queue_max", (int64_t)facts->receive_queue_max);
    doctor_raise(f, DOCTOR_GOOD);
    if (facts->receive_queue_max > (size_t)s->receive_buffer / 2)
        doctor_advise(f, DOCTOR_WARN,
                      "the receive buffer ran half full: this machine is too "
                      "busy to read, or the buffer is too small for the "
                      "bursts; see net.ipv4.tcp_rmem");
}
