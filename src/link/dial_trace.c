#include "link/dial_trace.h"

static bool is_watched(const struct hwi_dial_trace *t)
{
    return t && t->options->on_step;
}

static void tell(const struct hwi_dial_trace *t, struct hws_dial_note *note)
{
    const struct hws_dial_options *o = t->options;
    note->at = t->now;
    note->host = o->host;
    note->port = o->port;
    o->on_step(note, o->user);
}

void hwi_dial_trace_begin(const struct hwi_dial_trace *t)
{
    struct hws_dial_note note = {.step = HWS_DIAL_BEGIN};
    if (is_watched(t))
        tell(t, &note);
}

static void tell_answer(const struct hwi_dial_trace *t,
                        struct hws_dial_note *note,
                        const struct hwi_address *list, size_t count)
{
    char texts[HWI_ANSWER_MAX][HWI_ADDRESS_TEXT];
    const char *addresses[HWI_ANSWER_MAX];
    for (size_t i = 0; i < count; i++) {
        hwi_address_text(&list[i].any, list[i].size, texts[i]);
        addresses[i] = texts[i];
    }
    note->step = HWS_DIAL_ANSWER;
    note->addresses = addresses;
    note->address_count = count;
    tell(t, note);
}

void hwi_dial_trace_literal(const struct hwi_dial_trace *t,
                            const struct hwi_address *literal)
{
    struct hws_dial_note note = {.source = HWS_NAME_LITERAL};
    if (!is_watched(t))
        return;
    note.ipv6 = hwi_address_family(literal) == AF_INET6;
    tell_answer(t, &note, literal, 1);
}

void hwi_dial_trace_answer(const struct hwi_dial_trace *t,
                           const struct hwi_resolve *resolve, int family)
{
    struct hws_dial_note note = {.ipv6 = family == AF_INET6};
    const struct hwi_answer *a = note.ipv6 ? &resolve->v6 : &resolve->v4;
    char room[HWI_REASON_MAX];
    if (!is_watched(t))
        return;
    note.source = resolve->local ? HWS_NAME_HOSTS : HWS_NAME_SERVER;
    note.server = resolve->server;
    if (a->count == 0)
        note.reason = hwi_resolve_reason(resolve, a, room);
    tell_answer(t, &note, a->list, a->count);
}

void hwi_dial_trace_attempt(const struct hwi_dial_trace *t,
                            enum hws_dial_step step,
                            const struct hwi_address *address, int os_error)
{
    char text[HWI_ADDRESS_TEXT];
    struct hws_dial_note note = {.step = step, .os_error = os_error};
    if (!is_watched(t))
        return;
    hwi_address_text(&address->any, address->size, text);
    note.ipv6 = hwi_address_family(address) == AF_INET6;
    note.address = text;
    tell(t, &note);
}
