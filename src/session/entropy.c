#include "session/entropy.h"

#include <openssl/rand.h>
#include <stdlib.h>

/*
 * Masking keys that an attacker can foresee open caches to poisoning (RFC 6455
 * section 10.3). Without randomness there is no safe way to go on, and it fails
 * only where the process could not start TLS either.
 */
static void fill(void *context, void *bytes, size_t size)
{
    (void)context;
    if (RAND_bytes(bytes, (int)size) != 1)
        abort();
}

struct hws_random hwi_entropy(void)
{
    return (struct hws_random){.fill = fill};
}
