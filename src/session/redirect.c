#include "session/redirect.h"

#include "base/http.h"
#include "base/status.h"

#include <stdio.h>

/* How much of a Location a fault shows. */
#define SHOWN_MAX 80

void hwi_redirect_reset(struct hwi_redirect *r)
{
    hwi_url_release(&r->url);
    *r = (struct hwi_redirect){0};
}

/* 300 leaves a choice, 304 to 306 send nobody elsewhere. */
bool hwi_redirect_is(const struct hws_event *down)
{
    const struct hws_fault *fault = down->down.fault;
    /* A proxy's word is not the server's. */
    if (fault->status != HWS_E_REFUSED || fault->phase == HWS_PHASE_PROXY)
        return false;
    switch (fault->http_status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return true;
    default:
        return false;
    }
}

/* Size 0: there is no Location, or more than one. */
static struct hws_span location_of(struct hws_span head)
{
    struct hws_span location = {0};
    struct hwi_http_header header;
    while (hwi_http_next(&head, &header)) {
        if (!hwi_span_is_nocase(header.name, "location"))
            continue;
        if (location.size)
            return hwi_span(NULL, 0);
        location = header.value;
    }
    return location;
}

/* Filling a fault anew forgets what the answer was. */
static int refuse(struct hws_fault *fault, enum hws_status status,
                  struct hws_span location, const char *why)
{
    struct hws_span shown =
        hwi_span_part(hwi_url_without_userinfo(location), 0, SHOWN_MAX);
    int http_status = fault->http_status;
    hwi_fault_set(fault, HWS_PHASE_HTTP, status,
                  "redirect %d to '%.*s' is not followed: %s", http_status,
                  (int)shown.size, (const char *)shown.data, why);
    fault->http_status = http_status;
    return status;
}

static int no_location(struct hws_fault *fault)
{
    int http_status = fault->http_status;
    hwi_fault_set(fault, HWS_PHASE_HTTP, HWS_E_REFUSED,
                  "redirect %d without exactly one Location", http_status);
    fault->http_status = http_status;
    return HWS_E_REFUSED;
}

static int cannot_resolve(struct hws_fault *fault, struct hws_span location,
                          const struct hws_fault *cause)
{
    if (cause->status == HWS_E_MEMORY)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "cannot follow a redirect: no memory");
    return refuse(fault, HWS_E_REFUSED, location, cause->text);
}

static int too_many(struct hws_fault *fault, struct hws_span location,
                    unsigned max)
{
    char why[80];
    snprintf(why, sizeof(why), "%u in a row are enough (see redirects.max)",
             max);
    return refuse(fault, HWS_E_REDIRECT, location, why);
}

static bool is_safe(const struct hwi_url *url)
{
    return url->tls || url->is_unix;
}

int hwi_redirect_take(struct hwi_redirect *r, const struct hws_redirects *rules,
                      const struct hwi_url *home, const struct hwi_url *from,
                      struct hws_span head, struct hws_fault *fault)
{
    struct hws_fault cause = {0};
    struct hwi_url to;
    struct hws_span location = location_of(head);
    if (location.size == 0)
        return no_location(fault);
    if (r->hops >= rules->max)
        return too_many(fault, location, rules->max);
    int status = hwi_url_resolve(&to, from, location, &cause);
    if (status)
        status = cannot_resolve(fault, location, &cause);
    else if (from->tls && !is_safe(&to) && !rules->insecure)
        status = refuse(fault, HWS_E_REFUSED, location,
                        "it leads from wss to ws (see redirects.insecure)");
    if (status) {
        hwi_url_release(&to);
        return status;
    }
    r->strayed = r->strayed || !hwi_url_same_origin(home, &to);
    hwi_url_release(&r->url); /* `from`, perhaps */
    r->url = to;
    r->hops++;
    return 0;
}
