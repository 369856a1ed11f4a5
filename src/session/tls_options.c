#include "session/tls_options.h"

#include <string.h>

#define AT(member) offsetof(struct hws_tls_options, member)

/* Where the texts are. */
static const size_t texts[] = {
    AT(ca_file),      AT(ca_path), AT(client_ca),    AT(certificate),
    AT(private_key),  AT(ciphers), AT(key_password), AT(groups),
    AT(ciphersuites), AT(key_log),
};
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static const char **text_at(struct hws_tls_options *o, size_t i)
{
    return (const char **)(void *)((char *)o + texts[i]);
}

static const char *text_of(const struct hws_tls_options *o, size_t i)
{
    return *text_at((struct hws_tls_options *)(uintptr_t)o, i);
}

/* NULL among the pins stays: whoever makes a context names it. */
static int keep_pins(struct hwi_keep *keep, struct hws_tls_options *o)
{
    if (o->pin_count == 0 || !o->pins)
        return 0;
    const char **copy =
        hwi_keep_bytes(keep, o->pins, o->pin_count * sizeof(*copy));
    if (!copy)
        return HWS_E_MEMORY;
    o->pins = copy;
    for (size_t i = 0; i < o->pin_count; i++) {
        if (hwi_keep_text(keep, &copy[i]) != 0)
            return HWS_E_MEMORY;
    }
    return 0;
}

int hwi_tls_options_keep(struct hwi_keep *keep, struct hws_tls_options *o)
{
    for (size_t i = 0; i < TEXTS; i++) {
        if (hwi_keep_text(keep, text_at(o, i)) != 0)
            return HWS_E_MEMORY;
    }
    return keep_pins(keep, o);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool hwi_tls_options_same(const struct hws_tls_options *a,
                          const struct hws_tls_options *b)
{
    bool same = a->verify == b->verify && a->ocsp == b->ocsp &&
                a->version_min == b->version_min &&
                a->version_max == b->version_max &&
                a->pin_count == b->pin_count && !a->pins == !b->pins;
    for (size_t i = 0; same && i < TEXTS; i++)
        same = same_text(text_of(a, i), text_of(b, i));
    for (size_t i = 0; same && a->pins && i < a->pin_count; i++)
        same = same_text(a->pins[i], b->pins[i]);
    return same;
}
