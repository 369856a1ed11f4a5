/*
 * Questions about the headers of a head that was split, and about the bytes
 * that a name or a value may have.
 */
#include "base/http.h"

static bool is_token_byte(uint8_t c)
{
    bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                 (c >= 'a' && c <= 'z');
    return alnum || (c && strchr("!#$%&'*+-.^_`|~", c));
}

bool hwi_http_is_token(struct hws_span s)
{
    for (size_t i = 0; i < s.size; i++) {
        if (!is_token_byte(s.data[i]))
            return false;
    }
    return s.size > 0;
}

bool hwi_http_is_field_value(struct hws_span s)
{
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

const struct hwi_http_header *hwi_http_get(const struct hwi_http_head *head,
                                           const char *name)
{
    for (size_t i = 0; i < head->header_count; i++) {
        if (hwi_span_is_nocase(head->headers[i].name, name))
            return &head->headers[i];
    }
    return NULL;
}

size_t hwi_http_count(const struct hwi_http_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->header_count; i++)
        count += hwi_span_is_nocase(head->headers[i].name, name);
    return count;
}

static bool list_has(struct hws_span list, const char *token)
{
    struct hws_span element;
    while (hwi_span_next_element(&list, &element)) {
        if (hwi_span_is_nocase(element, token))
            return true;
    }
    return false;
}

bool hwi_http_has_token(const struct hwi_http_head *head, const char *name,
                        const char *token)
{
    for (size_t i = 0; i < head->header_count; i++) {
        const struct hwi_http_header *h = &head->headers[i];
        if (hwi_span_is_nocase(h->name, name) && list_has(h->value, token))
            return true;
    }
    return false;
}

bool hwi_http_next(struct hws_span *rest, struct hwi_http_header *header)
{
    /* The line before: the start line, or the header of the last call. */
    *rest = hwi_span_part(*rest, hwi_span_find(*rest, '\n') + 1, rest->size);
    struct hws_span line = hwi_span_part(*rest, 0, hwi_span_find(*rest, '\r'));
    size_t colon = hwi_span_find(line, ':');
    if (colon == line.size)
        return false;
    header->name = hwi_span_part(line, 0, colon);
    header->value = hwi_span_trim(hwi_span_part(line, colon + 1, line.size));
    return true;
}
