/*
 * Cookies by the rules of RFC 6265: who may set which, and which go back with
 * a request. It knows URLs and times as arguments, no file, no clock and no
 * lock. Invariant between calls: cookies with longer paths stand first, older
 * before younger ones; no two agree in name, domain and path.
 *
 * Stricter than the RFC, as later drafts of its successor are: without TLS
 * nobody sets or replaces a Secure cookie, and names that begin with __Host-
 * or __Secure- keep what they promise. There is no list of public suffixes; a
 * Domain without a dot is refused, but not one such as "co.uk".
 */
#ifndef HWI_COOKIE_JAR_H
#define HWI_COOKIE_JAR_H

#include "base/buf.h"
#include "base/cookie.h"
#include "base/list.h"
#include "base/url.h"

/* RFC 6265 section 6.1 asks for as many. */
#define HWI_COOKIES_PER_DOMAIN 50
#define HWI_COOKIES_MAX 3000
/* Bytes of one Cookie header: servers take heads of 8 KiB or little more. */
#define HWI_COOKIE_HEADER_MAX 8190

struct hwi_cookie {
    struct hwi_list link;
    struct hws_span name, value, domain, path; /* in the same block */
    hws_time expires;                          /* as hwi_cookie_words */
    uint64_t used;                             /* the jar's count then */
    bool secure, http_only;
    bool host_only; /* for `domain` itself, not for names under it */
};

struct hwi_cookie_jar {
    struct hwi_list cookies;
    size_t count;
    uint64_t uses;
    bool changed; /* since whoever keeps it in a file cleared this */
};

void hwi_cookie_jar_init(struct hwi_cookie_jar *jar);
void hwi_cookie_jar_release(struct hwi_cookie_jar *jar); /* empty again */

/*
 * Take the value of a Set-Cookie header that `url` answered at `realtime`.
 * When there are too many, the one that rested longest goes.
 *
 * Fails:  HWS_E_ARGUMENT when the rules refuse it, HWS_E_MEMORY.
 */
int hwi_cookie_jar_set(struct hwi_cookie_jar *jar, const struct hwi_url *url,
                       struct hws_span set_cookie, hws_time realtime);
/* Put a copy of `cookie` in, unasked, as from a file; same failures. */
int hwi_cookie_jar_put(struct hwi_cookie_jar *jar,
                       const struct hwi_cookie *cookie, hws_time realtime);

/* Append "a=1; b=2", what a request to `url` carries, or nothing. What ends by
 * `realtime` is thrown away. 0 or HWS_E_MEMORY. */
int hwi_cookie_jar_write(struct hwi_cookie_jar *jar, const struct hwi_url *url,
                         hws_time realtime, struct hwi_buf *out);
void hwi_cookie_jar_expire(struct hwi_cookie_jar *jar, hws_time realtime);

#endif
