/*
 * The arithmetic of Digest authentication (RFC 7616 section 3.4): hashes of
 * texts, in hexadecimal. It knows no header.
 */
#ifndef HWI_HTTP_DIGEST_H
#define HWI_HTTP_DIGEST_H

#include <stdbool.h>

/* Room for a SHA-256 in hexadecimal and its NUL. */
#define HWI_DIGEST_HEX 65

struct hwi_digest {
    bool sha256; /* else MD5 */
    bool session;
    const char *user, *realm, *password;
    const char *method, *target;
    const char *nonce, *cnonce, *count; /* `count` as it is sent */
    bool qop;
};

/* Each: 0; HWS_E_SUPPORT: libcrypto has no such hash here; HWS_E_MEMORY. */
int hwi_digest_response(const struct hwi_digest *d, char hex[HWI_DIGEST_HEX]);
int hwi_digest_user(const struct hwi_digest *d, char hex[HWI_DIGEST_HEX]);

#endif
