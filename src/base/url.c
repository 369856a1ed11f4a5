#include "base/url.h"

#include "base/authority.h"
#include "base/mem.h"
#include "base/span.h"
#include "base/status.h"

#include <stdio.h>

/* What a fault shows of a URL: its begin, never its password. */
#define SHOWN_MAX 96

/*
 * One parse under way. All parts stand in the one block that `url->text`
 * owns; `free_at` is its unused end.
 */
struct parse {
    struct hwi_url *url;
    struct hws_fault *fault;
    char shown[SHOWN_MAX + 4];
    char *free_at;
};

static void show(char *shown, const char *text)
{
    const char *slashes = strstr(text, "://");
    const char *begin = slashes ? slashes + 3 : text;
    size_t hidden = 0, length = strcspn(begin, "/?#");
    for (size_t i = 0; i < length; i++) {
        if (begin[i] == '@')
            hidden = i;
    }
    int before = (int)(begin - text);
    if (before > 16)
        before = 16;
    snprintf(shown, SHOWN_MAX, "%.*s%s%s", before, text, hidden ? "..." : "",
             begin + hidden);
    if (strlen(shown) == SHOWN_MAX - 1)
        memcpy(shown + SHOWN_MAX - 4, "...", 4);
}

#define REFUSE(p, format, ...)                                 \
    hwi_fault_set((p)->fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, \
                  "url '%s': " format, (p)->shown, __VA_ARGS__)

/* printf's "%.*s" for a span. */
#define TEXT(span) (int)(span).size, (const char *)(span).data

/* The next part of the block: room for `size` bytes and their NUL. */
static char *carve(struct parse *p, size_t size)
{
    char *part = p->free_at;
    p->free_at += size + 1;
    part[size] = '\0';
    return part;
}

static char *keep(struct parse *p, const char *prefix, struct hws_span s)
{
    size_t length = strlen(prefix);
    char *part = carve(p, length + s.size);
    memcpy(part, prefix, length);
    if (s.size)
        memcpy(part + length, s.data, s.size);
    return part;
}

static int check_bytes(struct parse *p, struct hws_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c == '#')
            return REFUSE(p, "fragment at byte %zu", i);
        if (c <= 0x20 || c >= 0x7f)
            return REFUSE(p, "byte 0x%02x at %zu cannot stand in a url", c, i);
    }
    return 0;
}

/* Take the scheme and its colon off `rest`. */
static int take_scheme(struct parse *p, struct hws_span *rest)
{
    size_t colon = hwi_span_find(*rest, ':');
    struct hws_span scheme = hwi_span_part(*rest, 0, colon);
    if (colon == rest->size || hwi_span_find(scheme, '/') < colon)
        return REFUSE(p, "no scheme, such as %s", "ws://");
    p->url->tls = hwi_span_is_nocase(scheme, "wss");
    p->url->is_unix = hwi_span_is_nocase(scheme, "ws+unix");
    if (!p->url->tls && !p->url->is_unix && !hwi_span_is_nocase(scheme, "ws"))
        return REFUSE(p, "scheme '%.*s' is not ws or wss", TEXT(scheme));
    *rest = hwi_span_part(*rest, colon + 1, rest->size);
    return 0;
}

/* Take "//authority" off `rest`. False: there are no slashes. */
static bool take_authority(struct hws_span *rest, struct hws_span *authority)
{
    if (rest->size < 2 || memcmp(rest->data, "//", 2) != 0)
        return false;
    *rest = hwi_span_part(*rest, 2, rest->size);
    size_t end = 0;
    while (end < rest->size && rest->data[end] != '/' && rest->data[end] != '?')
        end++;
    *authority = hwi_span_part(*rest, 0, end);
    *rest = hwi_span_part(*rest, end, rest->size);
    return true;
}

/* Decode %XX into the block. */
static int keep_decoded(struct parse *p, const char *noun, struct hws_span s,
                        char **part)
{
    *part = carve(p, s.size);
    const char *why = hwi_percent_decode(*part, s);
    return why ? REFUSE(p, "%s in the %s", why, noun) : 0;
}

static void lower_case(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + 32);
    }
}

/* What stands in the Host header. */
static void keep_authority(struct parse *p, bool bracket)
{
    struct hwi_url *url = p->url;
    char port[8] = "";
    if (url->port != (url->tls ? 443 : 80))
        snprintf(port, sizeof(port), ":%u", (unsigned)url->port);
    size_t size = strlen(url->host) + strlen(port) + (bracket ? 2 : 0);
    url->authority = carve(p, size);
    snprintf(url->authority, size + 1, "%s%s%s%s", bracket ? "[" : "",
             url->host, bracket ? "]" : "", port);
}

static int set_authority(struct parse *p, struct hws_span text)
{
    char why[HWI_AUTHORITY_WHY];
    struct hwi_authority a;
    if (hwi_authority_split(&a, text, why) != 0)
        return REFUSE(p, "%s", why);
    int status = a.userinfo.size ? keep_decoded(p, "userinfo", a.userinfo,
                                                &p->url->userinfo)
                                 : 0;
    if (status)
        return status;
    p->url->port = a.port ? a.port : p->url->tls ? 443 : 80;
    p->url->host = keep(p, "", a.host);
    lower_case(p->url->host);
    keep_authority(p, a.bracket);
    return 0;
}

static void set_target(struct parse *p, struct hws_span rest)
{
    bool has_path = rest.size && rest.data[0] == '/';
    p->url->target = keep(p, has_path ? "" : "/", rest);
}

/* "/path/to/socket:/target" */
static int set_unix(struct parse *p, struct hws_span rest)
{
    size_t end = hwi_span_find(rest, '?');
    size_t colon = hwi_span_find(hwi_span_part(rest, 0, end), ':');
    struct hws_span path = hwi_span_part(rest, 0, colon);
    rest = hwi_span_part(rest, colon + (colon < end), SIZE_MAX);
    if (path.size < 2 || path.data[0] != '/')
        return REFUSE(p, "no absolute %s", "path of a socket");
    if (rest.size && rest.data[0] != '/' && rest.data[0] != '?')
        return REFUSE(p, "target '%.*s' does not begin with '/'", TEXT(rest));
    set_target(p, rest);
    p->url->authority = keep(p, "", hws_span_text("localhost"));
    return keep_decoded(p, "path of the socket", path, &p->url->host);
}

static int parse_unix(struct parse *p, struct hws_span rest)
{
    struct hws_span authority;
    if (take_authority(&rest, &authority) && authority.size)
        return REFUSE(p, "host '%.*s' where a path must begin",
                      TEXT(authority));
    return set_unix(p, rest);
}

static int parse_tcp(struct parse *p, struct hws_span rest)
{
    struct hws_span authority;
    if (!take_authority(&rest, &authority))
        return REFUSE(p, "no '%s' after the scheme", "//");
    set_target(p, rest);
    return set_authority(p, authority);
}

/* The text is shown and logged: it goes on without the password. */
static void forget_userinfo(struct hwi_url *url)
{
    char *begin = strstr(url->text, "://");
    if (!url->userinfo || !begin)
        return;
    begin += 3;
    char *end = begin + strcspn(begin, "/?");
    for (char *at = end; at > begin; at--) {
        if (at[-1] != '@')
            continue;
        memmove(begin, at, strlen(at) + 1);
        return;
    }
}

int hwi_url_parse(struct hwi_url *url, const char *text,
                  struct hws_fault *fault)
{
    struct parse p = {.url = url, .fault = fault};
    *url = (struct hwi_url){0};
    if (!text)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "url is missing");
    struct hws_span rest = hws_span_text(text);
    /* The text and four parts of it, each at most as long and with its NUL;
     * 32 covers the slash of the target, brackets, port and "localhost". */
    url->text = hwi_alloc(5 * (rest.size + 1) + 32);
    if (!url->text)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "no memory for a url");
    p.free_at = url->text;
    show(p.shown, text);
    keep(&p, "", rest);

    int status = check_bytes(&p, rest);
    if (status == 0)
        status = take_scheme(&p, &rest);
    if (status)
        return status;
    status = url->is_unix ? parse_unix(&p, rest) : parse_tcp(&p, rest);
    if (status == 0)
        forget_userinfo(url);
    return status;
}

void hwi_url_release(struct hwi_url *url)
{
    hwi_free(url->text);
    *url = (struct hwi_url){0};
}
