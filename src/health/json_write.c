#include "json_write.h"

#include "base/span.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

void hwi_json_put(struct hwi_json *j, const char *text)
{
    size_t length = strlen(text);
    if (j->used < j->size && length < j->size - j->used)
        memcpy(j->text + j->used, text, length + 1);
    j->used += length;
}

void hwi_json_name(struct hwi_json *j, const char *name)
{
    hwi_json_put(j, j->begun ? ",\"" : "\"");
    hwi_json_put(j, name);
    hwi_json_put(j, "\":");
    j->begun = true;
}

void hwi_json_count(struct hwi_json *j, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    hwi_json_name(j, name);
    hwi_json_put(j, text);
}

void hwi_json_signed(struct hwi_json *j, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    hwi_json_name(j, name);
    hwi_json_put(j, text);
}

void hwi_json_time(struct hwi_json *j, const char *name, hws_time value)
{
    if (value != HWS_NEVER) {
        hwi_json_signed(j, name, value);
        return;
    }
    hwi_json_name(j, name);
    hwi_json_put(j, "null");
}

void hwi_json_bool(struct hwi_json *j, const char *name, bool value)
{
    hwi_json_name(j, name);
    hwi_json_put(j, value ? "true" : "false");
}

void hwi_json_rate(struct hwi_json *j, const char *name, double value)
{
    char text[40];
    uint64_t milli = (uint64_t)(value * 1000 + 0.5);
    snprintf(text, sizeof(text), "%" PRIu64 ".%03u", milli / 1000,
             (unsigned)(milli % 1000));
    hwi_json_name(j, name);
    hwi_json_put(j, text);
}

void hwi_json_seconds(struct hwi_json *j, const char *name, hws_time value)
{
    char text[40];
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    snprintf(text, sizeof(text), "%s%" PRIu64 ".%09" PRIu64,
             value < 0 ? "-" : "", size / HWS_S(1), size % HWS_S(1));
    hwi_json_name(j, name);
    hwi_json_put(j, value == HWS_NEVER ? "null" : text);
}

static void put_byte(struct hwi_json *j, uint8_t byte)
{
    char one[3] = {(char)byte, '\0', '\0'};
    if (byte == '"' || byte == '\\') {
        one[0] = '\\';
        one[1] = (char)byte;
    } else if (byte < 0x20 || byte == 0x7f) {
        one[0] = '?';
    }
    hwi_json_put(j, one);
}

void hwi_json_span(struct hwi_json *j, const char *name, struct hws_span value)
{
    bool is_text = hwi_utf8_valid(value);
    hwi_json_name(j, name);
    hwi_json_put(j, "\"");
    for (size_t i = 0; i < value.size; i++) {
        uint8_t byte = value.data[i];
        put_byte(j, byte >= 0x80 && !is_text ? '?' : byte);
    }
    hwi_json_put(j, "\"");
}

void hwi_json_text(struct hwi_json *j, const char *name, const char *value)
{
    hwi_json_span(j, name, hws_span_text(value));
}

void hwi_json_open(struct hwi_json *j, const char *name)
{
    hwi_json_name(j, name);
    hwi_json_put(j, "{");
    j->begun = false;
}

void hwi_json_close(struct hwi_json *j)
{
    hwi_json_put(j, "}");
    j->begun = true;
}

int hwi_json_length(const struct hwi_json *j)
{
    return j->used < j->size ? (int)j->used : HWS_E_TOO_BIG;
}
