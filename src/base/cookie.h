/*
 * One cookie as a Set-Cookie header words it (RFC 6265 section 5.2), and the
 * two questions of matching. Syntax only: who may set what is the jar's.
 */
#ifndef HWI_COOKIE_H
#define HWI_COOKIE_H

#include "base/span.h"

/* Bytes of name and value together; RFC 6265 section 6.1 asks for as many. */
#define HWI_COOKIE_SIZE_MAX 4096
/* A longer attribute counts as not being there. */
#define HWI_COOKIE_ATTRIBUTE_MAX 1024

struct hwi_cookie_words {
    struct hws_span name, value;
    struct hws_span domain; /* without a leading dot; size 0: not given */
    struct hws_span path;   /* begins with a slash; size 0: not given */
    hws_time expires;       /* realtime; HWS_NEVER: with the session */
    bool secure, http_only;
};

/* Read the value of a Set-Cookie header that came at `realtime`. False: it is
 * none. Lends: the spans point into `text`. */
bool hwi_cookie_read(struct hwi_cookie_words *words, struct hws_span text,
                     hws_time realtime);

/* Seconds since 1970 of an Expires attribute. False: no date. */
bool hwi_cookie_date(struct hws_span text, int64_t *seconds);
/* The same as a time; what time cannot hold is its end or its begin. */
hws_time hwi_cookie_time(int64_t seconds);

/* RFC 6265 section 5.1.4. `path` is the request's, without its query. */
bool hwi_cookie_path_matches(struct hws_span cookie, struct hws_span path);
struct hws_span hwi_cookie_default_path(struct hws_span path);

#endif
