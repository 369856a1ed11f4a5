#include "base/cookie_jar.h"

#include "base/host.h"
#include "base/mem.h"

void hwi_cookie_jar_init(struct hwi_cookie_jar *jar)
{
    *jar = (struct hwi_cookie_jar){0};
    hwi_list_init(&jar->cookies);
}

static struct hwi_cookie *cookie_of(struct hwi_list *link)
{
    return hwi_container(link, struct hwi_cookie, link);
}

static void drop(struct hwi_cookie_jar *jar, struct hwi_cookie *cookie)
{
    hwi_list_remove(&cookie->link);
    hwi_free(cookie);
    jar->count--;
    jar->changed = true;
}

void hwi_cookie_jar_release(struct hwi_cookie_jar *jar)
{
    while (!hwi_list_empty(&jar->cookies))
        drop(jar, cookie_of(jar->cookies.next));
}

void hwi_cookie_jar_expire(struct hwi_cookie_jar *jar, hws_time realtime)
{
    struct hwi_list *next;
    for (struct hwi_list *l = jar->cookies.next; l != &jar->cookies; l = next) {
        next = l->next;
        if (cookie_of(l)->expires <= realtime)
            drop(jar, cookie_of(l));
    }
}

/* ---- who may set what */

/* The path of a Unix socket is a host as an address is: it has no parents. */
static bool has_parents(const struct hwi_url *url)
{
    return !url->is_unix && !hwi_host_is_literal(hws_span_text(url->host));
}

static bool name_is_under(struct hws_span name, struct hws_span domain)
{
    if (name.size <= domain.size)
        return false;
    size_t rest = name.size - domain.size;
    return name.data[rest - 1] == '.' &&
           hwi_span_equal_nocase(hwi_span_part(name, rest, domain.size),
                                 domain);
}

/* RFC 6265 section 5.1.3, for a host other than the domain itself. */
static bool is_under(const struct hwi_url *url, struct hws_span domain)
{
    return has_parents(url) && name_is_under(hws_span_text(url->host), domain);
}

/* A secret may go there: TLS, or within this machine. */
static bool is_safe(const struct hwi_url *url)
{
    return url->tls || url->is_unix;
}

static struct hws_span path_of(const struct hwi_url *url)
{
    struct hws_span target = hws_span_text(url->target);
    return hwi_span_part(target, 0, hwi_span_find(target, '?'));
}

/* Settle the domain: false when `url` may not set cookies for it. */
static bool settle_domain(struct hwi_cookie *c, const struct hwi_url *url,
                          struct hws_span domain)
{
    struct hws_span host = hws_span_text(url->host);
    bool itself = domain.size == 0 || hwi_span_equal_nocase(domain, host);
    bool top = hwi_span_find(domain, '.') == domain.size;
    c->domain = itself ? host : domain;
    c->host_only = domain.size == 0 || top || !has_parents(url);
    return itself || (!top && is_under(url, domain));
}

static bool begins(struct hws_span name, const char *prefix)
{
    size_t size = strlen(prefix);
    return hwi_span_is_nocase(hwi_span_part(name, 0, size), prefix);
}

static bool keeps_promise(const struct hwi_cookie *c,
                          const struct hwi_cookie_words *words)
{
    if (begins(c->name, "__Host-"))
        return c->secure && words->domain.size == 0 &&
               hwi_span_is(words->path, "/");
    return c->secure || !begins(c->name, "__Secure-");
}

/* Whether both could go with one request. */
static bool overlaps(const struct hwi_cookie *old,
                     const struct hwi_cookie *fresh)
{
    return hwi_span_equal(old->name, fresh->name) &&
           (hwi_span_equal_nocase(old->domain, fresh->domain) ||
            name_is_under(old->domain, fresh->domain) ||
            name_is_under(fresh->domain, old->domain)) &&
           hwi_cookie_path_matches(old->path, fresh->path);
}

/* Without TLS anyone on the way could have put `fresh` in the place of a
 * cookie that was meant for TLS alone. */
static bool shadows_secret(struct hwi_cookie_jar *jar,
                           const struct hwi_cookie *fresh)
{
    for (struct hwi_list *l = jar->cookies.next; l != &jar->cookies;
         l = l->next) {
        if (cookie_of(l)->secure && overlaps(cookie_of(l), fresh))
            return true;
    }
    return false;
}

static bool is_allowed(struct hwi_cookie_jar *jar, const struct hwi_cookie *c,
                       const struct hwi_cookie_words *words,
                       const struct hwi_url *url)
{
    if (!keeps_promise(c, words))
        return false;
    return is_safe(url) || (!c->secure && !shadows_secret(jar, c));
}

int hwi_cookie_jar_set(struct hwi_cookie_jar *jar, const struct hwi_url *url,
                       struct hws_span set_cookie, hws_time realtime)
{
    struct hwi_cookie_words words;
    struct hwi_cookie c = {0};
    if (!hwi_cookie_read(&words, set_cookie, realtime) ||
        !settle_domain(&c, url, words.domain))
        return HWS_E_ARGUMENT;
    c.name = words.name;
    c.value = words.value;
    c.path =
        words.path.size ? words.path : hwi_cookie_default_path(path_of(url));
    c.expires = words.expires;
    c.secure = words.secure;
    c.http_only = words.http_only;
    if (!is_allowed(jar, &c, &words, url))
        return HWS_E_ARGUMENT;
    return hwi_cookie_jar_put(jar, &c, realtime);
}

/* ---- keeping */

static struct hws_span keep(uint8_t **at, struct hws_span s)
{
    uint8_t *begin = *at;
    if (s.size)
        memcpy(begin, s.data, s.size);
    *at += s.size;
    return hwi_span(begin, s.size);
}

static void lower_case(struct hws_span s, uint8_t *bytes)
{
    for (size_t i = 0; i < s.size; i++) {
        if (bytes[i] >= 'A' && bytes[i] <= 'Z')
            bytes[i] = (uint8_t)(bytes[i] + 32);
    }
}

/* One block: the cookie, and its texts behind it. */
static struct hwi_cookie *copy_of(const struct hwi_cookie *c)
{
    size_t size = c->name.size + c->value.size + c->domain.size + c->path.size;
    struct hwi_cookie *copy = hwi_alloc(sizeof(*copy) + size);
    if (!copy)
        return NULL;
    uint8_t *at = (uint8_t *)(copy + 1);
    *copy = *c;
    lower_case(c->domain, memcpy(at, c->domain.data, c->domain.size));
    copy->domain = hwi_span(at, c->domain.size);
    at += c->domain.size;
    copy->name = keep(&at, c->name);
    copy->value = keep(&at, c->value);
    copy->path = keep(&at, c->path);
    hwi_list_init(&copy->link);
    return copy;
}

static struct hwi_cookie *find(struct hwi_cookie_jar *jar,
                               const struct hwi_cookie *like)
{
    for (struct hwi_list *l = jar->cookies.next; l != &jar->cookies;
         l = l->next) {
        struct hwi_cookie *c = cookie_of(l);
        if (hwi_span_equal(c->name, like->name) &&
            hwi_span_equal_nocase(c->domain, like->domain) &&
            hwi_span_equal(c->path, like->path))
            return c;
    }
    return NULL;
}

/* Make room for one more cookie of `domain`; size 0: of any. */
static void evict(struct hwi_cookie_jar *jar, struct hws_span domain,
                  size_t max)
{
    struct hwi_cookie *rested = NULL;
    size_t count = 0;
    for (struct hwi_list *l = jar->cookies.next; l != &jar->cookies;
         l = l->next) {
        struct hwi_cookie *c = cookie_of(l);
        if (domain.size && !hwi_span_equal_nocase(c->domain, domain))
            continue;
        count++;
        if (!rested || c->used < rested->used)
            rested = c;
    }
    if (rested && count >= max)
        drop(jar, rested);
}

/* Behind all that have a path as long or longer. */
static struct hwi_list *place_of(struct hwi_cookie_jar *jar,
                                 const struct hwi_cookie *c)
{
    struct hwi_list *l = jar->cookies.next;
    while (l != &jar->cookies && cookie_of(l)->path.size >= c->path.size)
        l = l->next;
    return l;
}

int hwi_cookie_jar_put(struct hwi_cookie_jar *jar,
                       const struct hwi_cookie *cookie, hws_time realtime)
{
    struct hwi_cookie *old = find(jar, cookie);
    if (cookie->expires <= realtime) {
        if (old)
            drop(jar, old);
        return 0;
    }
    struct hwi_cookie *fresh = copy_of(cookie);
    if (!fresh)
        return HWS_E_MEMORY;
    /* A new value keeps the place of the old one (section 5.3, 11.3). */
    struct hwi_list *place = old ? old->link.next : NULL;
    if (old) {
        drop(jar, old);
    } else {
        evict(jar, fresh->domain, HWI_COOKIES_PER_DOMAIN);
        evict(jar, hwi_span(NULL, 0), HWI_COOKIES_MAX);
        place = place_of(jar, fresh);
    }
    fresh->used = ++jar->uses;
    hwi_list_push(place, &fresh->link);
    jar->count++;
    jar->changed = true;
    return 0;
}

/* ---- giving back */

static bool goes_to(const struct hwi_cookie *c, const struct hwi_url *url)
{
    if (c->secure && !is_safe(url))
        return false;
    if (!hwi_span_is(c->domain, url->host) &&
        (c->host_only || !is_under(url, c->domain)))
        return false;
    return hwi_cookie_path_matches(c->path, path_of(url));
}

static int write_one(struct hwi_buf *out, const struct hwi_cookie *c,
                     bool first)
{
    int status = first ? 0 : hwi_buf_text(out, "; ");
    if (status == 0)
        status = hwi_buf_push(out, c->name);
    if (status == 0)
        status = hwi_buf_text(out, "=");
    return status ? status : hwi_buf_push(out, c->value);
}

int hwi_cookie_jar_write(struct hwi_cookie_jar *jar, const struct hwi_url *url,
                         hws_time realtime, struct hwi_buf *out)
{
    size_t written = 0;
    int status = 0;
    hwi_cookie_jar_expire(jar, realtime);
    for (struct hwi_list *l = jar->cookies.next;
         l != &jar->cookies && status == 0; l = l->next) {
        struct hwi_cookie *c = cookie_of(l);
        size_t size = c->name.size + c->value.size + 3;
        if (!goes_to(c, url) || size > HWI_COOKIE_HEADER_MAX - written)
            continue;
        c->used = ++jar->uses;
        status = write_one(out, c, written == 0);
        written += size;
    }
    return status;
}
