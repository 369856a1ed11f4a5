/*
 * Answers to a challenge: Basic (RFC 7617) and Digest (RFC 7616, quality of
 * protection "auth", or none as RFC 2069 had it). The strongest of several is
 * chosen, and no weaker one is tried after it. Chance comes from outside.
 */
#ifndef HWI_HTTP_AUTH_H
#define HWI_HTTP_AUTH_H

#include "base/buf.h"
#include "base/http.h"

/* The weakest first. */
enum hwi_auth_scheme {
    HWI_AUTH_NONE,
    HWI_AUTH_BASIC,
    HWI_AUTH_MD5,
    HWI_AUTH_MD5_SESS,
    HWI_AUTH_SHA256,
    HWI_AUTH_SHA256_SESS,
};

/* Bytes of chance in a client nonce, and that in base64 with its NUL. */
#define HWI_CNONCE_BYTES 18
#define HWI_CNONCE_SIZE 25

struct hwi_auth {
    enum hwi_auth_scheme scheme;
    bool stale;     /* the nonce was old, the password may be right */
    bool qop;       /* "auth" is offered */
    bool user_hash; /* the user's name is sent hashed (section 3.4.4) */
    unsigned count; /* requests with this nonce */
    char *texts;    /* owns the three below */
    const char *realm, *nonce;
    const char *opaque;           /* NULL: there was none */
    char cnonce[HWI_CNONCE_SIZE]; /* the same for all of `count` */
};                                /* begins zeroed */

void hwi_auth_release(struct hwi_auth *a);

/* "no", "basic", "digest (MD5)", ... */
const char *hwi_auth_name(enum hwi_auth_scheme scheme);

/*
 * Choose among the challenges in all headers called `name`.
 *
 * Fails:  HWS_E_SUPPORT: none of them is known here, or usable; or there is
 *         none. HWS_E_MEMORY. `a` is empty then.
 */
int hwi_auth_choose(struct hwi_auth *a, const struct hwi_http_head *head,
                    const char *name);

struct hwi_auth_request {
    const char *method, *target;
    const char *user, *password;
    struct hws_random random; /* for Digest */
};

/*
 * Append the credentials, such as "Basic dTpw", to `out`.
 *
 * Fails:  HWS_E_ARGUMENT: a user with a colon, which Basic cannot carry.
 *         HWS_E_SUPPORT: libcrypto has no such hash here (MD5, by policy).
 *         HWS_E_MEMORY, HWS_E_TOO_BIG.
 */
int hwi_auth_write(struct hwi_auth *a, struct hwi_buf *out,
                   const struct hwi_auth_request *request);

#endif
