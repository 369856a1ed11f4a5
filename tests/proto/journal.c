#include "journal.h"

#include <stdlib.h>

void journal_add(struct journal *j, const struct paper *line)
{
    assert_true(j->count < LINES_MAX);
    j->lines[j->count++] = strdup((const char *)line->bytes);
}

void journal_take(struct journal *j)
{
    free(j->lines[0]);
    j->count--;
    memmove(j->lines, j->lines + 1, j->count * sizeof(j->lines[0]));
}

void journal_clear(struct journal *j)
{
    while (j->count)
        journal_take(j);
}

static const char *party_name(enum hws_party party)
{
    static const char *const names[] = {"none", "local", "peer", "network"};
    return names[party];
}

/* "'ab'..." and then "...'cd'" are one "'abcd'", however they were cut. */
static bool join_chunk(struct journal *j, const char *word,
                       const struct hws_event *event)
{
    if (event->message.first || j->count == 0)
        return false;
    char *before = j->lines[j->count - 1];
    size_t size = strlen(before);
    if (strncmp(before, word, strlen(word)) != 0 || size < 3 ||
        strcmp(before + size - 3, "...") != 0)
        return false;
    struct paper joined = {0}, payload = {0};
    const char *rest = strchr(before, '\'');
    paper_add(&joined, before, (size_t)(rest - before));
    words_payload(&rest, &payload);
    paper_add(&payload, event->message.data.data, event->message.data.size);
    paper_quote(&joined, payload.bytes, payload.size);
    if (!event->message.last)
        paper_print(&joined, "...");
    free(before);
    j->count--;
    journal_add(j, &joined);
    paper_free(&joined);
    paper_free(&payload);
    return true;
}

static void write_message(struct journal *j, const struct hws_event *event,
                          struct paper *line)
{
    const char *word = event->message.opcode == HWS_TEXT ? "text" : "binary";
    if (join_chunk(j, word, event))
        return;
    paper_print(line, "%s %s", word, event->message.first ? "" : "...");
    paper_quote(line, event->message.data.data, event->message.data.size);
    if (!event->message.last)
        paper_print(line, "...");
}

static void write_control(const struct hws_event *event, struct paper *line)
{
    paper_print(line, "%s ", hws_event_name(event->kind));
    paper_quote(line, event->control.data.data, event->control.data.size);
    if (event->control.round_trip != HWS_NEVER)
        paper_print(line, " %.3gs", (double)event->control.round_trip / 1e9);
}

static void write_reason(struct paper *line, struct hws_span reason)
{
    if (reason.size) {
        paper_print(line, " ");
        paper_quote(line, reason.data, reason.size);
    }
}

static void write_down(const struct hws_event *event, struct paper *line)
{
    const struct hws_fault *fault = event->down.fault;
    paper_print(line, "down %s %s by %s sent %u got %u",
                hws_status_name(fault->status), hws_phase_name(fault->phase),
                party_name(event->down.by), event->down.sent_code,
                event->down.received_code);
    write_reason(line, event->down.reason);
    if (event->down.clean)
        paper_print(line, " clean");
    if (event->down.truncated)
        paper_print(line, " truncated");
    if (event->down.unsent_messages)
        paper_print(line, " unsent %llu",
                    (unsigned long long)event->down.unsent_messages);
    paper_print(line, ": %s", fault->text);
    if (event->down.body.size) {
        paper_print(line, " body");
        write_reason(line, event->down.body);
    }
}

void journal_event(struct journal *j, const struct hws_event *event)
{
    struct paper line = {0};
    switch (event->kind) {
    case HWS_UP:
        paper_print(&line, "up");
        write_reason(&line, event->up.subprotocol);
        break;
    case HWS_REQUEST:
        paper_print(&line, "request");
        write_reason(&line, event->request.path);
        break;
    case HWS_MESSAGE:
        write_message(j, event, &line);
        break;
    case HWS_PING:
    case HWS_PONG:
        write_control(event, &line);
        break;
    case HWS_CLOSING:
        paper_print(&line, "closing %s %u", party_name(event->closing.by),
                    event->closing.code);
        if (event->closing.by == HWS_PARTY_PEER)
            write_reason(&line, event->closing.reason);
        break;
    case HWS_DOWN:
        write_down(event, &line);
        break;
    default:
        paper_print(&line, "%s", hws_event_name(event->kind));
    }
    if (line.size)
        journal_add(j, &line);
    paper_free(&line);
}
