/*
 * The event time inside a message: a pointer on the first line, then JSON.
 * Nothing is promised about bad JSON but that it is survived.
 */
#include "fuzz.h"

#include "hawser/health.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[128];
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    if (!end || (size_t)(end - data) >= sizeof(text))
        return 0;
    memcpy(text, data, (size_t)(end - data));
    text[end - data] = '\0';
    struct hws_fault fault = {.text = ""};
    struct hws_time_field *field = hws_time_field_new(text, &fault);
    if (!field) {
        FUZZ_CHECK(fault.text[0]);
        return 0;
    }
    struct hws_span json = {end + 1, size - (size_t)(end + 1 - data)};
    hws_time at;
    hws_time_field_read(field, json, &at);
    hws_time_field_free(field);
    return 0;
}
