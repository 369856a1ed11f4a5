/*
 * Pins of public keys (RFC 7469 section 2.4): "sha256//" and the base64 of the
 * SHA-256 of a certificate's SubjectPublicKeyInfo. It compares texts: one key
 * has exactly one pin.
 */
#ifndef HWI_TLS_PIN_H
#define HWI_TLS_PIN_H

#include "hawser/tls.h"

#include <openssl/x509.h>

#define HWI_TLS_PIN ((size_t)8 + 44 + 1)

struct hwi_tls_pins {
    char (*list)[HWI_TLS_PIN]; /* owned */
    size_t count;
};

/* HWS_E_ARGUMENT names the first one that is no pin; HWS_E_MEMORY. */
int hwi_tls_pins_init(struct hwi_tls_pins *pins,
                      const struct hws_tls_options *options,
                      struct hws_fault *fault);
void hwi_tls_pins_release(struct hwi_tls_pins *pins);
/* The pin of the key in `certificate`. False: no memory. */
bool hwi_tls_pin_of(X509 *certificate, char pin[HWI_TLS_PIN]);
bool hwi_tls_pins_have(const struct hwi_tls_pins *pins,
                       const char pin[HWI_TLS_PIN]);

#endif
