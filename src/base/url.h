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

#endif
