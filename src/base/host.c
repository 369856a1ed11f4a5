#include "base/host.h"

static bool is_name_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

const char *hwi_host_refuse_name(struct hws_span s)
{
    /* RFC 1035 section 2.3.4, with the dot of a rooted name. */
    if (s.size > 254)
        return "longer than a name can be";
    for (size_t i = 0; i < s.size; i++) {
        if (!is_name_byte(s.data[i]))
            return "not letters, digits, '-', '.' and '_' only";
    }
    return NULL;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

/* "192.0.2.1", each number without leading zeros. */
static bool is_ipv4(struct hws_span s)
{
    unsigned numbers = 0;
    for (;;) {
        uint64_t value;
        size_t dot = hwi_span_find(s, '.');
        struct hws_span part = hwi_span_part(s, 0, dot);
        bool padded = part.size > 1 && part.data[0] == '0';
        if (padded || !hwi_span_number(part, 255, &value) || ++numbers > 4)
            return false;
        if (dot == s.size)
            return numbers == 4;
        s = hwi_span_part(s, dot + 1, s.size);
    }
}

/* Take one group of up to four hexadecimal digits off `s`. */
static bool take_group(struct hws_span *s)
{
    size_t digits = 0;
    while (digits < s->size && digits < 5 && is_hex(s->data[digits]))
        digits++;
    *s = hwi_span_part(*s, digits, s->size);
    return digits >= 1 && digits <= 4;
}

static bool take_colons(struct hws_span *s, size_t count)
{
    if (s->size < count || memcmp(s->data, "::", count) != 0)
        return false;
    *s = hwi_span_part(*s, count, s->size);
    return true;
}

/* Groups with one gap at most; an IPv4 address may stand for the last two. */
static bool is_ipv6(struct hws_span s)
{
    bool gap = take_colons(&s, 2);
    unsigned groups = 0;
    while (s.size) {
        if (is_ipv4(s)) {
            groups += 2;
            break;
        }
        if (!take_group(&s))
            return false;
        groups++;
        if (s.size == 0)
            break;
        if (take_colons(&s, 2)) {
            if (gap)
                return false;
            gap = true;
        } else if (!take_colons(&s, 1) || s.size == 0) {
            return false;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

const char *hwi_host_refuse_ipv6(struct hws_span s)
{
    if (hwi_span_find(s, '%') < s.size)
        return "a zone id is not supported";
    return is_ipv6(s) ? NULL : "not an IPv6 address";
}

bool hwi_host_is_literal(struct hws_span s)
{
    return is_ipv4(s) || is_ipv6(s);
}
