/*
 * The challenges of an answer that asks for authentication (RFC 9110 section
 * 11.3): "Digest realm="a", nonce="b", Basic realm="c"", in which one comma
 * separates parameters and the next one challenges. Taken apart in place.
 */
#ifndef HWI_HTTP_CHALLENGE_H
#define HWI_HTTP_CHALLENGE_H

#include "base/span.h"

struct hwi_http_challenge {
    struct hws_span scheme; /* "Digest" */
    struct hws_span params; /* what follows it, up to the next challenge */
};

/* Take the next challenge off `list`. False: there is none, or what is there
 * does not begin with a scheme; `list` is empty then. */
bool hwi_http_next_challenge(struct hws_span *list,
                             struct hwi_http_challenge *challenge);

/* The value of a parameter as it stands, with its quotes. A parameter that
 * stands twice counts as it stands first. False: there is none. */
bool hwi_http_param(struct hws_span params, const char *name,
                    struct hws_span *value);

/* Copy a value without its quotes and backslashes; the NUL needs room, too.
 * Returns its length, at most value.size. */
size_t hwi_http_unquote(char *out, struct hws_span value);

#endif
