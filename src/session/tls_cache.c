#include "session/tls_cache.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/tls_stamp.h"
#include "session/environment.h"
#include "session/tls_options.h"

struct hwi_tls_entry {
    struct hwi_tls_entry *next;
    struct hws_tls_options options; /* what it points at is in `keep` */
    struct hwi_keep keep;
    struct hws_tls_context *context;
    struct hwi_tls_stamp stamp; /* of the files as they were last tried */
    struct hws_fault warning;   /* status 0: nothing to tell */
};

static void entry_free(struct hwi_tls_entry *e)
{
    hws_tls_context_free(e->context);
    hwi_keep_release(&e->keep);
    hwi_free(e);
}

static struct hwi_tls_entry *entry_new(const struct hws_tls_options *options,
                                       struct hws_fault *fault)
{
    struct hwi_tls_entry *e = hwi_alloc_zero(sizeof(*e));
    if (e)
        e->options = *options;
    if (!e || hwi_tls_options_keep(&e->keep, &e->options) != 0) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "cannot prepare TLS: no memory");
        goto fail;
    }
    /* First the stamp: what changes while it is read is read once more. */
    hwi_tls_stamp_take(&e->stamp, options, hwi_environment_get);
    e->context = hws_tls_context_new(options, false, fault);
    if (!e->context)
        goto fail;
    return e;
fail:
    if (e)
        entry_free(e);
    return NULL;
}

/*
 * Sessions do not outlive a change: they stand for a check against what was
 * there before. Files that cannot be used are not tried again before they
 * change once more; without memory they are, at the next attempt.
 */
static void renew(struct hwi_tls_entry *e)
{
    struct hwi_tls_stamp now;
    struct hws_fault why = {0};
    hwi_tls_stamp_take(&now, &e->options, hwi_environment_get);
    if (hwi_tls_stamp_same(&now, &e->stamp))
        return;
    struct hws_tls_context *fresh =
        hws_tls_context_new(&e->options, false, &why);
    if (why.status != HWS_E_MEMORY)
        e->stamp = now;
    e->warning = why;
    if (!fresh) {
        hwi_fault_set(&e->warning, why.phase, why.status,
                      "%s; what was loaded before is used on", why.text);
        return;
    }
    hws_tls_context_free(e->context);
    e->context = fresh;
}

static struct hwi_tls_entry *find(struct hwi_tls_entry *e,
                                  const struct hws_tls_options *options)
{
    while (e && !hwi_tls_options_same(&e->options, options))
        e = e->next;
    return e;
}

struct hws_tls_context *hwi_tls_cache_get(struct hwi_tls_entry **cache,
                                          const struct hws_tls_options *options,
                                          struct hws_fault *fault)
{
    struct hwi_tls_entry *e = find(*cache, options);
    if (e) {
        renew(e);
        return e->context;
    }
    e = entry_new(options, fault);
    if (!e)
        return NULL;
    e->next = *cache;
    *cache = e;
    return e->context;
}

bool hwi_tls_cache_warning(struct hwi_tls_entry *cache,
                           const struct hws_tls_options *options,
                           struct hws_fault *fault)
{
    struct hwi_tls_entry *e = find(cache, options);
    if (!e || e->warning.status == HWS_OK)
        return false;
    *fault = e->warning;
    e->warning.status = HWS_OK;
    return true;
}

void hwi_tls_cache_free(struct hwi_tls_entry *cache)
{
    while (cache) {
        struct hwi_tls_entry *next = cache->next;
        entry_free(cache);
        cache = next;
    }
}
