/* What hawser top knows of its connections: looks, order, log. */
#include "memory.h"
#include "top.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_MIN HWS_MS(500)

void top_init(struct top *top, size_t count)
{
    memset(top, 0, sizeof(*top));
    top->rows = memory_new(count, sizeof(*top->rows));
    top->order = memory_new(count, sizeof(*top->order));
    top->count = count;
    for (size_t i = 0; i < count; i++)
        top->order[i] = i;
}

void top_release(struct top *top)
{
    memory_free(top->rows);
    memory_free(top->order);
}

const char *top_order_name(enum top_order order)
{
    static const char *const names[] = {
        [TOP_BY_NUMBER] = "number",
        [TOP_BY_RATE] = "rate",
        [TOP_BY_LAG] = "lag",
        [TOP_BY_ROUND_TRIP] = "round trip",
        [TOP_BY_RECONNECTS] = "reconnects",
    };
    return names[order];
}

/* ---- looking */

static void keep_lag(struct top_row *row)
{
    const struct hws_stage_lag *total = &row->now.stages[HWS_STAGE_TOTAL];
    const struct hws_stage_lag *own = &row->now.stages[HWS_STAGE_PROCESSING];
    const struct hws_stage_lag *lag = total->count ? total : own;
    bool came = row->now.messages_in > row->last_messages;
    int64_t last = lag->last < 0 ? 0 : lag->last;
    row->lags[row->looks++ % TOP_HISTORY] = came ? last : -1;
    row->last_messages = row->now.messages_in;
}

static void keep_bytes(struct top_row *row, hws_time passed)
{
    row->bytes_rate =
        (double)(row->now.bytes_in - row->last_bytes) * 1e9 / (double)passed;
    row->last_bytes = row->now.bytes_in;
}

/* Rates and the history are of seconds, not of events in between. */
static void keep(struct top_row *row)
{
    hws_time passed = row->now.at - row->last_at;
    if (passed < LOOK_MIN)
        return;
    keep_bytes(row, passed);
    keep_lag(row);
    row->last_at = row->now.at;
}

void top_row_told(struct top_row *row)
{
    snprintf(row->verdict_text, sizeof(row->verdict_text), "%s",
             row->now.verdict_text);
    snprintf(row->fault_text, sizeof(row->fault_text), "%s",
             row->now.last_fault->status ? row->now.last_fault->text : "");
    keep(row);
}

static void look(struct top_row *row)
{
    hws_client_snapshot(row->client, &row->now);
    snprintf(row->state, sizeof(row->state), "%s",
             hws_client_state_name(hws_client_get_state(row->client)));
    snprintf(row->url, sizeof(row->url), "%s", hws_client_get_url(row->client));
    top_row_told(row);
}

void top_look(struct top *top)
{
    for (size_t i = 0; i < top->count; i++)
        if (top->rows[i].client)
            look(&top->rows[i]);
    top_sort(top);
}

/* ---- rows that come and go */

struct top_row *top_add(struct top *top)
{
    size_t at = top->count++;
    top->rows = memory_resize(top->rows, top->count * sizeof(*top->rows));
    top->order = memory_resize(top->order, top->count * sizeof(*top->order));
    memset(&top->rows[at], 0, sizeof(top->rows[at]));
    top->order[at] = at;
    return &top->rows[at];
}

void top_drop_unseen(struct top *top)
{
    size_t kept = 0;
    for (size_t i = 0; i < top->count; i++)
        if (top->rows[i].seen)
            top->rows[kept++] = top->rows[i];
    if (kept == top->count)
        return;
    top->count = kept;
    top->selected = 0;
    for (size_t i = 0; i < kept; i++)
        top->order[i] = i;
}

/* ---- order */

static double weight(const struct top_row *row, enum top_order by)
{
    switch (by) {
    case TOP_BY_RATE:
        return -row->now.message_rate;
    case TOP_BY_LAG:
        return -(double)row->now.stages[HWS_STAGE_TOTAL].p99;
    case TOP_BY_ROUND_TRIP:
        return row->now.round_trip_last == HWS_NEVER
                   ? 1
                   : -(double)row->now.round_trip_last;
    case TOP_BY_RECONNECTS:
        return -(double)row->now.connections;
    default:
        return row->number;
    }
}

/* Whether `a` stands before `b`. */
static bool is_before(const struct top *top, size_t a, size_t b)
{
    double x = weight(&top->rows[a], top->by);
    double y = weight(&top->rows[b], top->by);
    if (x != y)
        return top->reversed ? x > y : x < y;
    return a < b;
}

/* The selection stays on its connection. Few rows, nearly in order. */
void top_sort(struct top *top)
{
    size_t chosen = top->count ? top->order[top->selected] : 0;
    for (size_t i = 1; i < top->count; i++) {
        size_t moving = top->order[i], at = i;
        for (; at > 0 && is_before(top, moving, top->order[at - 1]); at--)
            top->order[at] = top->order[at - 1];
        top->order[at] = moving;
    }
    for (size_t i = 0; i < top->count; i++)
        if (top->order[i] == chosen)
            top->selected = i;
}

struct top_row *top_selected(struct top *top)
{
    if (top->count == 0)
        return NULL;
    return &top->rows[top->order[top->selected]];
}

void top_move(struct top *top, int rows)
{
    size_t last = top->count ? top->count - 1 : 0, by = (size_t)abs(rows);
    if (rows < 0)
        top->selected -= by > top->selected ? top->selected : by;
    else
        top->selected += by > last - top->selected ? last - top->selected : by;
}

/* ---- the log */

static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

void top_log(struct top *top, hws_time realtime, unsigned number,
             const char *format, ...)
{
    char *line = top->log[top->logged++ % TOP_LOG];
    time_t seconds = (time_t)(realtime / HWS_S(1));
    struct tm now;
    va_list arguments;
    localtime_r(&seconds, &now);
    int used = snprintf(line, TOP_LOG_MAX, "%02d:%02d:%02d [%u] ", now.tm_hour,
                        now.tm_min, now.tm_sec, number);
    va_start(arguments, format);
    vsnprintf(line + used, TOP_LOG_MAX - (size_t)used, format, arguments);
    va_end(arguments);
    make_printable(line);
}
