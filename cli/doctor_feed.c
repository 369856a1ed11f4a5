/* Judges what came after the handshake: messages, compression, pings. */
#include "doctor_facts.h"
#include "doctor_head.h"
#include "units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer messages than this say nothing about the benefit of compression. */
#define ENOUGH_MESSAGES 20
#define SLOW_PING HWS_MS(300)
/* Round trips below this do not count as uneven. */
#define UNEVEN_PING HWS_MS(50)

void doctor_judge_messages(const struct doctor_facts *facts,
                           struct doctor_sheet *sheet)
{
    char time[UNITS_TEXT_MAX], size[UNITS_TEXT_MAX];
    struct doctor_finding *f = doctor_begin(sheet, "messages", "messages");
    if (!facts->was_up) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    units_delay(time, facts->watched);
    doctor_count(f, "count", (int64_t)facts->messages);
    doctor_count(f, "bytes", (int64_t)facts->message_bytes);
    doctor_ms(f, "watched_ms", facts->watched);
    if (facts->messages == 0) {
        doctor_say(f, "none in %s", time);
        doctor_advise(f, DOCTOR_NONE,
                      "if this feed waits to be asked, subscribe with "
                      "--on-open; --for watches longer");
        return;
    }
    doctor_raise(f, DOCTOR_GOOD);
    doctor_say(f, "%llu in %s, the largest %s",
               (unsigned long long)facts->messages, time,
               units_size(size, facts->message_max));
    if (facts->first_message > facts->up)
        doctor_say(f, ", the first after %s",
                   units_delay(time, facts->first_message - facts->up));
    doctor_count(f, "largest", (int64_t)facts->message_max);
    doctor_ms(f, "first_ms", facts->first_message - facts->up);
}

/* ---- compression */

static void measure(struct doctor_finding *f, const struct doctor_facts *facts)
{
    char before[UNITS_TEXT_MAX], after[UNITS_TEXT_MAX];
    uint64_t wire = facts->wire_bytes;
    double ratio = wire ? (double)facts->message_bytes / (double)wire : 0;
    units_size(before, facts->message_bytes);
    units_size(after, wire);
    doctor_say(f, ": %s came as %s, %.1f to 1", before, after, ratio);
    doctor_count(f, "bytes_before", (int64_t)facts->message_bytes);
    doctor_count(f, "bytes_after", (int64_t)wire);
    doctor_number(f, "ratio", ratio);
    if (facts->messages >= ENOUGH_MESSAGES && ratio < 1.1)
        doctor_advise(f, DOCTOR_WARN,
                      "compression saves nothing on these messages: "
                      "--no-compression spares both sides the time");
}

void doctor_judge_compression(const struct doctor_facts *facts,
                              struct doctor_sheet *sheet)
{
    char offered[256], answered[256];
    struct doctor_finding *f =
        doctor_begin(sheet, "compression", "compression");
    if (!facts->was_up) {
        doctor_say(f, DOCTOR_NOT_REACHED);
        return;
    }
    doctor_head_get(facts->wire.request, "Sec-WebSocket-Extensions", offered,
                    sizeof offered);
    doctor_head_get(facts->wire.answer, "Sec-WebSocket-Extensions", answered,
                    sizeof answered);
    doctor_text(f, "offered", offered);
    doctor_text(f, "answered", answered);
    if (!answered[0]) {
        doctor_say(f, offered[0] ? "offered, and not taken by the server"
                                 : "not offered");
        return;
    }
    doctor_raise(f, DOCTOR_GOOD);
    doctor_say(f, "%.*s", (int)strcspn(answered, ";"), answered);
    if (facts->messages)
        measure(f, facts);
    else
        doctor_say(f, "; no message came to measure its benefit");
}

/* ---- ping */

static int by_size(const void *a, const void *b)
{
    const hws_time *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void judge_round_trips(struct doctor_finding *f, hws_time least,
                              hws_time median, hws_time most)
{
    if (median >= SLOW_PING)
        doctor_advise(f, DOCTOR_WARN,
                      "answers are slow: compare with the round trip of TCP "
                      "above; what is beyond that is the server's own time");
    else if (most >= UNEVEN_PING && most > 4 * (least > 0 ? least : 1))
        doctor_advise(f, DOCTOR_WARN,
                      "answers are uneven: a busy server, or queues on the "
                      "path that fill up ('ping' to the host tells which)");
}

void doctor_judge_ping(const struct doctor_facts *facts,
                       struct doctor_sheet *sheet)
{
    char least[UNITS_TEXT_MAX], median[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
    hws_time sorted[DOCTOR_PINGS];
    unsigned n = facts->pongs;
    struct doctor_finding *f = doctor_begin(sheet, "ping", "ping");
    if (!facts->was_up || facts->pings == 0) {
        doctor_say(f, facts->was_up ? "lost before a ping was sent"
                                    : DOCTOR_NOT_REACHED);
        return;
    }
    doctor_count(f, "sent", facts->pings);
    doctor_count(f, "answered", n);
    doctor_raise(f, DOCTOR_GOOD);
    if (n < facts->pings)
        doctor_advise(f, n ? DOCTOR_WARN : DOCTOR_BAD,
                      "a server must answer every ping (RFC 6455 section "
                      "5.5.2); without that a dead connection is found late");
    if (n == 0) {
        doctor_say(f, "none of %u answered", facts->pings);
        return;
    }
    memcpy(sorted, facts->round_trips, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    doctor_say(f, "%u of %u: min %s, median %s, max %s", n, facts->pings,
               units_delay(least, sorted[0]),
               units_delay(median, sorted[n / 2]),
               units_delay(most, sorted[n - 1]));
    doctor_ms(f, "min_ms", sorted[0]);
    doctor_ms(f, "median_ms", sorted[n / 2]);
    doctor_ms(f, "max_ms", sorted[n - 1]);
    judge_round_trips(f, sorted[0], sorted[n / 2], sorted[n - 1]);
}
