#include "session/endpoints.h"

#include "base/mem.h"
#include "base/status.h"

int hwi_endpoints_init(struct hwi_endpoints *e, const char *const *urls,
                       size_t count, struct hws_fault *fault)
{
    *e = (struct hwi_endpoints){0};
    e->urls = hwi_alloc_zero(count * sizeof(*e->urls));
    if (!e->urls)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "cannot keep %zu urls: no memory", count);
    for (size_t i = 0; i < count; i++) {
        e->count = i + 1;
        int status = hwi_url_parse(&e->urls[i], urls[i], fault);
        if (status)
            return status;
    }
    return 0;
}

void hwi_endpoints_release(struct hwi_endpoints *e)
{
    for (size_t i = 0; i < e->count; i++)
        hwi_url_release(&e->urls[i]);
    hwi_free(e->urls);
    *e = (struct hwi_endpoints){0};
}

void hwi_endpoints_note(struct hwi_endpoints *e, hws_time up,
                        hws_time return_delay)
{
    if (e->current != 0)
        e->away += up;
    if (e->current != 0 && e->away >= return_delay)
        e->current = 0;
    else if (up < HWI_UP_TOO_SHORT)
        e->current = (e->current + 1) % e->count;
    if (e->current == 0)
        e->away = 0;
}
