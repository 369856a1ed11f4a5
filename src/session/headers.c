#include "session/headers.h"

#include "base/http.h"
#include "base/mem.h"

static int make_room(struct hws_headers *h)
{
    if (h->count < h->capacity)
        return 0;
    size_t capacity = h->capacity ? 2 * h->capacity : 8;
    struct hws_header *list = hwi_resize(h->list, capacity * sizeof(*list));
    if (!list)
        return HWS_E_MEMORY;
    h->list = list;
    h->capacity = capacity;
    return 0;
}

int hws_headers_add(struct hws_headers *h, const char *name, const char *value)
{
    struct hws_header header = {.name = name, .value = value};
    if (!name || !value || !hwi_http_is_token(hws_span_text(name)) ||
        !hwi_http_is_field_value(hws_span_text(value)))
        return HWS_E_ARGUMENT;
    if (make_room(h) != 0 || hwi_keep_text(&h->keep, &header.name) != 0 ||
        hwi_keep_text(&h->keep, &header.value) != 0)
        return HWS_E_MEMORY;
    h->list[h->count++] = header;
    return 0;
}

int hwi_headers_add_basic(struct hws_headers *h, const char *userinfo)
{
    static const char scheme[] = "Basic ";
    struct hws_span in = hws_span_text(userinfo);
    size_t room = sizeof(scheme) + 4 * ((in.size + 2) / 3) + 1;
    char *value = hwi_alloc(room);
    if (!value)
        return HWS_E_MEMORY;
    memcpy(value, scheme, sizeof(scheme) - 1);
    hwi_base64(value + sizeof(scheme) - 1, in);
    int status = hws_headers_add(h, "Authorization", value);
    hwi_free(value);
    return status;
}

bool hwi_headers_have(const struct hws_headers *h, const char *name)
{
    for (size_t i = 0; i < h->count; i++) {
        if (hwi_span_is_nocase(hws_span_text(h->list[i].name), name))
            return true;
    }
    return false;
}

void hwi_headers_release(struct hws_headers *h)
{
    hwi_keep_release(&h->keep);
    hwi_free(h->list);
    *h = (struct hws_headers){0};
}
