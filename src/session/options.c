#include "session/options.h"

#include "base/http.h"
#include "base/status.h"
#include "base/utf8.h"
#include "proto/deflate.h"
#include "session/login.h"
#include "session/tls_options.h"

/* A longer delay could not be added to a time; HWS_NEVER is meant. */
#define CENTURY HWS_S(INT64_C(100) * 365 * 24 * 3600)
/* The header of a frame at its largest, with its masking key. */
#define FRAME_HEADER_MAX 14
/* No honest chain is longer; a longer one would only be walked in vain. */
#define REDIRECTS_MAX 50

void hws_client_options_init(struct hws_client_options *options)
{
    struct hws_proto_options proto;
    hws_proto_options_init(&proto);
    *options = (struct hws_client_options){
        .size = sizeof(*options),
        .return_delay = HWS_S(300),
        .limits = proto.limits,
        .delays = proto.delays,
        .deflate = proto.deflate,
        .open_delay = HWS_S(15),
        .proxy_delay = HWS_S(5),
        .stale_delay = HWS_NEVER,
        .measure = true,
        .retry = {.enabled = true,
                  .delay_min = HWS_MS(250),
                  .delay_max = HWS_S(30),
                  .stable = HWS_S(60),
                  .after_max = HWS_S(3600)},
        .redirects = {.max = 5},
    };
    hws_dial_options_init(&options->dial);
    hws_tls_options_init(&options->tls);
    hws_tls_options_init(&options->proxy_tls);
}

static int bad(struct hws_fault *fault, const char *what)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT, "%s", what);
}

/* A delay between `least` and a century, or HWS_NEVER. */
static int check_delay(const char *name, hws_time delay, hws_time least,
                       struct hws_fault *fault)
{
    if (delay == HWS_NEVER || (delay >= least && delay <= CENTURY))
        return 0;
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "option '%s' must be HWS_NEVER, or %s and at most a "
                         "century",
                         name, least ? "at least 1 ms" : "0 or more");
}

static int check_delays(const struct hws_client_options *o,
                        struct hws_fault *fault)
{
    const struct {
        const char *name;
        hws_time delay, least;
    } delays[] = {
        {"delays.handshake", o->delays.handshake, HWS_MS(1)},
        {"delays.close", o->delays.close, HWS_MS(1)},
        {"delays.ping", o->delays.ping, HWS_MS(1)},
        {"delays.silent", o->delays.silent, HWS_MS(1)},
        {"open_delay", o->open_delay, HWS_MS(1)},
        {"stale_delay", o->stale_delay, HWS_MS(1)},
        {"proxy_delay", o->proxy_delay, HWS_MS(1)},
        {"return_delay", o->return_delay, 0},
        {"retry.stable", o->retry.stable, 0},
        {"retry.after_max", o->retry.after_max, 0},
    };
    int status = 0;
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]) && !status; i++)
        status = check_delay(delays[i].name, delays[i].delay, delays[i].least,
                             fault);
    if (status == 0 && o->channel_field && o->stale_delay == HWS_NEVER)
        return bad(fault,
                   "option 'channel_field' needs 'stale_delay': how "
                   "long a channel may be silent");
    return status;
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
    if (r->delay_max > CENTURY)
        return bad(fault,
                   "option 'retry.delay_max' exceeds a century; to "
                   "stop retrying, clear 'retry.enabled'");
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

static int check_opening(const struct hws_opening *opening, size_t number,
                         struct hws_fault *fault)
{
    if (opening->opcode != HWS_TEXT && opening->opcode != HWS_BINARY)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "opening message %zu is neither text nor "
                             "binary",
                             number);
    if (opening->opcode == HWS_TEXT && !hwi_utf8_valid(opening->data))
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                             "opening message %zu is not UTF-8", number);
    return 0;
}

/* They find an empty queue: what fits it together can always be sent. */
static int check_openings(const struct hws_client_options *o,
                          struct hws_fault *fault)
{
    size_t room = o->limits.send_queue_max;
    for (size_t i = 0; i < o->opening_count; i++) {
        const struct hws_opening *opening = &o->openings[i];
        int status = check_opening(opening, i + 1, fault);
        if (status)
            return status;
        if (room < FRAME_HEADER_MAX ||
            opening->data.size > room - FRAME_HEADER_MAX)
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "opening message %zu and those before it "
                                 "exceed 'limits.send_queue_max'",
                                 i + 1);
        room -= opening->data.size + FRAME_HEADER_MAX;
    }
    return 0;
}

static int check_limits(const struct hws_limits *l, struct hws_fault *fault)
{
    if (l->fragment_max == 0)
        return bad(fault, "option 'limits.fragment_max' must be at least 1");
    if (l->send_queue_low > l->send_queue_high)
        return bad(fault,
                   "option 'limits.send_queue_low' is above "
                   "'limits.send_queue_high'");
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
        status = check_delays(o, fault);
    if (status == 0)
        status = check_limits(&o->limits, fault);
    if (status == 0 && o->redirects.max > REDIRECTS_MAX)
        status = bad(fault, "option 'redirects.max' is above 50");
    if (status == 0)
        status = hwi_login_check(&o->login, fault);
    if (status == 0)
        status = hwi_deflate_check(&o->deflate, fault);
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

static int keep_each(struct hwi_keep *keep, const char **const *texts,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hwi_keep_text(keep, texts[i]) != 0)
            return HWS_E_MEMORY;
    }
    return 0;
}

static int keep_single_texts(struct hwi_keep *keep,
                             struct hws_client_options *o)
{
    const char **const texts[] = {
        &o->dial.nameservers,
        &o->lag_field,
        &o->channel_field,
        &o->login.user,
        &o->login.password,
        &o->login.bearer,
        &o->proxy,
        &o->no_proxy,
    };
    int status = keep_each(keep, texts, sizeof(texts) / sizeof(texts[0]));
    if (status == 0)
        status = hwi_tls_options_keep(keep, &o->tls);
    return status ? status : hwi_tls_options_keep(keep, &o->proxy_tls);
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
