#include "attach.h"

#include "command.h"
#include "memory.h"
#include "options.h"

#include "hawser/control.h"
#include "hawser/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_SIZE ((size_t)1 << 20)
#define READ_SIZE 65536
#define PATIENCE 3 /* looks without an answer */

struct attach {
    struct hws_loop *loop;
    struct hws_link *link;
    struct hws_watch watch;
    struct top *top;
    attach_news *news;
    void *user;
    char *bytes; /* that came and are no whole line */
    size_t size;
    unsigned long expected; /* rows of the present answer still to come */
    unsigned unanswered;    /* looks that were asked for since */
    unsigned next_number;
};

static hws_time realtime(const struct attach *a)
{
    return hws_loop_clock(a->loop, HWS_CLOCK_REALTIME);
}

/* ---- rows */

static struct top_row *row_of(struct attach *a, uint64_t id)
{
    for (size_t i = 0; i < a->top->count; i++)
        if (a->top->rows[i].id == id)
            return &a->top->rows[i];
    struct top_row *row = top_add(a->top);
    row->id = id;
    row->number = ++a->next_number;
    return row;
}

/* What became different between two looks. */
static void log_news(struct attach *a, const struct top_row *row,
                     const struct hws_control_line *line)
{
    const struct hws_snapshot *was = &row->now, *is = &line->snapshot;
    if (was->at == 0)
        return;
    if (is->failures > was->failures)
        top_log(a->top, realtime(a), row->number, "down: %s",
                line->last_fault.text);
    if (is->connections > was->connections)
        top_log(a->top, realtime(a), row->number, "up: connection %llu",
                (unsigned long long)is->connections);
    if (is->verdict != was->verdict)
        top_log(a->top, realtime(a), row->number, "verdict %s%s%s",
                hws_verdict_name(is->verdict),
                line->verdict_text[0] ? ": " : "", line->verdict_text);
    if (is->pongs_in > was->pongs_in)
        top_log(a->top, realtime(a), row->number, "pong after %.3f ms",
                (double)is->round_trip_last / 1e6);
}

static void take_row(struct attach *a, const struct hws_control_line *line)
{
    struct top_row *row = row_of(a, line->id);
    log_news(a, row, line);
    row->seen = true;
    row->paused = line->paused;
    row->now = line->snapshot;
    snprintf(row->state, sizeof(row->state), "%s", line->state);
    snprintf(row->url, sizeof(row->url), "%.*s", (int)sizeof(row->url) - 1,
             line->url);
    top_row_told(row);
}

static void finish(struct attach *a)
{
    top_drop_unseen(a->top);
    top_sort(a->top);
    a->unanswered = 0;
    a->news(a->user, NULL);
}

/* ---- lines */

static void begin_answer(struct attach *a, const char *count)
{
    a->expected = strtoul(count, NULL, 10);
    for (size_t i = 0; i < a->top->count; i++)
        a->top->rows[i].seen = false;
    if (a->expected == 0)
        finish(a);
}

/* `line` ends with NUL in place of its line end. */
static void take_line(struct attach *a, const char *line)
{
    static const char head[] = "\"connections\":", error[] = "{\"error\":";
    struct hws_control_line row;
    const char *count;
    if (a->expected > 0) {
        if (hws_control_read(hws_span_text(line), &row) == 0)
            take_row(a, &row);
        if (--a->expected == 0)
            finish(a);
    } else if (strncmp(line, error, strlen(error)) == 0) {
        top_log(a->top, realtime(a), 0, "%s", line + strlen(error));
    } else if ((count = strstr(line, head)) != NULL) {
        begin_answer(a, count + strlen(head));
    }
}

static void take_lines(struct attach *a)
{
    size_t done = 0;
    char *end;
    while ((end = memchr(a->bytes + done, '\n', a->size - done)) != NULL) {
        *end = '\0';
        take_line(a, a->bytes + done);
        done = (size_t)(end - a->bytes) + 1;
    }
    a->size -= done;
    memmove(a->bytes, a->bytes + done, a->size);
}

static void attach_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct attach *a = (void *)((char *)watch - offsetof(struct attach, watch));
    ptrdiff_t got = 0;
    (void)ready;
    (void)now;
    while (a->size < LINE_MAX_SIZE) {
        a->bytes = memory_resize(a->bytes, a->size + READ_SIZE);
        got = hws_link_read(a->link, (uint8_t *)a->bytes + a->size, READ_SIZE);
        if (got <= 0)
            break;
        a->size += (size_t)got;
        take_lines(a);
    }
    if (got == HWS_E_AGAIN)
        return;
    hws_loop_watch(a->loop, &a->watch, a->watch.fd, 0);
    a->news(a->user, got > 0 ? "says what is no answer" : "went away");
}

/* ---- words */

static void say(struct attach *a, const char *text)
{
    struct hws_span bytes = hws_span_text(text);
    /* The kernel takes a few words at once, or the program does not listen. */
    hws_link_write(a->link, bytes.data, bytes.size);
}

void attach_look(struct attach *a)
{
    if (a->unanswered++ == 0)
        say(a, "look\n");
    if (a->unanswered == PATIENCE)
        top_log(a->top, realtime(a), 0,
                "no answer: the loop of the program is busy or stopped");
}

void attach_say(struct attach *a, const char *word, uint64_t id)
{
    char line[64];
    snprintf(line, sizeof(line), "%s %llu\n", word, (unsigned long long)id);
    say(a, line);
}

/* ---- its life */

static int complain(const char *why)
{
    fprintf(stderr, "hawser top: %s\n", why);
    return COMMAND_LOCAL;
}

int attach_begin(struct attach **attach, struct hws_loop *loop,
                 const char *path, struct top *top)
{
    struct hws_want wants[HWS_WANTS_MAX];
    struct attach *a = memory_new(1, sizeof(*a));
    *attach = a;
    a->loop = loop;
    a->top = top;
    a->link = hws_unix_new(path);
    if (!a->link)
        return complain("no memory");
    if (hws_link_open(a->link, hws_loop_clock(loop, HWS_CLOCK_MONOTONIC)) != 0)
        return complain(a->link->fault.status
                            ? a->link->fault.text
                            : "the program at the control socket is busy");
    a->watch.ready = attach_ready;
    hws_link_wants(a->link, wants);
    if (hws_loop_watch(loop, &a->watch, wants[0].fd, HWS_READ) != 0)
        return complain("cannot watch the control socket");
    return OPTIONS_GOOD;
}

void attach_tell(struct attach *a, attach_news *news, void *user)
{
    a->news = news;
    a->user = user;
}

void attach_free(struct attach *a)
{
    if (!a)
        return;
    if (a->watch.interest)
        hws_loop_watch(a->loop, &a->watch, a->watch.fd, 0);
    hws_link_free(a->link);
    memory_free(a->bytes);
    memory_free(a);
}
