/*
 * "/data/T:ms": a JSON pointer (RFC 6901), unescaped once into steps, and the
 * unit of the number that it leads to.
 */
#include "hawser/health.h"

#include "base/mem.h"
#include "base/status.h"
#include "decimal.h"
#include "json_find.h"

#define DEPTH_MAX 64
#define TEXT_MAX 4096 /* bytes; keeps names within 16 bits */

struct hws_time_field {
    enum hws_time_unit unit;
    size_t depth;
    struct hwi_json_step steps[DEPTH_MAX];
    uint8_t names[]; /* unescaped, one behind the other */
};

static const struct {
    const char *name;
    enum hws_time_unit unit;
    int power; /* 10^power ns */
} units[] = {
    {"s", HWS_UNIT_S, 9},   {"ms", HWS_UNIT_MS, 6},   {"us", HWS_UNIT_US, 3},
    {"ns", HWS_UNIT_NS, 0}, {"iso", HWS_UNIT_ISO, 0},
};

static int bad(struct hws_fault *fault, const char *text, size_t at,
               const char *why)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "time field '%s': %s at byte %zu", text, why, at);
}

/* Where the unit's colon stands, or the end of the text. A colon before a
 * later '/' belongs to a name. */
static size_t unit_at(const char *text)
{
    const char *colon = strrchr(text, ':');
    return colon && !strchr(colon, '/') ? (size_t)(colon - text) : strlen(text);
}

static int read_unit(struct hws_time_field *field, const char *text,
                     struct hws_fault *fault)
{
    size_t at = unit_at(text);
    field->unit = HWS_UNIT_MS;
    if (text[at] == '\0')
        return HWS_OK;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + at + 1, units[i].name) == 0) {
            field->unit = units[i].unit;
            return HWS_OK;
        }
    }
    return bad(fault, text, at + 1, "unit is not s, ms, us, ns or iso");
}

/* "0", or digits without a leading zero (RFC 6901 section 4). */
static uint32_t index_of(struct hws_span name)
{
    uint64_t index;
    if (name.size > 1 && name.data[0] == '0')
        return HWI_JSON_NO_INDEX;
    if (!hwi_span_number(name, HWI_JSON_NO_INDEX - 1, &index))
        return HWI_JSON_NO_INDEX;
    return (uint32_t)index;
}

/* Unescape the step that begins at text[*at] to `name`. "~1" stands for '/',
 * "~0" for '~'. Returns the size, or -1 with *at on the wrong byte. */
static int unescape(const char *text, size_t *at, size_t end, uint8_t *name)
{
    int size = 0;
    for (; *at < end && text[*at] != '/'; ++*at) {
        char c = text[*at];
        if (c == '~') {
            char which = text[*at + 1];
            if (which != '0' && which != '1') /* NUL and ':' included */
                return -1;
            c = which == '0' ? '~' : '/';
            ++*at;
        }
        name[size++] = (uint8_t)c;
    }
    return size;
}

static int read_steps(struct hws_time_field *field, const char *text,
                      struct hws_fault *fault)
{
    size_t end = unit_at(text);
    uint8_t *name = field->names;
    size_t at = 0;
    while (at < end) {
        if (text[at] != '/')
            return bad(fault, text, at, "pointer does not begin with '/'");
        if (field->depth == DEPTH_MAX)
            return bad(fault, text, at, "more than 64 steps");
        at++;
        int size = unescape(text, &at, end, name);
        if (size < 0)
            return bad(fault, text, at, "'~' without 0 or 1");
        field->steps[field->depth++] = (struct hwi_json_step){
            .name = name,
            .size = (uint16_t)size,
            .index = index_of(hwi_span(name, (size_t)size)),
        };
        name += size;
    }
    return HWS_OK;
}

struct hws_time_field *hws_time_field_new(const char *text,
                                          struct hws_fault *fault)
{
    size_t size = text ? strlen(text) : 0;
    if (!text || size > TEXT_MAX) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, "time field: %s",
                      text ? "above 4,096 bytes" : "no text");
        return NULL;
    }
    struct hws_time_field *field = hwi_alloc_zero(sizeof(*field) + size);
    if (!field) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a time field");
        return NULL;
    }
    if (read_unit(field, text, fault) != HWS_OK ||
        read_steps(field, text, fault) != HWS_OK)
        goto fail;
    return field;
fail:
    hws_time_field_free(field);
    return NULL;
}

void hws_time_field_free(struct hws_time_field *field)
{
    hwi_free(field);
}

bool hws_time_field_read(const struct hws_time_field *field,
                         struct hws_span json, hws_time *at)
{
    struct hwi_json_value value;
    if (!hwi_json_find(json, field->steps, field->depth, &value))
        return false;
    if (field->unit == HWS_UNIT_ISO)
        return value.is_string && hwi_iso8601_read(value.text, at);
    return hwi_number_read(value.text, units[field->unit].power, at);
}
