/*
 * Set-Cookie lines from a few hosts into one jar: whatever they say, what goes
 * back fits a header, the jar keeps its order and its limits, and nobody sets
 * what is for strangers.
 *
 * Each line of the input begins with a digit, the host that says it.
 */
#include "fuzz.h"

#include "base/cookie_jar.h"
#include "base/http.h"

#define NOW HWS_S(1700000000)

static const char *const places[] = {
    "ws://feed.example/a/b?c", "wss://feed.example/", "ws://x.feed.example/a",
    "wss://other.test/",       "ws://192.0.2.1/",     "ws+unix:///s:/a",
};
#define PLACES (sizeof(places) / sizeof(places[0]))

struct cookies {
    struct hwi_cookie_jar jar;
    struct hwi_url urls[PLACES];
};

static void set_line(struct cookies *c, struct hws_span line)
{
    if (line.size == 0)
        return;
    const struct hwi_url *url = &c->urls[line.data[0] % PLACES];
    struct hws_span text = hwi_span_part(line, 1, line.size);
    int status = hwi_cookie_jar_set(&c->jar, url, text, NOW);
    FUZZ_CHECK(status == 0 || status == HWS_E_ARGUMENT);
}

/* It is for a host that spoke, or for a parent of one with a dot in it. */
static bool has_owner(const struct cookies *c, const struct hwi_cookie *cookie)
{
    size_t domain = cookie->domain.size;
    bool dot = hwi_span_find(cookie->domain, '.') < domain;
    for (size_t i = 0; i < PLACES; i++) {
        struct hws_span host = hws_span_text(c->urls[i].host);
        if (hwi_span_equal(host, cookie->domain))
            return true;
        if (host.size > domain && !cookie->host_only && dot &&
            hwi_span_equal(hwi_span_part(host, host.size - domain, domain),
                           cookie->domain) &&
            host.data[host.size - domain - 1] == '.')
            return true;
    }
    return false;
}

static void check_cookies(const struct cookies *c)
{
    const struct hwi_list *ring = &c->jar.cookies;
    size_t count = 0, longest = SIZE_MAX;
    for (const struct hwi_list *l = ring->next; l != ring; l = l->next) {
        const struct hwi_cookie *cookie =
            (const struct hwi_cookie *)(const void *)l;
        FUZZ_CHECK(cookie->name.size && cookie->domain.size);
        FUZZ_CHECK(cookie->path.size && cookie->path.data[0] == '/');
        FUZZ_CHECK(cookie->path.size <= longest);
        FUZZ_CHECK(cookie->expires > NOW && has_owner(c, cookie));
        longest = cookie->path.size;
        count++;
    }
    FUZZ_CHECK(count == c->jar.count && count <= HWI_COOKIES_MAX);
}

static void check_line(struct cookies *c, const struct hwi_url *url)
{
    struct hwi_buf out;
    hwi_buf_init(&out, HWI_COOKIE_HEADER_MAX);
    FUZZ_CHECK(hwi_cookie_jar_write(&c->jar, url, NOW, &out) == 0);
    FUZZ_CHECK(hwi_http_is_field_value(hwi_buf_span(&out)));
    hwi_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cookies c;
    struct hws_span rest = {data, size};
    hwi_cookie_jar_init(&c.jar);
    for (size_t i = 0; i < PLACES; i++)
        FUZZ_CHECK(hwi_url_parse(&c.urls[i], places[i], NULL) == 0);
    while (rest.size) {
        size_t end = hwi_span_find(rest, '\n');
        set_line(&c, hwi_span_part(rest, 0, end));
        rest = hwi_span_part(rest, end + 1, rest.size);
    }
    check_cookies(&c);
    for (size_t i = 0; i < PLACES; i++) {
        check_line(&c, &c.urls[i]);
        hwi_url_release(&c.urls[i]);
    }
    hwi_cookie_jar_release(&c.jar);
    return 0;
}
