#include "session/tls_cache.h"

#include "base/mem.h"
#include "base/status.h"

#include <string.h>

struct hwi_tls_entry {
    struct hwi_tls_entry *next;
    struct hws_tls_options options; /* texts are owned */
    struct hws_tls_context *context;
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same(const struct hws_tls_options *a,
                 const struct hws_tls_options *b)
{
    return a->verify == b->verify && a->version_min == b->version_min &&
           same_text(a->ca_file, b->ca_file) &&
           same_text(a->ca_path, b->ca_path) &&
           same_text(a->certificate, b->certificate) &&
           same_text(a->private_key, b->private_key) &&
           same_text(a->key_log, b->key_log);
}

static void entry_free(struct hwi_tls_entry *e)
{
    hws_tls_context_free(e->context);
    hwi_free((char *)e->options.ca_file);
    hwi_free((char *)e->options.ca_path);
    hwi_free((char *)e->options.certificate);
    hwi_free((char *)e->options.private_key);
    hwi_free((char *)e->options.key_log);
    hwi_free(e);
}

/* False when a text that is there could not be copied. */
static bool copy(const char **to, const char *from)
{
    *to = hwi_copy_text(from);
    return *to || !from;
}

static bool copy_options(struct hws_tls_options *to,
                         const struct hws_tls_options *from)
{
    to->verify = from->verify;
    to->version_min = from->version_min;
    return copy(&to->ca_file, from->ca_file) &&
           copy(&to->ca_path, from->ca_path) &&
           copy(&to->certificate, from->certificate) &&
           copy(&to->private_key, from->private_key) &&
           copy(&to->key_log, from->key_log);
}

static struct hwi_tls_entry *entry_new(const struct hws_tls_options *options,
                                       struct hws_fault *fault)
{
    struct hwi_tls_entry *e = hwi_alloc_zero(sizeof(*e));
    if (!e || !copy_options(&e->options, options)) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot prepare TLS: no memory");
        goto fail;
    }
    e->context = hws_tls_context_new(options, false, fault);
    if (!e->context)
        goto fail;
    return e;
fail:
    if (e)
        entry_free(e);
    return NULL;
}

struct hws_tls_context *hwi_tls_cache_get(struct hwi_tls_entry **cache,
                                          const struct hws_tls_options *options,
                                          struct hws_fault *fault)
{
    struct hwi_tls_entry *e = *cache;
    while (e && !same(&e->options, options))
        e = e->next;
    if (!e) {
        e = entry_new(options, fault);
        if (!e)
            return NULL;
        e->next = *cache;
        *cache = e;
    }
    return e->context;
}

void hwi_tls_cache_free(struct hwi_tls_entry *cache)
{
    while (cache) {
        struct hwi_tls_entry *next = cache->next;
        entry_free(cache);
        cache = next;
    }
}
