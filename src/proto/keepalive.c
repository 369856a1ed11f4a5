#include "proto/keepalive.h"

void hwi_keepalive_init(struct hwi_keepalive *k, const struct hws_delays *d,
                        struct hws_random random, hws_time now)
{
    *k = (struct hwi_keepalive){
        .ping_delay = d->ping,
        .silent_delay = d->silent,
        .heard_at = now,
        .asked_at = HWS_NEVER,
        .own.sent_at = HWS_NEVER,
        .user.sent_at = HWS_NEVER,
        .reading = true,
    };
    random.fill(random.context, k->nonce, sizeof(k->nonce));
}

hws_time hwi_keepalive_deadline(const struct hwi_keepalive *k)
{
    if (!k->reading)
        return HWS_NEVER;
    if (k->asked_at != HWS_NEVER)
        return hwi_after(k->asked_at, k->silent_delay);
    return hwi_after(k->heard_at, k->ping_delay);
}

enum hwi_alive hwi_keepalive_tick(const struct hwi_keepalive *k, hws_time now)
{
    hws_time deadline = hwi_keepalive_deadline(k);
    if (deadline == HWS_NEVER || now < deadline)
        return HWI_ALIVE;
    return k->asked_at == HWS_NEVER ? HWI_ALIVE_ASK : HWI_ALIVE_SILENT;
}

/* FNV-1a. Two payloads with one mark would only spoil a round trip. */
static uint64_t mark_of(struct hws_span payload)
{
    uint64_t mark = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < payload.size; i++)
        mark = (mark ^ payload.data[i]) * UINT64_C(1099511628211);
    return mark;
}

void hwi_keepalive_ask(struct hwi_keepalive *k, hws_time now,
                       uint8_t payload[HWI_KEEPALIVE_PAYLOAD])
{
    k->counter++;
    memcpy(payload, k->nonce, 8);
    for (int i = 0; i < 8; i++)
        payload[8 + i] = (uint8_t)(k->counter >> (56 - 8 * i));
    k->asked_at = now;
    k->own.mark = mark_of(hwi_span(payload, HWI_KEEPALIVE_PAYLOAD));
    k->own.sent_at = now;
}

void hwi_keepalive_note(struct hwi_keepalive *k, struct hws_span payload,
                        hws_time now)
{
    k->user.mark = mark_of(payload);
    k->user.sent_at = now;
}

static hws_time match(struct hwi_ping_mark *ping, uint64_t mark, hws_time now)
{
    if (ping->sent_at == HWS_NEVER || ping->mark != mark)
        return HWS_NEVER;
    hws_time round_trip = now - ping->sent_at;
    ping->sent_at = HWS_NEVER;
    return round_trip;
}

hws_time hwi_keepalive_answer(struct hwi_keepalive *k, struct hws_span payload,
                              hws_time now)
{
    uint64_t mark = mark_of(payload);
    hws_time round_trip = match(&k->own, mark, now);
    if (round_trip == HWS_NEVER)
        round_trip = match(&k->user, mark, now);
    return round_trip;
}

void hwi_keepalive_reading(struct hwi_keepalive *k, bool reading, hws_time now)
{
    if (reading && !k->reading) {
        k->heard_at = now;
        if (k->asked_at != HWS_NEVER)
            k->asked_at = now;
    }
    k->reading = reading;
}
