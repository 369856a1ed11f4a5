#include "link/hosts.h"

#include <netdb.h>
#include <string.h>
#include <strings.h>

void hwi_answer_add(struct hwi_answer *a, const struct sockaddr *address)
{
    if (a->count < HWI_ANSWER_MAX &&
        hwi_address_copy(&a->list[a->count], address))
        a->count++;
}

static void take_raw(struct hwi_answer *a, int family, const char *bytes)
{
    struct hwi_address raw;
    memset(&raw, 0, sizeof(raw));
    raw.any.sa_family = (sa_family_t)family;
    if (family == AF_INET)
        memcpy(&raw.v4.sin_addr, bytes, sizeof(raw.v4.sin_addr));
    else
        memcpy(&raw.v6.sin6_addr, bytes, sizeof(raw.v6.sin6_addr));
    hwi_answer_add(a, &raw.any);
}

static void look_into_file(ares_channel channel, const char *host, int family,
                           struct hwi_answer *a)
{
    struct hostent *found = NULL;
    if (ares_gethostbyname_file(channel, host, family, &found) != ARES_SUCCESS)
        return;
    for (char **at = found->h_addr_list; *at; at++)
        take_raw(a, found->h_addrtype, *at);
    ares_free_hostent(found);
}

static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t size = strlen(host);
    if (size && host[size - 1] == '.')
        size--;
    if (size < sizeof(name) - 1)
        return false;
    const char *tail = host + size - (sizeof(name) - 1);
    return strncasecmp(tail, name, sizeof(name) - 1) == 0 &&
           (tail == host || tail[-1] == '.');
}

bool hwi_hosts_find(ares_channel channel, const char *host,
                    struct hwi_answer *v6, struct hwi_answer *v4)
{
    look_into_file(channel, host, AF_INET6, v6);
    look_into_file(channel, host, AF_INET, v4);
    if (is_localhost(host)) {
        struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
        if (v6->count == 0)
            take_raw(v6, AF_INET6, (const char *)&in6addr_loopback);
        if (v4->count == 0)
            take_raw(v4, AF_INET, (const char *)&loopback);
    }
    return v6->count || v4->count;
}
