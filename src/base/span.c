#include "base/span.h"

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

struct hws_span hws_span_text(const char *text)
{
    return hwi_span(text, text ? strlen(text) : 0);
}

bool hwi_span_equal(struct hws_span a, struct hws_span b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool hwi_span_is(struct hws_span a, const char *text)
{
    return hwi_span_equal(a, hws_span_text(text));
}

bool hwi_span_equal_nocase(struct hws_span a, struct hws_span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    }
    return true;
}

bool hwi_span_is_nocase(struct hws_span a, const char *text)
{
    return hwi_span_equal_nocase(a, hws_span_text(text));
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct hws_span hwi_span_trim(struct hws_span s)
{
    while (s.size && is_blank(s.data[0]))
        s = hwi_span(s.data + 1, s.size - 1);
    while (s.size && is_blank(s.data[s.size - 1]))
        s.size--;
    return s;
}

size_t hwi_span_find(struct hws_span s, uint8_t c)
{
    const uint8_t *found = s.size ? memchr(s.data, c, s.size) : NULL;
    return found ? (size_t)(found - s.data) : s.size;
}

/* Where the element at the front of `s` ends: at a comma outside quotes. */
static size_t element_end(struct hws_span s)
{
    bool quoted = false;
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\')
            i++;
        else if (!quoted && c == ',')
            return i;
    }
    return s.size;
}

bool hwi_span_next_element(struct hws_span *list, struct hws_span *element)
{
    while (list->size) {
        size_t end = element_end(*list);
        *element = hwi_span_trim(hwi_span_part(*list, 0, end));
        *list = hwi_span_part(*list, end + 1, list->size);
        if (element->size)
            return true;
    }
    return false;
}

bool hwi_span_number(struct hws_span s, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;
    if (s.size == 0)
        return false;
    for (size_t i = 0; i < s.size; i++) {
        unsigned digit = (unsigned)s.data[i] - '0';
        if (digit > 9 || sum > (max - digit) / 10 || digit > max)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}
