/* "/data/T:ms": a JSON pointer and the unit of the number that it leads to. */
#include "hawser/health.h"

#include "base/mem.h"
#include "base/status.h"
#include "decimal.h"
#include "json_pointer.h"

struct hws_time_field {
    enum hws_time_unit unit;
    struct hwi_json_pointer *pointer;
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

struct hws_time_field *hws_time_field_new(const char *text,
                                          struct hws_fault *fault)
{
    if (!text) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                      "time field: no text");
        return NULL;
    }
    struct hws_time_field *field = hwi_alloc_zero(sizeof(*field));
    if (!field) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a time field");
        return NULL;
    }
    if (read_unit(field, text, fault) != HWS_OK)
        goto fail;
    field->pointer =
        hwi_json_pointer_new("time field", text, unit_at(text), fault);
    if (field->pointer)
        return field;
fail:
    hws_time_field_free(field);
    return NULL;
}

void hws_time_field_free(struct hws_time_field *field)
{
    if (!field)
        return;
    hwi_json_pointer_free(field->pointer);
    hwi_free(field);
}

bool hws_time_field_read(const struct hws_time_field *field,
                         struct hws_span json, hws_time *at)
{
    struct hwi_json_value value;
    if (!hwi_json_pointer_find(field->pointer, json, &value))
        return false;
    if (field->unit == HWS_UNIT_ISO)
        return value.is_string && hwi_iso8601_read(value.text, at);
    return hwi_number_read(value.text, units[field->unit].power, at);
}
