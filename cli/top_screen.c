/* What of it fits a screen: plain lines with a style each. */
#include "top.h"
#include "units.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WIDTH_MIN 60
#define HEIGHT_MIN 12
#define HEIGHT_OF_QUEUES 16 /* below it, they are left out */

/* Lines below the table. */
static int details(int height)
{
    return height < HEIGHT_OF_QUEUES ? 7 : 9;
}

struct screen {
    const struct top *top;
    struct top_line *lines;
    int width, height, used;
    bool blocks;
};

/* A further line, cut to the width; what is no printable ASCII becomes '?'. */
static void add(struct screen *s, enum top_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct screen *s, enum top_style style, const char *format, ...)
{
    if (s->used >= s->height)
        return;
    struct top_line *line = &s->lines[s->used++];
    va_list arguments;
    line->style = style;
    va_start(arguments, format);
    vsnprintf(line->text, sizeof(line->text), format, arguments);
    va_end(arguments);
    if ((int)strlen(line->text) > s->width)
        line->text[s->width] = '\0';
    for (char *c = line->text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

/* ---- the table */

static const char *short_rate(char *text, double rate)
{
    if (rate < 10000)
        snprintf(text, UNITS_TEXT_MAX, "%.0f", rate);
    else if (rate < 1e7)
        snprintf(text, UNITS_TEXT_MAX, "%.1fk", rate / 1e3);
    else
        snprintf(text, UNITS_TEXT_MAX, "%.1fM", rate / 1e6);
    return text;
}

/* "12 s", "3 min", "5.1 h", "12 d" */
static const char *long_delay(char *text, hws_time delay)
{
    double seconds = (double)delay / 1e9;
    if (delay == HWS_NEVER)
        snprintf(text, UNITS_TEXT_MAX, "-");
    else if (seconds < 120)
        snprintf(text, UNITS_TEXT_MAX, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(text, UNITS_TEXT_MAX, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        snprintf(text, UNITS_TEXT_MAX, "%.1f h", seconds / 3600);
    else
        snprintf(text, UNITS_TEXT_MAX, "%.0f d", seconds / 86400);
    return text;
}

static hws_time uptime(const struct top_row *row)
{
    hws_time since = row->now.up_since;
    return since == HWS_NEVER ? HWS_NEVER : row->now.at - since;
}

static hws_time known(const struct hws_stage_lag *lag, int64_t value)
{
    return lag->count ? value : HWS_NEVER;
}

static enum top_style style_of(const struct top_row *row)
{
    if (row->now.up_since == HWS_NEVER || row->now.verdict > HWS_VERDICT_IDLE)
        return TOP_BAD;
    return row->now.verdict == HWS_VERDICT_OK ? TOP_GOOD : TOP_PLAIN;
}

static void add_row(struct screen *s, size_t place)
{
    const struct top_row *row = &s->top->rows[s->top->order[place]];
    const struct hws_stage_lag *lag = &row->now.stages[HWS_STAGE_TOTAL];
    bool is_selected = place == s->top->selected;
    char up[UNITS_TEXT_MAX], rate[UNITS_TEXT_MAX], trip[UNITS_TEXT_MAX],
        p50[UNITS_TEXT_MAX], p99[UNITS_TEXT_MAX];
    add(s, is_selected ? TOP_SELECTED : style_of(row),
        "%c%3u %-8s %7s %7s %9s %9s %9s %3llu %-10s %s",
        is_selected ? '>' : ' ', row->number,
        row->paused ? "paused" : row->state, long_delay(up, uptime(row)),
        short_rate(rate, row->now.message_rate),
        units_delay(trip, row->now.round_trip_last),
        units_delay(p50, known(lag, lag->p50)),
        units_delay(p99, known(lag, lag->p99)),
        (unsigned long long)row->now.connections,
        hws_verdict_name(row->now.verdict), row->url);
}

/* Rows around the selected one, as many as fit. */
static void add_table(struct screen *s, int room)
{
    size_t first = 0, fits = (size_t)(room > 1 ? room - 1 : 1);
    if (s->top->selected >= fits)
        first = s->top->selected - fits + 1;
    add(s, TOP_BOLD, "   # %-8s %7s %7s %9s %9s %9s %3s %-10s %s", "STATE",
        "UP", "MSG/S", "ROUNDTRIP", "LAG P50", "LAG P99", "CON", "VERDICT",
        "URL");
    for (size_t i = first; i < s->top->count && i < first + fits; i++)
        add_row(s, i);
}

/* ---- what is known of the selected one */

static int64_t highest(const struct top_row *row)
{
    int64_t most = 0;
    for (size_t i = 0; i < TOP_HISTORY; i++)
        if (row->lags[i] > most)
            most = row->lags[i];
    return most;
}

/* The last looks, newest right: as blocks, or as what ASCII has. */
static void add_history(struct screen *s, const struct top_row *row)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄",
                                         "▅", "▆", "▇", "█"};
    static const char *const marks[] = {" ", ".", ":", "-", "=",
                                        "+", "*", "#", "#"};
    int64_t most = highest(row);
    char top_text[UNITS_TEXT_MAX];
    add(s, TOP_PLAIN, "lag, lately (at most %s)", units_delay(top_text, most));
    if (s->used >= s->height)
        return;
    struct top_line *line = &s->lines[s->used++];
    line->style = TOP_PLAIN;
    line->text[0] = '\0';
    size_t kept = row->looks < TOP_HISTORY ? row->looks : TOP_HISTORY;
    if (kept > (size_t)s->width)
        kept = (size_t)s->width;
    for (size_t i = row->looks - kept; i < row->looks; i++) {
        int64_t lag = row->lags[i % TOP_HISTORY];
        size_t level = lag < 0 ? 0 : most ? 1 + (size_t)(lag * 7 / most) : 1;
        strcat(line->text, s->blocks ? blocks[level] : marks[level]);
    }
}

static void add_queues(struct screen *s, const struct hws_snapshot *n)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX], c[UNITS_TEXT_MAX],
        d[UNITS_TEXT_MAX], e[UNITS_TEXT_MAX];
    bool known = n->kernel_send_queue >= 0;
    add(s, TOP_PLAIN,
        "waits, in: kernel %s, tls %s, decoder %s; out: ours %s, kernel %s",
        units_size(a, n->receive_queue), units_size(b, n->tls_pending),
        units_size(c, n->decoder_backlog), units_size(d, n->send_queue),
        known ? units_size(e, (uint64_t)n->kernel_send_queue) : "?");
}

static void add_path(struct screen *s, const struct hws_path *path)
{
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX], c[UNITS_TEXT_MAX];
    if (path->round_trip == HWS_NEVER) {
        add(s, TOP_PLAIN, "tcp: unknown");
        return;
    }
    uint64_t rate = path->delivery_rate < 0 ? 0 : (uint64_t)path->delivery_rate;
    add(s, TOP_PLAIN,
        "tcp: round trip %s, %lld sent again, window %s, %s/s out",
        units_delay(a, path->round_trip), (long long)path->retransmits,
        units_size(b, (uint64_t)path->receive_window), units_size(c, rate));
}

static void add_details(struct screen *s)
{
    if (s->top->count == 0) {
        add(s, TOP_DIM, "no connections");
        return;
    }
    const struct top_row *row = &s->top->rows[s->top->order[s->top->selected]];
    const struct hws_snapshot *n = &row->now;
    char a[UNITS_TEXT_MAX], b[UNITS_TEXT_MAX], c[UNITS_TEXT_MAX],
        d[UNITS_TEXT_MAX];
    add(s, TOP_DIM, "%s", "");
    add(s, TOP_BOLD, "[%u] %s", row->number, row->url);
    add(s, style_of(row), "verdict %s%s%s", hws_verdict_name(n->verdict),
        row->verdict_text[0] ? ": " : "", row->verdict_text);
    add(s, TOP_PLAIN, "%llu messages, %s, %s/s",
        (unsigned long long)n->messages_in, units_size(a, n->bytes_in),
        units_size(b, (uint64_t)row->bytes_rate));
    if (s->height >= HEIGHT_OF_QUEUES) {
        add_queues(s, n);
        add_path(s, &n->path);
    }
    add(s, TOP_PLAIN,
        "p99 of network %s, queue %s, processing %s; longest callbacks %s",
        units_delay(a, known(&n->stages[0], n->stages[0].p99)),
        units_delay(b, known(&n->stages[1], n->stages[1].p99)),
        units_delay(c, known(&n->stages[2], n->stages[2].p99)),
        units_delay(d, n->callback_max));
    add(s, row->fault_text[0] ? TOP_BAD : TOP_DIM, "last fault: %s",
        row->fault_text[0] ? row->fault_text : "none");
    add_history(s, row);
}

static void add_log(struct screen *s)
{
    size_t room = (size_t)(s->height - s->used);
    size_t logged = s->top->logged;
    size_t kept = logged < TOP_LOG ? logged : TOP_LOG;
    if (kept > room)
        kept = room;
    for (size_t i = logged - kept; i < logged; i++)
        add(s, TOP_PLAIN, "%s", s->top->log[i % TOP_LOG]);
}

static void add_help(struct screen *s)
{
    static const char *const lines[] = {
        "up, down, k, j   choose a connection",
        "s, S             sort by the next column; the other way round",
        "space            pause or resume it",
        "p                ping it",
        "r                reconnect it now",
        "l                the log of what happened",
        "h, ?             this help",
        "q                quit",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        add(s, TOP_PLAIN, "%s", lines[i]);
}

static void add_head(struct screen *s)
{
    size_t up = 0;
    double rate = 0;
    for (size_t i = 0; i < s->top->count; i++) {
        up += s->top->rows[i].now.up_since != HWS_NEVER;
        rate += s->top->rows[i].now.message_rate;
    }
    add(s, TOP_BOLD, "hawser top: %zu of %zu up, %.0f messages/s, by %s%s", up,
        s->top->count, rate, top_order_name(s->top->by),
        s->top->reversed ? ", reversed" : "");
}

int top_draw(const struct top *top, int width, int height, bool blocks,
             struct top_line *lines)
{
    struct screen s = {
        .top = top,
        .lines = lines,
        .width = width < TOP_COLUMNS_MAX ? width : TOP_COLUMNS_MAX - 1,
        .height = height < TOP_LINES_MAX ? height : TOP_LINES_MAX,
        .blocks = blocks};
    if (width < WIDTH_MIN || height < HEIGHT_MIN) {
        add(&s, TOP_PLAIN, "needs %d x %d, has %d x %d", WIDTH_MIN, HEIGHT_MIN,
            width, height);
        return s.used;
    }
    add_head(&s);
    if (top->shows_help) {
        add_help(&s);
    } else if (top->shows_log) {
        add_log(&s);
    } else {
        add_table(&s, height - s.used - details(height) - 1);
        add_details(&s);
    }
    while (s.used < s.height - 1)
        add(&s, TOP_PLAIN, "%s", "");
    add(&s, TOP_DIM, "%s",
        "q quit  s sort  space pause  p ping  r reconnect  "
        "l log  h help");
    return s.used;
}
