#include "demo_view.h"

#include "units.h"

#include <inttypes.h>

#define REDRAW_DELAY HWS_MS(250)
#define LINE_DELAY HWS_S(1)

/* What happened between two measurements, by the second. */
struct pace {
    double messages, bytes, turns;
    double cpu, cpu_client; /* of one processor, in percent */
};

hws_time demo_view_delay(const struct demo_view *view)
{
    return view->out->terminal ? REDRAW_DELAY : LINE_DELAY;
}

static struct pace pace_between(const struct demo_figures *from,
                                const struct demo_figures *to)
{
    double seconds = (double)(to->at - from->at) / 1e9;
    if (seconds <= 0)
        return (struct pace){0};
    return (struct pace){
        .messages = (double)(to->received - from->received) / seconds,
        .bytes = (double)(to->bytes - from->bytes) / seconds,
        .turns = (double)(to->turns - from->turns) / seconds,
        .cpu = (to->cpu - from->cpu) / seconds * 100,
        .cpu_client = (to->cpu_client - from->cpu_client) / seconds * 100,
    };
}

static void row_begin(struct demo_view *view, const char *label)
{
    /* Clear the rest of the old line before the new one is written. */
    if (view->out->terminal)
        output_text(view->out, "\x1b[2K");
    output_text(view->out, "  ");
    output_colour(view->out, "2");
    output_format(view->out, "%-14s", label);
    output_plain(view->out);
}

static void row_end(struct demo_view *view)
{
    output_text(view->out, "\n");
    view->lines++;
}

static void row_text(struct demo_view *view, const char *label,
                     const char *colour, const char *text)
{
    /* A wrapped line would break the drawing over: 14 + 60 columns. */
    struct hws_span span = hws_span_text(text);
    span.size = span.size < 60 ? span.size : 60;
    row_begin(view, label);
    output_colour(view->out, colour);
    output_escaped(view->out, span);
    output_plain(view->out);
    row_end(view);
}

static void rows_feed(struct demo_view *view, const struct demo_figures *f,
                      const struct pace *pace)
{
    struct output *out = view->out;
    char size[UNITS_TEXT_MAX], again[UNITS_TEXT_MAX];
    row_begin(view, "rate");
    output_format(out, "%.0f messages/s of %.0f/s asked, %s/s", pace->messages,
                  f->rate_asked, units_size(size, (uint64_t)pace->bytes));
    row_end(view);
    row_begin(view, "messages");
    output_format(
        out, "%" PRIu64 " sent, %" PRIu64 " received, %" PRIu64 " lost between",
        f->sent, f->received, f->lost);
    row_end(view);
    row_begin(view, "reconnects");
    output_format(out, "%u (server killed %u time%s), ping %s",
                  f->connections ? f->connections - 1 : 0, f->kills,
                  units_plural(f->kills), units_delay(again, f->round_trip));
    row_end(view);
}

static void rows_lag(struct demo_view *view, const struct demo_figures *f)
{
    char p50[UNITS_TEXT_MAX], p99[UNITS_TEXT_MAX], p999[UNITS_TEXT_MAX],
        most[UNITS_TEXT_MAX];
    row_begin(view, "lag");
    output_format(view->out, "p50 %s  p99 %s  p99.9 %s  max %s",
                  units_delay(p50, f->lag_p50), units_delay(p99, f->lag_p99),
                  units_delay(p999, f->lag_p999),
                  units_delay(most, f->lag_max));
    row_end(view);
}

static void rows_machine(struct demo_view *view, const struct demo_figures *f,
                         const struct pace *pace)
{
    row_begin(view, "cpu");
    output_format(view->out, "%.1f %% client, %.1f %% with the feed server",
                  pace->cpu_client, pace->cpu);
    row_end(view);
    row_begin(view, "wake-ups");
    output_format(view->out, "%.0f/s, %" PRIu64 " in all, %" PRIu64 " idle",
                  pace->turns, f->turns, f->idle_turns);
    row_end(view);
}

static void draw_table(struct demo_view *view, const struct demo_figures *f,
                       const struct pace *pace)
{
    struct output *out = view->out;
    bool up = f->state[0] == 'u';
    if (view->lines)
        output_format(out, "\x1b[%dA", view->lines);
    view->lines = 0;
    row_text(view, "feed", "1", f->url);
    row_begin(view, "connection");
    output_colour(out, up ? "32" : "31");
    output_format(out, "%s", f->state);
    output_plain(out);
    output_format(out, " for %.0f s of demo, %s", (double)f->at / 1e9,
                  f->poller);
    row_end(view);
    rows_feed(view, f, pace);
    rows_lag(view, f);
    rows_machine(view, f, pace);
    row_text(view, "last fault", "33",
             f->last_fault->status ? f->last_fault->text : "none");
}

static void draw_line(struct demo_view *view, const struct demo_figures *f,
                      const struct pace *pace)
{
    char p50[UNITS_TEXT_MAX], p99[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
    output_format(view->out,
                  "%3.0f s  %-8s %6.0f messages/s  lag p50 %s p99 %s max %s  "
                  "cpu %.1f %%  reconnects %u  lost %" PRIu64 "\n",
                  (double)f->at / 1e9, f->state, pace->messages,
                  units_delay(p50, f->lag_p50), units_delay(p99, f->lag_p99),
                  units_delay(most, f->lag_max), pace->cpu,
                  f->connections ? f->connections - 1 : 0, f->lost);
}

void demo_view_draw(struct demo_view *view, const struct demo_figures *now)
{
    struct pace pace = pace_between(&view->before, now);
    if (view->out->terminal)
        draw_table(view, now, &pace);
    else
        draw_line(view, now, &pace);
    view->before = *now;
    output_flush(view->out);
}

void demo_view_end(struct demo_view *view, const struct demo_figures *total)
{
    static const struct demo_figures zero;
    struct pace pace = pace_between(&zero, total);
    draw_table(view, total, &pace);
    output_flush(view->out);
}
