#include "session/cookies.h"

#include "base/http.h"
#include "base/mem.h"

struct hws_cookies *hws_cookies_new(void)
{
    struct hws_cookies *c = hwi_alloc_zero(sizeof(*c));
    if (!c)
        return NULL;
    hwi_cookie_jar_init(&c->jar);
    pthread_mutex_init(&c->lock, NULL);
    atomic_init(&c->holders, 1);
    return c;
}

struct hws_cookies *hwi_cookies_hold(struct hws_cookies *c)
{
    if (c)
        atomic_fetch_add_explicit(&c->holders, 1, memory_order_relaxed);
    return c;
}

void hws_cookies_free(struct hws_cookies *c)
{
    if (!c ||
        atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) != 1)
        return;
    hwi_cookie_jar_release(&c->jar);
    pthread_mutex_destroy(&c->lock);
    hwi_free(c);
}

/* A URL as users write it: http and https, too. */
static int read_url(struct hwi_url *url, const char *text)
{
    static const struct hwi_url nowhere = {
        .text = "", .host = "", .target = "/", .authority = ""};
    *url = (struct hwi_url){0};
    if (!text)
        return HWS_E_ARGUMENT;
    if (strncmp(text, "http", 4) == 0)
        return hwi_url_resolve(url, &nowhere, hws_span_text(text), NULL);
    return hwi_url_parse(url, text, NULL);
}

int hws_cookies_set(struct hws_cookies *c, const char *url, const char *text,
                    hws_time realtime)
{
    struct hwi_url at;
    struct hws_span set_cookie = hws_span_text(text);
    int status = read_url(&at, url);
    if (status == 0) {
        pthread_mutex_lock(&c->lock);
        status = hwi_cookie_jar_set(&c->jar, &at, set_cookie, realtime);
        pthread_mutex_unlock(&c->lock);
    }
    hwi_url_release(&at);
    return status;
}

static ptrdiff_t copy_out(const struct hwi_buf *from, char *text, size_t room)
{
    struct hws_span s = hwi_buf_span(from);
    if (s.size >= room)
        return HWS_E_TOO_BIG;
    if (s.size)
        memcpy(text, s.data, s.size);
    text[s.size] = '\0';
    return (ptrdiff_t)s.size;
}

ptrdiff_t hws_cookies_get(struct hws_cookies *c, const char *url,
                          hws_time realtime, char *text, size_t room)
{
    struct hwi_url at;
    struct hwi_buf out;
    hwi_buf_init(&out, HWI_COOKIE_HEADER_MAX);
    ptrdiff_t status = read_url(&at, url);
    if (status == 0)
        status = hwi_cookies_write(c, &at, realtime, &out);
    if (status == 0)
        status = copy_out(&out, text, room);
    hwi_buf_release(&out);
    hwi_url_release(&at);
    return status;
}

size_t hws_cookies_count(struct hws_cookies *c)
{
    pthread_mutex_lock(&c->lock);
    size_t count = c->jar.count;
    pthread_mutex_unlock(&c->lock);
    return count;
}

bool hws_cookies_changed(struct hws_cookies *c)
{
    pthread_mutex_lock(&c->lock);
    bool changed = c->jar.changed;
    pthread_mutex_unlock(&c->lock);
    return changed;
}

void hws_cookies_clear(struct hws_cookies *c)
{
    pthread_mutex_lock(&c->lock);
    hwi_cookie_jar_release(&c->jar);
    pthread_mutex_unlock(&c->lock);
}

int hwi_cookies_take(struct hws_cookies *c, const struct hwi_url *url,
                     struct hws_span head, hws_time realtime)
{
    struct hwi_http_header header;
    int status = 0;
    pthread_mutex_lock(&c->lock);
    while (status != HWS_E_MEMORY && hwi_http_next(&head, &header)) {
        if (hwi_span_is_nocase(header.name, "set-cookie"))
            status = hwi_cookie_jar_set(&c->jar, url, header.value, realtime);
    }
    pthread_mutex_unlock(&c->lock);
    return status == HWS_E_MEMORY ? status : 0;
}

int hwi_cookies_write(struct hws_cookies *c, const struct hwi_url *url,
                      hws_time realtime, struct hwi_buf *out)
{
    pthread_mutex_lock(&c->lock);
    int status = hwi_cookie_jar_write(&c->jar, url, realtime, out);
    pthread_mutex_unlock(&c->lock);
    return status;
}
