#include "marks.h"

#include "units.h"

#include <inttypes.h>

static void mark_begin(const struct marks *marks, unsigned number,
                       const char *colour, const char *what)
{
    struct output *out = marks->out;
    output_colour(out, colour);
    output_text(out, "-- ");
    if (marks->numbered)
        output_format(out, "[%u] ", number);
    output_format(out, "%s: ", what);
}

static void mark_end(const struct marks *marks)
{
    output_plain(marks->out);
    output_text(marks->out, "\n");
}

void mark_up(const struct marks *marks, unsigned number, const char *url,
             const struct hws_event *up)
{
    struct output *out = marks->out;
    if (marks->quiet)
        return;
    mark_begin(marks, number, "32", "up");
    output_escaped(out, hws_span_text(url));
    if (up->up.attempt > 1 || up->up.connection > 1)
        output_format(out, " (attempt %u, connection %u)", up->up.attempt,
                      up->up.connection);
    if (up->up.subprotocol.size) {
        output_text(out, ", subprotocol ");
        output_escaped(out, up->up.subprotocol);
    }
    mark_end(marks);
}

void mark_redirect(const struct marks *marks, unsigned number,
                   const struct hws_event *redirect, hws_time now)
{
    char text[UNITS_TEXT_MAX];
    struct output *out = marks->out;
    hws_time delay = redirect->redirect.retry_at - now;
    if (marks->quiet)
        return;
    mark_begin(marks, number, "33", "redirect");
    output_format(out, "%d to ", redirect->redirect.http_status);
    output_escaped(out, hws_span_text(redirect->redirect.url));
    if (delay > 0)
        output_format(out, ", in %s", units_delay(text, delay));
    mark_end(marks);
}

void mark_warning(const struct marks *marks, unsigned number,
                  const struct hws_event *warning)
{
    if (marks->quiet)
        return;
    mark_begin(marks, number, "33", "warning");
    output_escaped(marks->out, hws_span_text(warning->warning.fault->text));
    mark_end(marks);
}

void mark_channel(const struct marks *marks, unsigned number,
                  const struct hws_event *stale)
{
    char text[UNITS_TEXT_MAX];
    bool is_stale = stale->kind == HWS_STALE;
    if (marks->quiet || stale->stale.channel.size == 0)
        return;
    mark_begin(marks, number, is_stale ? "33" : "32",
               is_stale ? "stale" : "fresh");
    output_text(marks->out, "channel '");
    output_escaped(marks->out, stale->stale.channel);
    output_format(marks->out, "', no data for %s",
                  units_delay(text, stale->at - stale->stale.since));
    mark_end(marks);
}

void mark_verdict(const struct marks *marks, unsigned number,
                  const struct hws_event *verdict)
{
    bool is_good = verdict->verdict.now <= HWS_VERDICT_IDLE;
    if (marks->quiet)
        return;
    mark_begin(marks, number, is_good ? "32" : "33", "verdict");
    output_text(marks->out, hws_verdict_name(verdict->verdict.now));
    if (verdict->verdict.text[0])
        output_text(marks->out, ": ");
    output_escaped(marks->out, hws_span_text(verdict->verdict.text));
    mark_end(marks);
}

static void mark_plan(const struct marks *marks, const struct hws_event *down,
                      hws_time now)
{
    char text[UNITS_TEXT_MAX];
    hws_time delay = down->down.retry_at - now;
    if (down->down.final) {
        output_text(marks->out, ", no retry");
        return;
    }
    units_delay(text, delay > 0 ? delay : 0);
    output_format(marks->out, ", retry in %s", text);
}

void mark_down(const struct marks *marks, unsigned number,
               const struct hws_event *down, hws_time now)
{
    const struct hws_fault *fault = down->down.fault;
    struct output *out = marks->out;
    if (marks->quiet)
        return;
    mark_begin(marks, number, down->down.clean ? "33" : "31", "down");
    output_escaped(out, hws_span_text(fault->text));
    output_format(out, " (%s)", hws_phase_name(fault->phase));
    if (down->down.unsent_messages)
        output_format(out, ", %" PRIu64 " message%s unsent",
                      down->down.unsent_messages,
                      units_plural(down->down.unsent_messages));
    mark_plan(marks, down, now);
    mark_end(marks);
}
