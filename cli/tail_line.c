/* What tail does with one event of one connection, and its totals. */
#include "tail.h"

#include "message.h"
#include "units.h"

#include <inttypes.h>

/* The time of a read by the wall clock; asked once for all of its messages. */
static hws_time line_realtime(struct tail *tail, hws_time at)
{
    if (at != tail->read_at) {
        hws_time now = hws_loop_clock(tail->loop, HWS_CLOCK_MONOTONIC);
        hws_time wall = hws_loop_clock(tail->loop, HWS_CLOCK_REALTIME);
        tail->read_at = at;
        tail->read_realtime = wall - (now - at);
    }
    return tail->read_realtime;
}

static hws_time line_lag(struct tail *tail, struct hws_span data,
                         hws_time realtime)
{
    hws_time event_time;
    if (!tail->field)
        return HWS_NEVER;
    if (!hws_time_field_read(tail->field, data, &event_time)) {
        tail->lag_missing++;
        return HWS_NEVER;
    }
    hws_histogram_note(tail->lag, realtime - event_time);
    return realtime - event_time;
}

static void line_message(struct tail_line *line, const struct hws_event *event)
{
    struct tail *tail = line->tail;
    struct hws_span data = event->message.data;
    hws_time realtime = line_realtime(tail, event->at);
    const struct message_line message = {
        .connection = line->number,
        .url = hws_client_get_url(line->client),
        .realtime = realtime,
        .opcode = (enum hws_opcode)event->message.opcode,
        .data = data,
        .lag_asked = tail->field != NULL,
        .lag = line_lag(tail, data, realtime),
    };
    if (tail->options.json)
        message_print_json(&tail->out, &message);
    else
        message_print(&tail->out, &message, tail->marks.numbered);
    tail->messages++;
    tail->bytes += data.size;
    if (tail->messages == tail->options.count)
        stopper_stop(&tail->stopper);
}

static void line_down(struct tail_line *line, const struct hws_event *event)
{
    struct tail *tail = line->tail;
    if (!tail->stopper.stopped) {
        mark_down(&tail->marks, line->number, event,
                  hws_loop_clock(tail->loop, HWS_CLOCK_MONOTONIC));
        line->failed = event->down.final && !target_ended_well(event);
    }
    if (event->down.final && !line->final) {
        line->final = true;
        tail->final_count++;
    }
}

void tail_event(struct hws_client *client, const struct hws_event *event,
                void *user)
{
    struct tail_line *line = user;
    struct tail *tail = line->tail;
    target_note(&tail->target, tail->loop, client, line->number, event);
    switch (event->kind) {
    case HWS_UP:
        line->connections++;
        mark_up(&tail->marks, line->number, hws_client_get_url(client), event);
        break;
    case HWS_MESSAGE:
        /* After --count, what came with the last message is not shown. */
        if (!tail->stopper.stopped)
            line_message(line, event);
        break;
    case HWS_REDIRECT:
        mark_redirect(&tail->marks, line->number, event,
                      hws_loop_clock(tail->loop, HWS_CLOCK_MONOTONIC));
        break;
    case HWS_WARNING:
        mark_warning(&tail->marks, line->number, event);
        break;
    case HWS_STALE:
    case HWS_FRESH:
        mark_channel(&tail->marks, line->number, event);
        break;
    case HWS_VERDICT:
        if (tail->options.verdict)
            mark_verdict(&tail->marks, line->number, event);
        break;
    case HWS_DOWN:
        line_down(line, event);
        break;
    default:
        break;
    }
}

static void summary_lag(struct tail *tail)
{
    static const double percents[] = {50, 99, 100};
    static const char *const names[] = {"p50", "p99", "max"};
    char text[UNITS_TEXT_MAX];
    output_text(&tail->err, "; lag");
    for (size_t i = 0; i < 3; i++)
        output_format(&tail->err, " %s %s", names[i],
                      units_delay(text, hws_histogram_percentile(tail->lag,
                                                                 percents[i])));
    if (tail->lag_missing)
        output_format(&tail->err, ", %" PRIu64 " without an event time",
                      tail->lag_missing);
}

void tail_summary(struct tail *tail)
{
    struct output *err = &tail->err;
    char size[UNITS_TEXT_MAX], time[UNITS_TEXT_MAX];
    uint64_t again = 0;
    if (tail->marks.quiet)
        return;
    for (size_t i = 0; i < tail->line_count; i++)
        if (tail->lines[i].connections > 1)
            again += tail->lines[i].connections - 1;
    hws_time now = hws_loop_clock(tail->loop, HWS_CLOCK_MONOTONIC);
    output_format(
        err, "-- %" PRIu64 " message%s, %s in %s; %" PRIu64 " reconnect%s",
        tail->messages, units_plural(tail->messages),
        units_size(size, tail->bytes), units_delay(time, now - tail->begun),
        again, units_plural(again));
    if (tail->field)
        summary_lag(tail);
    output_text(err, "\n");
}
