#include "metrics_text.h"

#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SNAPSHOT_MAX 8192

char *metrics_text(const struct metrics_line *lines, size_t count,
                   enum hws_metrics_form form)
{
    struct hws_snapshot *snapshots = memory_new(count, sizeof(*snapshots));
    struct hws_metrics_line *rows = memory_new(count, sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        lines[i].snapshot(lines[i].owner, &snapshots[i]);
        rows[i] = (struct hws_metrics_line){
            .name = lines[i].name,
            .url = lines[i].url(lines[i].owner),
            .snapshot = &snapshots[i],
        };
    }
    char *text = NULL;
    size_t size = 8192;
    do {
        size *= 2;
        text = memory_resize(text, size);
    } while (hws_metrics_write(form, rows, count, text, size) < 0);
    memory_free(rows);
    memory_free(snapshots);
    return text;
}

/* ---- JSON */

struct text {
    char *bytes;
    size_t size, used;
};

static void put(struct text *t, const char *bytes, size_t size)
{
    if (t->size - t->used <= size) {
        t->size = (t->size + size) * 2 + 64;
        t->bytes = memory_resize(t->bytes, t->size);
    }
    memcpy(t->bytes + t->used, bytes, size);
    t->used += size;
    t->bytes[t->used] = '\0';
}

static void put_text(struct text *t, const char *text)
{
    put(t, text, strlen(text));
}

/* URLs, names and faults hold no control bytes. */
static void put_string(struct text *t, const char *key, const char *value)
{
    put_text(t, key);
    put_text(t, "\"");
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            put(t, "\\", 1);
        put(t, value, 1);
    }
    put_text(t, "\"");
}

static void put_line(struct text *t, const struct metrics_line *line)
{
    put_text(t, t->bytes[t->used - 1] == '[' ? "{" : ",{");
    put_string(t, "\"name\":", line->name);
    put_string(t, ",\"url\":", line->url(line->owner));
    put_string(t, ",\"state\":", line->state(line->owner));
}

char *metrics_json(const struct metrics_line *lines, size_t count)
{
    struct text t = {0};
    char snapshot_text[SNAPSHOT_MAX];
    put_text(&t, "{\"connections\":[");
    for (size_t i = 0; i < count; i++) {
        struct hws_snapshot snapshot;
        lines[i].snapshot(lines[i].owner, &snapshot);
        put_line(&t, &lines[i]);
        put_text(&t, ",\"snapshot\":");
        int size =
            hws_snapshot_json(&snapshot, snapshot_text, sizeof(snapshot_text));
        put_text(&t, size > 0 ? snapshot_text : "null");
        put_text(&t, "}");
    }
    put_text(&t, "]}\n");
    return t.bytes;
}

/* Why this connection is not healthy, or NULL. */
static const char *reason(const struct metrics_line *line, char *room,
                          size_t size)
{
    struct hws_snapshot s;
    line->snapshot(line->owner, &s);
    if (s.up_since == HWS_NEVER) {
        bool has_failed = s.last_fault->status != HWS_OK;
        snprintf(room, size, "down: %s",
                 has_failed ? s.last_fault->text : "not up yet");
        return room;
    }
    hws_time last = s.last_message_at;
    if (last == HWS_NEVER || last < s.up_since)
        last = s.up_since;
    if (s.at - last < line->stale)
        return NULL;
    snprintf(room, size, "stale: no data for %.1f s",
             (double)(s.at - last) / 1e9);
    return room;
}

char *metrics_health(const struct metrics_line *lines, size_t count,
                     bool *is_healthy)
{
    struct text t = {0}, all = {0};
    char room[256];
    *is_healthy = true;
    put_text(&t, "[");
    for (size_t i = 0; i < count; i++) {
        const char *why = reason(&lines[i], room, sizeof(room));
        put_line(&t, &lines[i]);
        if (why)
            put_string(&t, ",\"reason\":", why);
        put_text(&t, "}");
        *is_healthy = *is_healthy && !why;
    }
    put_text(&all, *is_healthy ? "{\"healthy\":true,\"connections\":"
                               : "{\"healthy\":false,\"connections\":");
    put_text(&all, t.bytes);
    put_text(&all, "]}\n");
    memory_free(t.bytes);
    return all.bytes;
}
