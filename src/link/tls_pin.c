#include "link/tls_pin.h"

#include "base/http.h"
#include "base/mem.h"
#include "base/status.h"

#include <openssl/evp.h>
#include <string.h>

#define PREFIX "sha256//"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)
#define HASH_SIZE 32

/* The last of the 43 digits carries four bits: two of it are 0, or there would
 * be two ways to write one hash. */
static bool is_pin(const char *text)
{
    static const char digits[] =
        "AEIMQUYcgkosw048"
        "BCDFGHJKLNOPRSTVWXZabdefhijlmnpqrtuvxyz1235679+/";
    if (!text || strncmp(text, PREFIX, PREFIX_SIZE) != 0)
        return false;
    text += PREFIX_SIZE;
    return strlen(text) == 44 && strspn(text, digits) == 43 &&
           memchr(digits, text[42], 16) && text[43] == '=';
}

int hwi_tls_pins_init(struct hwi_tls_pins *pins,
                      const struct hws_tls_options *options,
                      struct hws_fault *fault)
{
    size_t count = options->pin_count;
    pins->list = count ? hwi_alloc_zero(count * sizeof(*pins->list)) : NULL;
    if (count && !pins->list)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "no memory for tls settings");
    for (size_t i = 0; i < count; i++) {
        const char *text = options->pins ? options->pins[i] : NULL;
        if (!is_pin(text))
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "tls option 'pins': '%.64s' (number %zu) is "
                                 "not 'sha256//' and 44 characters of base64",
                                 text ? text : "", i + 1);
        memcpy(pins->list[i], text, HWI_TLS_PIN);
        pins->count = i + 1;
    }
    return 0;
}

void hwi_tls_pins_release(struct hwi_tls_pins *pins)
{
    hwi_free(pins->list);
    *pins = (struct hwi_tls_pins){0};
}

bool hwi_tls_pin_of(X509 *certificate, char pin[HWI_TLS_PIN])
{
    uint8_t hash[HASH_SIZE];
    uint8_t *der = NULL;
    int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool hashed = size > 0 && EVP_Digest(der, (size_t)size, hash, NULL,
                                         EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    if (!hashed)
        return false;
    memcpy(pin, PREFIX, PREFIX_SIZE);
    hwi_base64(pin + PREFIX_SIZE, hwi_span(hash, sizeof(hash)));
    return true;
}

bool hwi_tls_pins_have(const struct hwi_tls_pins *pins,
                       const char pin[HWI_TLS_PIN])
{
    size_t i = 0;
    while (i < pins->count && strcmp(pins->list[i], pin) != 0)
        i++;
    return i < pins->count;
}
