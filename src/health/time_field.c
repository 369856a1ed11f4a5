/* "/data/T:ms": a JSON pointer and the unit of the number that it leads to;
 * "@8:u64be:ns": the same of a place in a binary message; or a function. */
#include "hawser/health.h"

#include "base/mem.h"
#include "base/status.h"
#include "decimal.h"
#include "json_pointer.h"
#include "time_binary.h"

struct hws_time_field {
    enum hws_time_unit unit;
    struct hwi_json_pointer *pointer; /* NULL: not of a JSON text, but ... */
    struct hwi_time_binary binary;    /* ... of this, when it has a size, or */
    hws_time_reader *read;            /* of what this finds */
    void *user;
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

/* The colon stands `at`, or the end of the text. */
static int read_unit(struct hws_time_field *field, const char *text, size_t at,
                     struct hws_fault *fault)
{
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

static int read_binary(struct hws_time_field *field, const char *text,
                       struct hws_fault *fault)
{
    size_t end;
    const char *wrong = hwi_time_binary_parse(&field->binary, text, &end);
    if (wrong)
        return bad(fault, text, end, wrong);
    if (text[end] != '\0' && text[end] != ':')
        return bad(fault, text, end, "no unit follows");
    int status = read_unit(field, text, end, fault);
    if (status == HWS_OK && field->unit == HWS_UNIT_ISO)
        return bad(fault, text, end + 1, "a number has no unit iso");
    return status;
}

static int read_pointer(struct hws_time_field *field, const char *text,
                        struct hws_fault *fault)
{
    int status = read_unit(field, text, unit_at(text), fault);
    if (status != HWS_OK)
        return status;
    field->pointer =
        hwi_json_pointer_new("time field", text, unit_at(text), fault);
    return field->pointer ? HWS_OK : HWS_E_ARGUMENT;
}

static struct hws_time_field *field_new(struct hws_fault *fault)
{
    struct hws_time_field *field = hwi_alloc_zero(sizeof(*field));
    if (!field)
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a time field");
    return field;
}

struct hws_time_field *hws_time_field_call(hws_time_reader *read, void *user,
                                           struct hws_fault *fault)
{
    struct hws_time_field *field = field_new(fault);
    if (!field)
        return NULL;
    field->read = read;
    field->user = user;
    return field;
}

struct hws_time_field *hws_time_field_new(const char *text,
                                          struct hws_fault *fault)
{
    if (!text) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                      "time field: no text");
        return NULL;
    }
    struct hws_time_field *field = field_new(fault);
    if (!field)
        return NULL;
    int status = text[0] == '@' ? read_binary(field, text, fault)
                                : read_pointer(field, text, fault);
    if (status == HWS_OK)
        return field;
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
                         struct hws_span message, hws_time *at)
{
    struct hwi_json_value value;
    if (field->read)
        return field->read(message, at, field->user);
    if (field->binary.size)
        return hwi_time_binary_read(&field->binary, message,
                                    units[field->unit].power, at);
    if (!hwi_json_pointer_find(field->pointer, message, &value))
        return false;
    if (field->unit == HWS_UNIT_ISO)
        return value.is_string && hwi_iso8601_read(value.text, at);
    return hwi_number_read(value.text, units[field->unit].power, at);
}
