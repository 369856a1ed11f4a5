#include "session/proxy_url.h"

#include "base/authority.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdio.h>

#define SHOWN_MAX 64
#define LOGIN_MAX 255 /* RFC 1929 section 2 */

struct scheme {
    const char *name;
    uint16_t port;
    bool socks, tls;
    enum hws_socks version;
};

static const struct scheme schemes[] = {
    {"http", 80, false, false, HWS_SOCKS5H},
    {"https", 443, false, true, HWS_SOCKS5H},
    {"socks4", 1080, true, false, HWS_SOCKS4},
    {"socks4a", 1080, true, false, HWS_SOCKS4A},
    {"socks5", 1080, true, false, HWS_SOCKS5},
    {"socks5h", 1080, true, false, HWS_SOCKS5H},
};

/* What a fault shows of the text: without userinfo, whatever else is wrong. */
static const char *shown(const char *text)
{
    const char *at = strrchr(text, '@');
    return at ? at + 1 : text;
}

static int refuse(const char *text, const char *whose, struct hws_fault *fault,
                  const char *why)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "%s: '%.*s' is no proxy: %s", whose, SHOWN_MAX,
                         shown(text), why);
}

/* Take "scheme://" off `rest`. NULL: it is not one of ours. */
static const struct scheme *take_scheme(struct hws_span *rest)
{
    size_t colon = hwi_span_find(*rest, ':');
    struct hws_span marks = hwi_span_part(*rest, colon, 3);
    if (!hwi_span_is(marks, "://"))
        return &schemes[0];
    struct hws_span name = hwi_span_part(*rest, 0, colon);
    *rest = hwi_span_part(*rest, colon + 3, rest->size);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (hwi_span_is_nocase(name, schemes[i].name))
            return &schemes[i];
    }
    return NULL;
}

/* A slash may follow, for environments have it so; nothing else has a sense. */
static bool take_slash(struct hws_span *rest)
{
    size_t slash = hwi_span_find(*rest, '/');
    bool good = slash == rest->size || slash + 1 == rest->size;
    *rest = hwi_span_part(*rest, 0, slash);
    return good;
}

/* User and password are parted before they are decoded: either may have a
 * colon that was written as %3A. */
static const char *keep_login(struct hwi_proxy_url *url, char *at,
                              struct hws_span userinfo)
{
    size_t colon = hwi_span_find(userinfo, ':');
    if (userinfo.size == 0)
        return NULL;
    url->user = at;
    const char *why = hwi_percent_decode(at, hwi_span_part(userinfo, 0, colon));
    if (why || colon == userinfo.size)
        return why;
    url->password = at + colon + 1;
    return hwi_percent_decode(
        url->password, hwi_span_part(userinfo, colon + 1, userinfo.size));
}

/* What would be refused at every attempt is refused now. */
static const char *check_login(const struct hwi_proxy_url *url)
{
    if (!url->socks || !url->user)
        return NULL;
    bool old = url->version == HWS_SOCKS4 || url->version == HWS_SOCKS4A;
    if (old && url->password)
        return "SOCKS 4 has no password";
    if (!old && url->user[0] == '\0')
        return "SOCKS 5 has no login without a user";
    if (strlen(url->user) > LOGIN_MAX ||
        (url->password && strlen(url->password) > LOGIN_MAX))
        return "user and password have at most 255 bytes each";
    return NULL;
}

/* All parts stand in one block, that of the name. */
static int keep(struct hwi_proxy_url *url, const struct hwi_authority *a)
{
    size_t name = a->host.size + sizeof("[]:65535");
    url->name = hwi_alloc(name + a->host.size + 1 + a->userinfo.size + 2);
    if (!url->name)
        return HWS_E_MEMORY;
    snprintf(url->name, name, a->bracket ? "[%.*s]:%u" : "%.*s:%u",
             (int)a->host.size, (const char *)a->host.data, url->port);
    url->host = url->name + name;
    memcpy(url->host, a->host.data, a->host.size);
    url->host[a->host.size] = '\0';
    return 0;
}

static void set_kind(struct hwi_proxy_url *url, const struct scheme *scheme,
                     uint16_t port)
{
    url->scheme = scheme->name;
    url->socks = scheme->socks;
    url->tls = scheme->tls;
    url->version = scheme->version;
    url->port = port ? port : scheme->port;
}

int hwi_proxy_url_parse(struct hwi_proxy_url *url, const char *text,
                        const char *whose, struct hws_fault *fault)
{
    char room[HWI_AUTHORITY_WHY];
    struct hwi_authority a;
    struct hws_span rest = hws_span_text(text);
    *url = (struct hwi_proxy_url){0};
    const struct scheme *scheme = take_scheme(&rest);
    if (!scheme)
        return refuse(text, whose, fault,
                      "its scheme is not http, https, socks4, socks4a, socks5 "
                      "or socks5h");
    if (!take_slash(&rest))
        return refuse(text, whose, fault, "nothing may follow host and port");
    if (hwi_authority_split(&a, rest, room) != 0)
        return refuse(text, whose, fault, room);
    set_kind(url, scheme, a.port);
    if (keep(url, &a) != 0)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "no memory for the url of a proxy");
    const char *why = keep_login(url, url->host + a.host.size + 1, a.userinfo);
    if (!why)
        why = check_login(url);
    return why ? refuse(text, whose, fault, why) : 0;
}

void hwi_proxy_url_release(struct hwi_proxy_url *url)
{
    hwi_free(url->name);
    *url = (struct hwi_proxy_url){0};
}
