#include "session/policy.h"

#include "base/http.h"

struct rule {
    int from, to;
    enum hwi_eagerness eagerness;
};

/* The first rule that holds the number counts; without one it is SOON. */
static const struct rule http_rules[] = {
    {0, 0, HWI_RETRY_NEVER},     /* a SOCKS proxy's rules, or our login there */
    {300, 399, HWI_RETRY_NEVER}, /* an answer, only not from here */
    {408, 408, HWI_RETRY_SOON},  /* request timeout */
    {425, 425, HWI_RETRY_SOON},  /* too early */
    {421, 421, HWI_RETRY_SLOW},  /* misdirected request: by another address */
    {423, 423, HWI_RETRY_SLOW},  /* locked */
    {429, 429, HWI_RETRY_SLOW},  /* too many requests */
    {400, 499, HWI_RETRY_NEVER}, /* asking again changes nothing */
    {501, 501, HWI_RETRY_NEVER}, /* not implemented */
    {505, 505, HWI_RETRY_NEVER}, /* HTTP version not supported */
    {503, 503, HWI_RETRY_SLOW},  /* overloaded, and says so */
    {200, 299, HWI_RETRY_SLOW},  /* a page in place of the service */
};

static const struct rule close_rules[] = {
    {1002, 1003, HWI_RETRY_SLOW}, /* one of us speaks badly */
    {1007, 1010, HWI_RETRY_SLOW}, /* the same; 1008 and 1009 are policy */
    {1013, 1013, HWI_RETRY_SLOW}, /* try again later */
    {4000, 4999, HWI_RETRY_SLOW}, /* an application's refusal */
};

static const struct rule status_rules[] = {
    /* from is the more negative one */
    {HWS_E_ARGUMENT, HWS_E_ARGUMENT, HWI_RETRY_NEVER},
    {HWS_E_FORK, HWS_E_FORK, HWI_RETRY_NEVER},
    {HWS_E_SUPPORT, HWS_E_SUPPORT, HWI_RETRY_NEVER},
    {HWS_E_CERTIFICATE, HWS_E_TLS, HWI_RETRY_SLOW},
    {HWS_E_HTTP, HWS_E_HTTP, HWI_RETRY_SLOW},
    {HWS_E_REDIRECT, HWS_E_REDIRECT, HWI_RETRY_SLOW},
    {HWS_E_UTF8, HWS_E_HANDSHAKE, HWI_RETRY_SLOW},
    {HWS_E_TOO_BIG, HWS_E_TOO_BIG, HWI_RETRY_SLOW},
    {HWS_E_COMPRESSION, HWS_E_COMPRESSION, HWI_RETRY_SLOW},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum hwi_eagerness find(const struct rule *rules, size_t count,
                               int number)
{
    for (size_t i = 0; i < count; i++) {
        if (number >= rules[i].from && number <= rules[i].to)
            return rules[i].eagerness;
    }
    return HWI_RETRY_SOON;
}

enum hwi_eagerness hwi_policy_of(const struct hws_event *down)
{
    const struct hws_fault *fault = down->down.fault;
    if (fault->status == HWS_E_REFUSED)
        return find(http_rules, COUNT(http_rules), fault->http_status);
    if (fault->status == HWS_E_CLOSED)
        return find(close_rules, COUNT(close_rules), fault->close_code);
    return find(status_rules, COUNT(status_rules), fault->status);
}

bool hwi_policy_is_denial(const struct hws_event *down)
{
    const struct hws_fault *fault = down->down.fault;
    return fault->status == HWS_E_REFUSED && fault->phase != HWS_PHASE_PROXY &&
           (fault->http_status == 401 || fault->http_status == 403);
}

/* What ran out is renewed at once; what is refused again gets one more chance
 * when clocks and caches had time to agree; then asking changes nothing. */
enum hwi_eagerness hwi_policy_of_denial(unsigned denials)
{
    if (denials <= 1)
        return HWI_RETRY_SOON;
    return denials == 2 ? HWI_RETRY_SLOW : HWI_RETRY_NEVER;
}

hws_time hwi_policy_retry_after(const struct hws_event *down, hws_time realtime)
{
    struct hwi_http_header header;
    struct hws_span head = down->down.head;

    if (down->down.fault->status != HWS_E_REFUSED)
        return HWS_NEVER;
    while (hwi_http_next(&head, &header)) {
        if (hwi_span_is_nocase(header.name, "retry-after"))
            return hwi_http_retry_after(header.value, realtime);
    }
    return HWS_NEVER;
}
