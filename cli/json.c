#include "json.h"

#include <inttypes.h>

static void json_begin(struct json *j, const char *key)
{
    if (j->comma)
        output_text(j->out, ",");
    j->comma = true;
    if (key)
        output_format(j->out, "\"%s\":", key);
}

void json_open(struct json *j, const char *key)
{
    json_begin(j, key);
    output_text(j->out, "{");
    j->comma = false;
}

void json_close(struct json *j)
{
    output_text(j->out, "}");
    j->comma = true;
}

void json_open_list(struct json *j, const char *key)
{
    json_begin(j, key);
    output_text(j->out, "[");
    j->comma = false;
}

void json_close_list(struct json *j)
{
    output_text(j->out, "]");
    j->comma = true;
}

void json_end(struct json *j)
{
    output_text(j->out, "}\n");
    j->comma = false;
}

static void json_point(struct output *out, long point)
{
    if (point < 0)
        output_text(out, "\\ufffd");
    else if (point == '"' || point == '\\')
        output_format(out, "\\%c", (int)point);
    else if (point == '\n')
        output_text(out, "\\n");
    else if (point < 0x10000)
        output_format(out, "\\u%04lx", (unsigned long)point);
    else
        output_format(out, "\\u%04lx\\u%04lx",
                      (unsigned long)(0xd800 + ((point - 0x10000) >> 10)),
                      (unsigned long)(0xdc00 + ((point - 0x10000) & 0x3ff)));
}

void json_text(struct json *j, const char *key, struct hws_span text)
{
    const uint8_t *plain = text.data;
    json_begin(j, key);
    output_text(j->out, "\"");
    while (text.size > 0) {
        const uint8_t *at = text.data;
        long point = output_next_point(&text);
        if (point != '"' && point != '\\' && !output_is_hostile(point))
            continue;
        output_bytes(j->out, plain, (size_t)(at - plain));
        json_point(j->out, point);
        plain = text.data;
    }
    if (plain)
        output_bytes(j->out, plain, (size_t)(text.data - plain));
    output_text(j->out, "\"");
}

/* RFC 4648 section 4; the last group may hold one or two bytes. */
static void base64_group(struct output *out, const uint8_t *in, size_t size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = (unsigned)in[0] << 16;
    bits |= size > 1 ? (unsigned)in[1] << 8 : 0;
    bits |= size > 2 ? (unsigned)in[2] : 0;
    const char text[4] = {
        letters[bits >> 18],
        letters[(bits >> 12) & 63],
        size > 1 ? letters[(bits >> 6) & 63] : '=',
        size > 2 ? letters[bits & 63] : '=',
    };
    output_bytes(out, text, sizeof text);
}

void json_base64(struct json *j, const char *key, struct hws_span bytes)
{
    json_begin(j, key);
    output_text(j->out, "\"");
    for (size_t at = 0; at < bytes.size; at += 3) {
        size_t left = bytes.size - at;
        base64_group(j->out, bytes.data + at, left < 3 ? left : 3);
    }
    output_text(j->out, "\"");
}

void json_integer(struct json *j, const char *key, int64_t value)
{
    json_begin(j, key);
    output_format(j->out, "%" PRId64, value);
}

void json_number(struct json *j, const char *key, double value)
{
    json_begin(j, key);
    output_format(j->out, "%.3f", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    json_begin(j, key);
    output_text(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    json_begin(j, key);
    output_text(j->out, "null");
}

void json_ms(struct json *j, const char *key, hws_time delay)
{
    if (delay == HWS_NEVER)
        json_null(j, key);
    else
        json_number(j, key, (double)delay / 1e6);
}
