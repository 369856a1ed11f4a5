#include "base/http_challenge.h"

#include "base/http.h"

static size_t token_end(struct hws_span s, size_t at)
{
    while (at < s.size && hwi_http_is_token(hwi_span_part(s, at, 1)))
        at++;
    return at;
}

static size_t space_end(struct hws_span s, size_t at)
{
    while (at < s.size && (s.data[at] == ' ' || s.data[at] == '\t'))
        at++;
    return at;
}

/* An element of the list begins a challenge unless it is "name = value". */
static bool begins_challenge(struct hws_span element, size_t *scheme_end)
{
    *scheme_end = token_end(element, 0);
    if (*scheme_end == 0)
        return false;
    size_t next = space_end(element, *scheme_end);
    if (next == element.size)
        return true;
    return next > *scheme_end && element.data[next] != '=';
}

/* All elements up to the next one that begins a challenge. */
static struct hws_span take_params(struct hws_span *list, struct hws_span first)
{
    const uint8_t *end = first.data + first.size;
    struct hws_span ahead = *list, element;
    size_t ignored;
    while (hwi_span_next_element(&ahead, &element)) {
        if (begins_challenge(element, &ignored))
            break;
        end = element.data + element.size;
        *list = ahead;
    }
    return hwi_span(first.data, (size_t)(end - first.data));
}

bool hwi_http_next_challenge(struct hws_span *list,
                             struct hwi_http_challenge *challenge)
{
    struct hws_span element;
    size_t end;
    if (!hwi_span_next_element(list, &element))
        return false;
    if (!begins_challenge(element, &end)) {
        *list = hwi_span(NULL, 0);
        return false;
    }
    challenge->scheme = hwi_span_part(element, 0, end);
    element = hwi_span_part(element, space_end(element, end), element.size);
    challenge->params = take_params(list, element);
    return true;
}

bool hwi_http_param(struct hws_span params, const char *name,
                    struct hws_span *value)
{
    struct hws_span element;
    while (hwi_span_next_element(&params, &element)) {
        size_t end = token_end(element, 0), at = space_end(element, end);
        if (at >= element.size || element.data[at] != '=' ||
            !hwi_span_is_nocase(hwi_span_part(element, 0, end), name))
            continue;
        *value = hwi_span_trim(hwi_span_part(element, at + 1, element.size));
        return true;
    }
    return false;
}

size_t hwi_http_unquote(char *out, struct hws_span value)
{
    size_t length = 0;
    bool quoted = value.size >= 2 && value.data[0] == '"' &&
                  value.data[value.size - 1] == '"';
    if (quoted)
        value = hwi_span_part(value, 1, value.size - 2);
    for (size_t i = 0; i < value.size; i++) {
        if (quoted && value.data[i] == '\\' && i + 1 < value.size)
            i++;
        out[length++] = (char)value.data[i];
    }
    out[length] = '\0';
    return length;
}
