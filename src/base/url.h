/*
 * The URLs of RFC 6455 section 3: ws, wss, and
 * ws+unix:///path/to/socket:/target. Split, checked and copied; never resolved.
 */
#ifndef HWI_URL_H
#define HWI_URL_H

#include "hawser/types.h"

struct hwi_url {
    char *text;      /* the URL as it was given, but without userinfo: it is
                        shown and logged (owned; the rest are parts) */
    char *host;      /* name or literal without brackets; the path for unix */
    char *target;    /* path and query, at least "/" */
    char *authority; /* for the Host header: port only when not the default,
                        IPv6 in brackets; "localhost" for unix */
    char *userinfo;  /* percent-decoded "user:password", or NULL */
    uint16_t port;
    bool tls;
    bool is_unix;
};

/*
 * Parse `text`. Bad ones name the place: "url 'htp://x': scheme 'htp' is not
 * ws or wss". A fragment is refused (RFC 6455 section 3). Host names are
 * lower-cased. Bytes that cannot stand in a URL (controls, spaces, non-ASCII)
 * are refused.
 *
 * Fails:  HWS_E_ARGUMENT, HWS_E_MEMORY, with `fault` filled (phase LOCAL).
 * Owns:   release with hwi_url_release(), also after a failure.
 */
int hwi_url_parse(struct hwi_url *url, const char *text,
                  struct hws_fault *fault);
void hwi_url_release(struct hwi_url *url);

/*
 * Where `reference` (RFC 3986 section 4) leads from `base`: relative or
 * absolute, its fragment dropped, http and https as ws and wss. Spaces and
 * bytes beyond ASCII are percent-encoded. From a Unix socket, "localhost" is
 * the same socket; no reference leads to one from elsewhere. `to` and `base`
 * differ.
 *
 * Fails:  HWS_E_ARGUMENT (other schemes, userinfo, all that hwi_url_parse()
 *         refuses) and HWS_E_MEMORY, with `fault` filled.
 * Owns:   release `to`, also after a failure.
 */
int hwi_url_resolve(struct hwi_url *to, const struct hwi_url *base,
                    struct hws_span reference, struct hws_fault *fault);
/* What of a reference may be shown: all, or what stands behind a password. */
struct hws_span hwi_url_without_userinfo(struct hws_span reference);
/*
 * Whether what was meant for `from` may be told to `to`: same scheme, host and
 * port. From port 80 to TLS on port 443 of the same host counts, too: the same
 * house, with a lock.
 */
bool hwi_url_same_origin(const struct hwi_url *from, const struct hwi_url *to);

#endif
