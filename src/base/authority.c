#include "base/authority.h"

#include "base/host.h"

#include <stdio.h>

/* printf's "%.*s" for a span. */
#define TEXT(span) (int)(span).size, (const char *)(span).data

#define REFUSE(why, ...) \
    (snprintf(why, HWI_AUTHORITY_WHY, __VA_ARGS__), HWS_E_ARGUMENT)

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *hwi_percent_decode(char *out, struct hws_span s)
{
    *out = '\0';
    for (size_t i = 0; i < s.size; i++) {
        int c = s.data[i];
        if (c == '%') {
            int high = i + 2 < s.size ? hex_value(s.data[i + 1]) : -1;
            int low = i + 2 < s.size ? hex_value(s.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return "bad percent sign";
            c = high << 4 | low;
            i += 2;
        }
        if (c < 0x20 || c == 0x7f)
            return "control byte";
        *out++ = (char)c;
        *out = '\0';
    }
    return NULL;
}

/* Take "user:password@" off `text`. */
static int take_userinfo(struct hwi_authority *a, struct hws_span *text,
                         char *why)
{
    size_t at = hwi_span_find(*text, '@');
    if (at == text->size)
        return 0;
    a->userinfo = hwi_span_part(*text, 0, at);
    *text = hwi_span_part(*text, at + 1, text->size);
    if (hwi_span_find(*text, '@') < text->size)
        return REFUSE(why, "second '@' before the host; write %%40");
    return 0;
}

static int check_port(struct hwi_authority *a, struct hws_span text, char *why)
{
    uint64_t port = 0;
    /* "host:" is allowed and means the default (RFC 3986 section 3.2.3). */
    if (text.size && (!hwi_span_number(text, 65535, &port) || port == 0))
        return REFUSE(why, "port '%.*s' is not 1 to 65535", TEXT(text));
    a->port = (uint16_t)port;
    return 0;
}

int hwi_authority_split(struct hwi_authority *a, struct hws_span text,
                        char why[HWI_AUTHORITY_WHY])
{
    *a = (struct hwi_authority){0};
    int status = take_userinfo(a, &text, why);
    if (status)
        return status;
    a->bracket = text.size && text.data[0] == '[';
    size_t end = hwi_span_find(text, a->bracket ? ']' : ':');
    if (a->bracket && end == text.size)
        return REFUSE(why, "'[' without its ']'");
    a->host = hwi_span_part(text, a->bracket, end - a->bracket);
    struct hws_span rest = hwi_span_part(text, end + a->bracket, SIZE_MAX);
    if (rest.size && rest.data[0] != ':')
        return REFUSE(why, "'%.*s' after the address", TEXT(rest));
    if (a->host.size == 0)
        return REFUSE(why, "no host");
    const char *wrong = a->bracket ? hwi_host_refuse_ipv6(a->host)
                                   : hwi_host_refuse_name(a->host);
    if (wrong)
        return REFUSE(why, "host '%.*s': %s", TEXT(a->host), wrong);
    return check_port(a, hwi_span_part(rest, 1, rest.size), why);
}
