/*
 * What the codes of SOCKS replies mean (RFC 1928 section 6; version 4 has
 * numbers of its own), and which status follows from each.
 */
#include "link/socks.h"

#include <stdio.h>

struct reply {
    unsigned code;
    int status;
    bool about_target; /* another address may fare better */
    const char *text;
};

static const struct reply new_replies[] = {
    {1, HWS_E_CONNECT, true, "general failure"},
    {2, HWS_E_REFUSED, false, "not allowed by the proxy's rules"},
    {3, HWS_E_CONNECT, true, "network unreachable"},
    {4, HWS_E_CONNECT, true, "host unreachable"},
    {5, HWS_E_CONNECT, true, "connection refused"},
    {6, HWS_E_CONNECT, true, "time to live expired"},
    {7, HWS_E_REFUSED, false, "the proxy knows no CONNECT"},
    {8, HWS_E_REFUSED, true, "the proxy knows no such kind of address"},
};

static const struct reply old_replies[] = {
    {91, HWS_E_CONNECT, true, "rejected or failed"},
    {92, HWS_E_REFUSED, false, "the proxy found no identd here"},
    {93, HWS_E_REFUSED, false, "identd here names another user"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct reply find(const struct hwi_socks *s, unsigned code)
{
    bool old = s->version == HWS_SOCKS4 || s->version == HWS_SOCKS4A;
    const struct reply *list = old ? old_replies : new_replies;
    size_t count = old ? COUNT(old_replies) : COUNT(new_replies);
    for (size_t i = 0; i < count; i++) {
        if (list[i].code == code)
            return list[i];
    }
    return (struct reply){code, HWS_E_PROTOCOL, false, NULL};
}

bool hwi_socks_is_about_target(const struct hwi_socks *s, unsigned code)
{
    return find(s, code).about_target;
}

int hwi_socks_fail(struct hwi_socks *s)
{
    struct hwi_tunnel *t = &s->tunnel;
    struct reply reply = find(s, s->first_code);
    char tried[64] = "";
    if (s->count > 1)
        snprintf(tried, sizeof(tried), ", %zu of %zu addresses tried",
                 s->tried + 1, s->count);
    if (!reply.text)
        return hwi_tunnel_fail(t, reply.status,
                               "refuses a tunnel to '%.64s:%u': unknown code "
                               "0x%02x%s",
                               t->options.host, t->options.port, s->first_code,
                               tried);
    return hwi_tunnel_fail(t, reply.status,
                           "refuses a tunnel to '%.64s:%u': %s%s",
                           t->options.host, t->options.port, reply.text, tried);
}
