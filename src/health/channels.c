#include "health/channels.h"

#include "base/mem.h"
#include "base/status.h"
#include "json_pointer.h"

#define SLOTS_MIN 32

struct hwi_channels *hwi_channels_new(const char *field,
                                      struct hws_fault *fault)
{
    struct hwi_channels *c = hwi_alloc_zero(sizeof(*c));
    if (!c) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for channels");
        return NULL;
    }
    c->pointer =
        hwi_json_pointer_new("channel field", field, strlen(field), fault);
    if (c->pointer)
        return c;
    hwi_free(c);
    return NULL;
}

void hwi_channels_free(struct hwi_channels *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->slot_count; i++)
        hwi_free(c->slots[i]);
    hwi_free(c->slots);
    hwi_json_pointer_free(c->pointer);
    hwi_free(c);
}

/* FNV-1a. Whoever makes names collide makes us walk HWI_CHANNELS_MAX slots. */
static uint32_t hash_of(struct hws_span name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ name.data[i]) * 16777619u;
    return hash;
}

/* Where it is, or a free slot. */
static size_t slot_of(const struct hwi_channels *c, struct hws_span name,
                      uint32_t hash)
{
    size_t at = hash & (c->slot_count - 1);
    while (c->slots[at] &&
           (c->slots[at]->hash != hash ||
            !hwi_span_equal(hwi_channel_name(c->slots[at]), name)))
        at = (at + 1) & (c->slot_count - 1);
    return at;
}

static bool grow(struct hwi_channels *c)
{
    struct hwi_channels old = *c;
    c->slot_count = old.slot_count ? old.slot_count * 2 : SLOTS_MIN;
    c->slots = hwi_alloc_zero(c->slot_count * sizeof(*c->slots));
    if (!c->slots) {
        c->slots = old.slots;
        c->slot_count = old.slot_count;
        return false;
    }
    for (size_t i = 0; i < old.slot_count; i++) {
        struct hwi_channel *one = old.slots[i];
        if (one)
            c->slots[slot_of(c, hwi_channel_name(one), one->hash)] = one;
    }
    hwi_free(old.slots);
    return true;
}

static struct hwi_channel *channel_new(struct hws_span name, uint32_t hash)
{
    struct hwi_channel *one = hwi_alloc_zero(sizeof(*one) + name.size);
    if (!one)
        return NULL;
    one->hash = hash;
    one->size = (uint16_t)name.size;
    memcpy(one->name, name.data, name.size);
    return one;
}

static struct hwi_channel *add(struct hwi_channels *c, struct hws_span name,
                               uint32_t hash)
{
    bool has_room = c->count < HWI_CHANNELS_MAX && name.size <= UINT16_MAX &&
                    (c->count < c->slot_count / 2 || grow(c));
    struct hwi_channel *one = has_room ? channel_new(name, hash) : NULL;
    if (!one) {
        c->is_full = true;
        return NULL;
    }
    c->slots[slot_of(c, name, hash)] = one;
    c->count++;
    return one;
}

struct hwi_channel *hwi_channels_named(const struct hwi_channels *c,
                                       struct hws_span name)
{
    return c->slot_count ? c->slots[slot_of(c, name, hash_of(name))] : NULL;
}

struct hwi_channel *hwi_channels_find(struct hwi_channels *c,
                                      struct hws_span json)
{
    struct hwi_json_value value;
    if (!hwi_json_pointer_find(c->pointer, json, &value))
        return NULL;
    struct hwi_channel *one = hwi_channels_named(c, value.text);
    return one ? one : add(c, value.text, hash_of(value.text));
}

void hwi_channels_restart(struct hwi_channels *c, hws_time now)
{
    for (size_t i = 0; i < c->slot_count; i++) {
        struct hwi_channel *one = c->slots[i];
        if (!one || one->last == HWS_NEVER)
            continue;
        one->last = now;
        one->stale = false;
    }
}

struct hwi_channel *hwi_channels_oldest(const struct hwi_channels *c)
{
    struct hwi_channel *oldest = NULL;
    for (size_t i = 0; i < c->slot_count; i++) {
        struct hwi_channel *one = c->slots[i];
        if (!one || one->stale || one->last == HWS_NEVER)
            continue;
        if (!oldest || one->last < oldest->last)
            oldest = one;
    }
    return oldest;
}
