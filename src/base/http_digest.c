#include "base/http_digest.h"

#include "base/buf.h"

#include <openssl/evp.h>

static void to_hex(char *out, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

/* Hash the texts of `parts` (a NULL ends them) with colons between. */
static int hash(const struct hwi_digest *d, const char *const *parts,
                char hex[HWI_DIGEST_HEX])
{
    unsigned char sum[32];
    size_t size = 0;
    struct hwi_buf text;
    hwi_buf_init(&text, SIZE_MAX / 2);
    int status = hwi_buf_text(&text, parts[0]);
    for (size_t i = 1; parts[i] && !status; i++) {
        status = hwi_buf_text(&text, ":");
        if (!status)
            status = hwi_buf_text(&text, parts[i]);
    }
    struct hws_span all = hwi_buf_span(&text);
    if (!status && EVP_Q_digest(NULL, d->sha256 ? "SHA256" : "MD5", NULL,
                                all.size ? all.data : (const uint8_t *)"",
                                all.size, sum, &size) != 1)
        status = HWS_E_SUPPORT;
    if (!status)
        to_hex(hex, sum, size);
    hwi_buf_release(&text);
    return status;
}

/* H(A1) of section 3.4.2. */
static int hash_secret(const struct hwi_digest *d, char hex[HWI_DIGEST_HEX])
{
    const char *user[] = {d->user, d->realm, d->password, NULL};
    int status = hash(d, user, hex);
    if (status || !d->session)
        return status;
    const char *session[] = {hex, d->nonce, d->cnonce, NULL};
    return hash(d, session, hex);
}

int hwi_digest_response(const struct hwi_digest *d, char hex[HWI_DIGEST_HEX])
{
    char secret[HWI_DIGEST_HEX], request[HWI_DIGEST_HEX];
    const char *asked[] = {d->method, d->target, NULL};
    int status = hash_secret(d, secret);
    if (status == 0)
        status = hash(d, asked, request);
    if (status)
        return status;
    const char *modern[] = {secret, d->nonce, d->count, d->cnonce,
                            "auth", request,  NULL};
    const char *old[] = {secret, d->nonce, request, NULL};
    return hash(d, d->qop ? modern : old, hex);
}

int hwi_digest_user(const struct hwi_digest *d, char hex[HWI_DIGEST_HEX])
{
    const char *parts[] = {d->user, d->realm, NULL};
    return hash(d, parts, hex);
}
