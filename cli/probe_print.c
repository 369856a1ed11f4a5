/* What hawser probe found, for people and for programs. */
#include "json.h"
#include "probe.h"

#include <stdio.h>

/* ---- for people */

static void print_cell(struct output *out, hws_time delay, int width)
{
    char text[UNITS_TEXT_MAX];
    output_format(out, " %*s", width, units_delay(text, delay));
}

/* Per second; "-" when it is not known. */
static void print_rate(struct output *out, int64_t turns, int64_t wakeups,
                       hws_time stretch)
{
    int64_t count = turns >= 0 ? turns : wakeups;
    if (count < 0 || stretch <= 0)
        output_format(out, " %7s", "-");
    else
        output_format(out, " %7.0f", (double)count * 1e9 / (double)stretch);
}

static void print_row(struct output *out, const struct probe_row *row)
{
    const struct hws_probe_figures *f = &row->figures;
    output_format(out, "%-9s", row->poller);
    if (!row->figures.loop) {
        output_format(out, " %s: %s\n",
                      row->is_here ? "not measured" : "not here",
                      row->fault.text);
        return;
    }
    print_rate(out, f->quiet_turns, f->quiet_wakeups, f->quiet);
    print_rate(out, f->load_turns, f->load_wakeups, f->load);
    print_cell(out, f->delay.p50, 8);
    print_cell(out, f->delay.p99, 8);
    print_cell(out, f->post.p50, 8);
    print_cell(out, f->late.p50, 8);
    print_cell(out, f->late.p99, 8);
    output_format(out, " %5.1f", f->per_turn);
    print_cell(out, f->turn, 7);
    output_text(out, "\n");
}

static void print_verdict(struct output *out, const struct probe_row *row)
{
    char text[256];
    unsigned left = row->found;
    if (!row->figures.loop)
        return;
    do {
        bool is_fault = hws_probe_worst(left) & HWS_PROBE_FAULTS;
        hws_probe_words(&row->figures, left, text, sizeof text);
        output_format(out, "%-9s ", row->poller);
        output_colour(out, is_fault ? "31" : "32");
        output_text(out, text);
        output_plain(out);
        output_text(out, "\n");
        left &= ~hws_probe_worst(left);
    } while (left);
}

static double per_wakeup(const struct probe_row *row)
{
    uint64_t messages = row->after.messages_in - row->before.messages_in;
    uint64_t wakeups = row->after.wakeups - row->before.wakeups;
    return wakeups ? (double)messages / (double)wakeups : 0;
}

static void print_feed(struct output *out, const struct probe_row *row)
{
    if (row->after.at == 0)
        return;
    output_format(
        out, "%-9s the feed: %llu messages, %.1f for each of its wake-ups\n",
        row->poller,
        (unsigned long long)(row->after.messages_in - row->before.messages_in),
        per_wakeup(row));
}

void probe_print(struct probe *probe)
{
    struct output *out = &probe->out;
    output_text(out,
                "          wake-ups a second  ready to call     "
                "  posted  timers late      calls   an\n"
                "             idle  loaded      p50      p99      "
                "p50      p50      p99  /turn  empty turn\n");
    for (size_t i = 0; i < probe->row_count; i++)
        print_row(out, &probe->rows[i]);
    output_text(out, "\n");
    for (size_t i = 0; i < probe->row_count; i++) {
        print_verdict(out, &probe->rows[i]);
        if (probe->url)
            print_feed(out, &probe->rows[i]);
    }
}

/* ---- for programs */

static void json_count(struct json *j, const char *key, int64_t count)
{
    if (count < 0)
        json_null(j, key);
    else
        json_integer(j, key, count);
}

static void json_spread(struct json *j, const char *key,
                        const struct hws_probe_spread *s)
{
    json_open(j, key);
    json_integer(j, "count", (int64_t)s->count);
    json_ms(j, "min", s->min);
    json_ms(j, "p50", s->p50);
    json_ms(j, "p99", s->p99);
    json_ms(j, "max", s->max);
    json_close(j);
}

static void json_stretches(struct json *j, const struct hws_probe_figures *f)
{
    json_open(j, "idle");
    json_ms(j, "spent", f->quiet);
    json_count(j, "wakeups", f->quiet_wakeups);
    json_count(j, "turns", f->quiet_turns);
    json_ms(j, "ran", f->quiet_ran < 0 ? HWS_NEVER : f->quiet_ran);
    json_ms(j, "waited", f->quiet_waited < 0 ? HWS_NEVER : f->quiet_waited);
    json_close(j);
    json_open(j, "loaded");
    json_ms(j, "spent", f->load);
    json_count(j, "wakeups", f->load_wakeups);
    json_count(j, "turns", f->load_turns);
    json_count(j, "calls", (int64_t)f->load_calls);
    json_spread(j, "delay", &f->load_delay);
    json_close(j);
}

static void json_figures(struct json *j, const struct hws_probe_figures *f)
{
    json_bool(j, "finished", f->finished);
    json_bool(j, "alone", f->alone);
    json_bool(j, "accounted", f->accounted);
    json_ms(j, "spent", f->spent);
    json_stretches(j, f);
    json_spread(j, "delay", &f->delay);
    json_spread(j, "slept", &f->slept);
    json_spread(j, "waited", &f->waited);
    json_spread(j, "ran", &f->ran);
    json_spread(j, "post", &f->post);
    json_spread(j, "machine", &f->machine);
    json_spread(j, "late", &f->late);
    json_spread(j, "late_slept", &f->late_slept);
    json_count(j, "early", (int64_t)f->early);
    json_ms(j, "early_max", f->early_max);
    json_count(j, "awaited", (int64_t)f->awaited);
    json_count(j, "lost", (int64_t)f->lost);
    json_count(j, "calls", (int64_t)f->calls);
    json_count(j, "empty_calls", (int64_t)f->empty_calls);
    json_number(j, "calls_per_turn", f->per_turn);
    json_ms(j, "turn", f->turn);
    json_spread(j, "turn_slept", &f->turn_slept);
    json_number(j, "units_per_second", f->units_per_s);
}

static void json_verdict(struct json *j, const struct probe_row *row)
{
    char text[256];
    hws_probe_words(&row->figures, row->found, text, sizeof text);
    json_text(j, "verdict", hws_span_text(hws_probe_name(row->found)));
    json_text(j, "words", hws_span_text(text));
    json_open(j, "findings");
    for (unsigned left = row->found; left; left &= ~hws_probe_worst(left)) {
        hws_probe_words(&row->figures, left, text, sizeof text);
        json_text(j, hws_probe_name(left), hws_span_text(text));
    }
    json_close(j);
}

static void json_row(struct json *j, const struct probe_row *row)
{
    json_open(j, row->poller);
    if (row->figures.loop) {
        json_verdict(j, row);
        json_figures(j, &row->figures);
    } else {
        json_text(j, "missing", hws_span_text(row->fault.text));
    }
    if (row->after.at) {
        json_open(j, "feed");
        json_integer(
            j, "messages",
            (int64_t)(row->after.messages_in - row->before.messages_in));
        json_number(j, "messages_per_wakeup", per_wakeup(row));
        json_close(j);
    }
    json_close(j);
}

void probe_print_json(struct probe *probe)
{
    struct json j = {.out = &probe->out};
    json_open(&j, NULL);
    json_ms(&j, "for", probe->options.for_delay);
    json_integer(&j, "connections", (int64_t)probe->options.connections);
    if (probe->url)
        json_text(&j, "url", hws_span_text(probe->url));
    json_open(&j, "dispatchers");
    for (size_t i = 0; i < probe->row_count; i++)
        json_row(&j, &probe->rows[i]);
    json_close(&j);
    json_end(&j);
}
