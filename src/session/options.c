#include "session/options.h"

#include "base/http.h"
#include "base/status.h"

void hws_client_options_init(struct hws_client_options *options)
{
    struct hws_proto_options proto;
    hws_proto_options_init(&proto);
    *options = (struct hws_client_options){
        .size = sizeof(*options),
        .return_delay = HWS_S(300),
        .limits = proto.limits,
        .delays = proto.delays,
        .open_delay = HWS_S(15),
        .retry = {.enabled = true,
                  .delay_min = HWS_MS(250),
                  .delay_max = HWS_S(30),
                  .stable = HWS_S(60),
                  .after_max = HWS_S(3600)},
    };
    hws_dial_options_init(&options->dial);
    hws_tls_options_init(&options->tls);
}

static int bad(struct hws_fault *fault, const char *what)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, "%s", what);
}

static int check_retry(const struct hws_retry *r, struct hws_fault *fault)
{
    if (r->delay_min < HWS_MS(1))
        return bad(fault,
                   "option 'retry.delay_min' must be at least 1 ms, or "
                   "the client would reconnect in a hot loop");
    if (r->delay_max < r->delay_min)
        return bad(fault,
                   "option 'retry.delay_max' is below "
                   "'retry.delay_min'");
    return 0;
}

static int check_headers(const struct hws_client_options *o,
                         struct hws_fault *fault)
{
    for (size_t i = 0; i < o->header_count; i++) {
        const struct hws_header *h = &o->headers[i];
        if (!h->name || !hwi_http_is_token(hws_span_text(h->name)))
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "header %zu has a bad name '%s'", i + 1,
                                 h->name ? h->name : "");
        if (!h->value || !hwi_http_is_field_value(hws_span_text(h->value)))
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "header '%s' has a value with a line break "
                                 "or control byte",
                                 h->name);
    }
    return 0;
}

static int check_openings(const struct hws_client_options *o,
                          struct hws_fault *fault)
{
    for (size_t i = 0; i < o->opening_count; i++) {
        enum hws_opcode opcode = o->openings[i].opcode;
        if (opcode != HWS_TEXT && opcode != HWS_BINARY)
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "opening message %zu is neither text nor "
                                 "binary",
                                 i + 1);
        if (o->openings[i].data.size > o->limits.send_queue_max)
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "opening message %zu exceeds "
                                 "'limits.send_queue_max'",
                                 i + 1);
    }
    return 0;
}

static int check(const struct hws_client_options *o, struct hws_fault *fault)
{
    if (o->size != sizeof(*o))
        return bad(fault,
                   "options were not made by "
                   "hws_client_options_init() of this version");
    if (!o->url && (!o->urls || o->url_count == 0))
        return bad(fault, "option 'url' is missing");
    if (o->url && o->urls)
        return bad(fault, "options 'url' and 'urls' exclude each other");
    if (!o->on_event)
        return bad(fault, "option 'on_event' is missing");
    int status = check_retry(&o->retry, fault);
    if (status == 0)
        status = check_headers(o, fault);
    return status ? status : check_openings(o, fault);
}

static int keep_texts(struct hwi_keep *keep, const char *const **list,
                      size_t count)
{
    if (count == 0) {
        *list = NULL;
        return 0;
    }
    const char **copy = hwi_keep_bytes(keep, *list, count * sizeof(*copy));
    if (!copy)
        return HWS_E_MEMORY;
    *list = copy;
    for (size_t i = 0; i < count; i++) {
        if (hwi_keep_text(keep, &copy[i]) != 0)
            return HWS_E_MEMORY;
    }
    return 0;
}

static int keep_headers(struct hwi_keep *keep, struct hws_client_options *o)
{
    size_t size = o->header_count * sizeof(*o->headers);
    struct hws_header *copy = hwi_keep_bytes(keep, o->headers, size);
    if (!copy)
        return HWS_E_MEMORY;
    o->headers = copy;
    for (size_t i = 0; i < o->header_count; i++) {
        if (hwi_keep_text(keep, &copy[i].name) != 0 ||
            hwi_keep_text(keep, &copy[i].value) != 0)
            return HWS_E_MEMORY;
    }
    return 0;
}

static int keep_openings(struct hwi_keep *keep, struct hws_client_options *o)
{
    size_t size = o->opening_count * sizeof(*o->openings);
    struct hws_opening *copy = hwi_keep_bytes(keep, o->openings, size);
    if (!copy)
        return HWS_E_MEMORY;
    o->openings = copy;
    for (size_t i = 0; i < o->opening_count; i++) {
        struct hws_span *data = &copy[i].data;
        data->data = hwi_keep_bytes(keep, data->data, data->size);
        if (!data->data)
            return HWS_E_MEMORY;
    }
    return 0;
}

static int keep_single_texts(struct hwi_keep *keep,
                             struct hws_client_options *o)
{
    const char **texts[] = {
        &o->dial.nameservers, &o->tls.ca_file,     &o->tls.ca_path,
        &o->tls.certificate,  &o->tls.private_key, &o->tls.key_log,
        &o->lag_field,
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (hwi_keep_text(keep, texts[i]) != 0)
            return HWS_E_MEMORY;
    }
    return 0;
}

int hwi_options_copy(struct hws_client_options *to,
                     const struct hws_client_options *from,
                     struct hwi_keep *keep, struct hws_fault *fault)
{
    int status = check(from, fault);
    if (status)
        return status;
    *to = *from;
    if (to->url) {
        to->urls = &from->url;
        to->url_count = 1;
    }
    if (keep_texts(keep, &to->urls, to->url_count) != 0 ||
        keep_texts(keep, &to->subprotocols, to->subprotocol_count) != 0 ||
        keep_headers(keep, to) != 0 || keep_openings(keep, to) != 0 ||
        keep_single_texts(keep, to) != 0)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "cannot keep the options: no memory");
    to->url = to->urls[0];
    return 0;
}
