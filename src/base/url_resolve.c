/*
 * References (RFC 3986 section 4), as a Location header holds them, resolved
 * against the URL that was asked. http and https stand for ws and wss.
 */
#include "base/buf.h"
#include "base/status.h"
#include "base/url.h"

/* printf's "%.*s" for a span. */
#define TEXT(span) \
    (int)(span).size, (span).size ? (const char *)(span).data : ""

struct reference {
    struct hws_span scheme, authority, path, query; /* query with its '?' */
    bool has_authority;
};

/* The length of the scheme at the front of `s`, or 0. */
static size_t scheme_size(struct hws_span s)
{
    size_t size = 0;
    while (size < s.size && s.data[size] != ':') {
        uint8_t c = s.data[size] | 0x20;
        bool letter = c >= 'a' && c <= 'z';
        bool other = (s.data[size] >= '0' && s.data[size] <= '9') ||
                     strchr("+-.", s.data[size]);
        if (!s.data[size] || (!letter && (size == 0 || !other)))
            return 0;
        size++;
    }
    return size < s.size ? size : 0;
}

/* Take up to the first of `stops` off `s`. */
static struct hws_span take_until(struct hws_span *s, const char *stops)
{
    size_t size = 0;
    while (size < s->size && (!s->data[size] || !strchr(stops, s->data[size])))
        size++;
    struct hws_span part = hwi_span_part(*s, 0, size);
    *s = hwi_span_part(*s, size, s->size);
    return part;
}

static struct reference split(struct hws_span s)
{
    struct reference r = {0};
    /* A fragment is the business of whoever shows a page. */
    s = hwi_span_part(s, 0, hwi_span_find(s, '#'));
    size_t size = scheme_size(s);
    r.scheme = hwi_span_part(s, 0, size);
    s = hwi_span_part(s, size + (size > 0), s.size);
    if (s.size >= 2 && memcmp(s.data, "//", 2) == 0) {
        s = hwi_span_part(s, 2, s.size);
        r.has_authority = true;
        r.authority = take_until(&s, "/?");
    }
    r.path = take_until(&s, "?");
    r.query = s;
    return r;
}

static const char *our_scheme(struct hws_span scheme)
{
    if (hwi_span_is_nocase(scheme, "http") || hwi_span_is_nocase(scheme, "ws"))
        return "ws";
    if (hwi_span_is_nocase(scheme, "https") ||
        hwi_span_is_nocase(scheme, "wss"))
        return "wss";
    return NULL;
}

/* Everything before the target of `base`. */
static int put_place(struct hwi_buf *out, const struct hwi_url *base)
{
    if (!base->is_unix)
        return hwi_buf_format(out, "%s://%s", base->tls ? "wss" : "ws",
                              base->authority);
    const char *path = strchr(base->text, ':') + 1;
    if (strncmp(path, "//", 2) == 0)
        path += 2;
    size_t size = (size_t)(path - base->text) + strcspn(path, ":?");
    int status = hwi_buf_push(out, hwi_span(base->text, size));
    return status ? status : hwi_buf_text(out, ":");
}

/* Who listens on a socket of this machine knows no name but the one in our
 * Host header: that one means the same socket. */
static bool is_same_socket(const struct hwi_url *base,
                           const struct reference *r)
{
    return base->is_unix && hwi_span_is_nocase(r->authority, base->authority);
}

static int put_authority(struct hwi_buf *out, const struct hwi_url *base,
                         const struct reference *r)
{
    if (!r->scheme.size && !r->has_authority)
        return put_place(out, base);
    if (is_same_socket(base, r))
        return put_place(out, base);
    const char *scheme = base->tls ? "wss" : "ws";
    if (r->scheme.size)
        scheme = our_scheme(r->scheme);
    return hwi_buf_format(out, "%s:%s%.*s", scheme,
                          r->has_authority ? "//" : "", TEXT(r->authority));
}

/* What servers should have encoded themselves, and other clients do for them:
 * spaces and bytes that are not ASCII. */
static int put_encoded(struct hwi_buf *out, struct hws_span s)
{
    int status = 0;
    for (size_t i = 0; i < s.size && status == 0; i++) {
        uint8_t c = s.data[i];
        if (c > ' ' && c < 0x7f)
            status = hwi_buf_push(out, hwi_span(&c, 1));
        else
            status = hwi_buf_format(out, "%%%02X", c);
    }
    return status;
}

/* RFC 3986 section 5.2.4, in place; `path` begins with a slash. Returns what
 * is left. */
static size_t drop_dots(uint8_t *path, size_t size)
{
    size_t to = 0, end;
    for (size_t at = 0; at < size; at = end) {
        for (end = at + 1; end < size && path[end] != '/';)
            end++;
        struct hws_span segment = hwi_span(path + at + 1, end - at - 1);
        bool up = hwi_span_is(segment, "..");
        while (up && to > 0 && path[--to] != '/')
            ;
        if (!up && !hwi_span_is(segment, ".")) {
            memmove(path + to, path + at, end - at);
            to += end - at;
        } else if (end == size) {
            path[to++] = '/';
        }
    }
    return to;
}

static int put_path(struct hwi_buf *out, struct hws_span folder,
                    struct hws_span path)
{
    size_t begin = hwi_buf_size(out);
    int status = put_encoded(out, folder);
    if (status == 0)
        status = put_encoded(out, path);
    size_t size = hwi_buf_size(out) - begin;
    if (status == 0 && size && out->data[begin] == '/')
        out->tail = begin + drop_dots(out->data + begin, size);
    return status;
}

/* RFC 3986 section 5.2.2, after the authority. */
static int put_target(struct hwi_buf *out, const struct hwi_url *base,
                      const struct reference *r)
{
    struct hws_span query = hws_span_text(base->target);
    struct hws_span path = take_until(&query, "?");
    struct hws_span folder = {0};
    if (r->scheme.size || r->has_authority || r->path.size || r->query.size)
        query = r->query;
    if (r->path.size && r->path.data[0] != '/' && !r->has_authority &&
        !r->scheme.size) {
        while (path.size && path.data[path.size - 1] != '/')
            path.size--;
        folder = path;
    }
    if (r->scheme.size || r->has_authority || r->path.size)
        path = r->path;
    int status = put_path(out, folder, path);
    return status ? status : put_encoded(out, query);
}

int hwi_url_resolve(struct hwi_url *to, const struct hwi_url *base,
                    struct hws_span reference, struct hws_fault *fault)
{
    struct reference r = split(reference);
    struct hwi_buf text;
    *to = (struct hwi_url){0};
    if (r.scheme.size && !our_scheme(r.scheme))
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "scheme '%.*s' is none of ws, wss, http, https",
                             TEXT(hwi_span_part(r.scheme, 0, 40)));
    /* RFC 9110 section 4.2.4: in a peer's reference it can only deceive. */
    if (hwi_span_find(r.authority, '@') < r.authority.size)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "userinfo stands before its host");
    hwi_buf_init(&text, SIZE_MAX / 2);
    int status = put_authority(&text, base, &r);
    if (status == 0)
        status = put_target(&text, base, &r);
    if (status == 0)
        status = hwi_buf_push(&text, hwi_span("", 1));
    if (status == 0)
        status = hwi_url_parse(to, (const char *)text.data, fault);
    else
        hwi_fault_set(fault, HWS_PHASE_LOCAL, status, "no memory for a url");
    hwi_buf_release(&text);
    return status;
}

struct hws_span hwi_url_without_userinfo(struct hws_span reference)
{
    struct reference r = split(reference);
    size_t at = r.authority.size;
    while (at > 0 && r.authority.data[at - 1] != '@')
        at--;
    if (at == 0)
        return reference;
    size_t skipped = (size_t)(r.authority.data - reference.data) + at;
    return hwi_span_part(reference, skipped, reference.size);
}

bool hwi_url_same_origin(const struct hwi_url *from, const struct hwi_url *to)
{
    if (strcmp(from->host, to->host) != 0 || from->is_unix != to->is_unix)
        return false;
    if (from->tls == to->tls)
        return from->port == to->port;
    return to->tls && from->port == 80 && to->port == 443;
}
