#include "message.h"

#include "json.h"
#include "units.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define HEX_SHOWN ((size_t)64)

static void print_binary(struct output *out, struct hws_span data)
{
    size_t shown = data.size < HEX_SHOWN ? data.size : HEX_SHOWN;
    output_format(out, "(binary, %zu byte%s)", data.size,
                  units_plural(data.size));
    for (size_t i = 0; i < shown; i++)
        output_format(out, " %02x", data.data[i]);
    if (shown < data.size)
        output_text(out, " ...");
}

static void print_lag(struct output *out, hws_time lag)
{
    char text[UNITS_TEXT_MAX];
    output_colour(out, "2");
    output_format(out, "[lag %s] ", units_delay(text, lag));
    output_plain(out);
}

void message_print(struct output *out, const struct message_line *line,
                   bool numbered)
{
    if (numbered) {
        output_colour(out, "36");
        output_format(out, "[%u] ", line->connection);
        output_plain(out);
    }
    if (line->lag_asked)
        print_lag(out, line->lag);
    if (line->opcode == HWS_TEXT)
        output_escaped(out, line->data);
    else
        print_binary(out, line->data);
    output_text(out, "\n");
}

/* RFC 3339 in UTC with nanoseconds. */
static void json_time(struct json *j, const char *key, hws_time realtime)
{
    char text[64], whole[32];
    time_t seconds = (time_t)(realtime / HWS_S(1));
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, sizeof text, "%s.%09ldZ", whole,
             (long)(realtime % HWS_S(1)));
    json_text(j, key, hws_span_text(text));
}

void message_print_json(struct output *out, const struct message_line *line)
{
    struct json j = {.out = out};
    bool text = line->opcode == HWS_TEXT;
    json_open(&j, NULL);
    json_time(&j, "time", line->realtime);
    json_integer(&j, "time_ns", line->realtime);
    json_integer(&j, "connection", line->connection);
    json_text(&j, "url", hws_span_text(line->url));
    json_text(&j, "kind", hws_span_text(text ? "text" : "binary"));
    json_integer(&j, "size", (int64_t)line->data.size);
    if (text)
        json_text(&j, "text", line->data);
    else
        json_base64(&j, "base64", line->data);
    if (line->lag_asked)
        json_ms(&j, "lag_ms", line->lag);
    json_end(&j);
}
