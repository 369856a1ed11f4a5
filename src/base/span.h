/*
 * Questions about borrowed bytes. Nothing here keeps, changes or allocates.
 */
#ifndef HWI_SPAN_H
#define HWI_SPAN_H

#include "hawser/types.h"

#include <string.h>

static inline struct hws_span hwi_span(const void *data, size_t size)
{
    return (struct hws_span){.data = data, .size = size};
}

/* The part from `at`, at most `size` bytes; clipped to the span. */
static inline struct hws_span hwi_span_part(struct hws_span s, size_t at,
                                            size_t size)
{
    if (at > s.size)
        at = s.size;
    if (size > s.size - at)
        size = s.size - at;
    /* NULL plus 0 is not defined in C. */
    return hwi_span(at ? s.data + at : s.data, size);
}

bool hwi_span_equal(struct hws_span a, struct hws_span b);
bool hwi_span_is(struct hws_span a, const char *text);
/* ASCII letters compare alike in either case. */
bool hwi_span_is_nocase(struct hws_span a, const char *text);
bool hwi_span_equal_nocase(struct hws_span a, struct hws_span b);
/* Without spaces and tabs at both ends. */
struct hws_span hwi_span_trim(struct hws_span s);
/* Index of byte `c`, or s.size. */
size_t hwi_span_find(struct hws_span s, uint8_t c);
/* Take the next element of a comma-separated list off `list`, trimmed. False
 * at the end. Empty elements are skipped. Commas in quotes do not separate. */
bool hwi_span_next_element(struct hws_span *list, struct hws_span *element);
/* Decimal digits only, at most `max`. False for anything else. */
bool hwi_span_number(struct hws_span s, uint64_t max, uint64_t *value);

#endif
