#include "base/utf8.h"

#include "base/utf8_variant.h"

#include <stdatomic.h>

/* Below this the choice of a variant costs more than it gains. */
#define SMALL 64

static uint64_t load(const uint8_t *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof(word));
    return word;
}

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* Bytes of ASCII at the front, found in steps of 32 and 8. */
static size_t skip_ascii(const uint8_t *data, size_t size)
{
    size_t at = 0;
    for (; size - at >= 32; at += 32) {
        const uint8_t *p = data + at;
        uint64_t all = load(p) | load(p + 8) | load(p + 16) | load(p + 24);
        if (all & HIGH_BITS)
            break;
    }
    while (size - at >= 8 && !(load(data + at) & HIGH_BITS))
        at += 8;
    while (at < size && data[at] < 0x80)
        at++;
    return at;
}

/* What a lead byte asks for (RFC 3629 section 4). Only the second byte has a
 * range of its own; size 0 marks a byte that cannot lead. */
struct lead {
    uint8_t size, low, high;
};

static struct lead lead_of(uint8_t c)
{
    if (c < 0x80)
        return (struct lead){1, 0x80, 0xbf};
    if (c < 0xc2 || c > 0xf4)
        return (struct lead){0, 0x80, 0xbf};
    struct lead l = {(uint8_t)(c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4), 0x80, 0xbf};
    if (c == 0xe0)
        l.low = 0xa0;
    else if (c == 0xed)
        l.high = 0x9f;
    else if (c == 0xf0)
        l.low = 0x90;
    else if (c == 0xf4)
        l.high = 0x8f;
    return l;
}

/* How many bytes at `data` are good as the begin of one character, whose
 * size is *whole (0 when none can begin so). size > 0. */
static size_t good_bytes(const uint8_t *data, size_t size, size_t *whole)
{
    struct lead l = lead_of(data[0]);
    *whole = l.size;
    if (l.size < 2 || size < 2)
        return l.size > 0;
    if (data[1] < l.low || data[1] > l.high)
        return 1;
    size_t good = 2;
    while (good < l.size && good < size && (data[good] & 0xc0) == 0x80)
        good++;
    return good;
}

/* The plain variant. It stops before a fault or an unfinished character. */
static size_t skip_plain(const uint8_t *data, size_t size)
{
    size_t at = 0, whole;
    while (at < size) {
        if (data[at] < 0x80) {
            at += skip_ascii(data + at, size - at);
            continue;
        }
        if (good_bytes(data + at, size - at, &whole) < whole || whole == 0)
            break;
        at += whole;
    }
    return at;
}

static hwi_utf8_skip skip_first;
static _Atomic(hwi_utf8_skip *) chosen = skip_first;

static hwi_utf8_skip *find_variant(const char *name)
{
#ifdef HWI_UTF8_X86
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2");
    bool sse4 = __builtin_cpu_supports("sse4.1");
    if (avx2 && (!name || strcmp(name, "avx2") == 0))
        return hwi_utf8_skip_avx2;
    if (sse4 && (!name || strcmp(name, "sse4") == 0))
        return hwi_utf8_skip_sse4;
#endif
    return !name || strcmp(name, "plain") == 0 ? skip_plain : NULL;
}

bool hwi_utf8_choose(const char *variant)
{
    hwi_utf8_skip *skip = find_variant(variant);
    if (skip)
        atomic_store_explicit(&chosen, skip, memory_order_relaxed);
    return skip != NULL;
}

/* Stands in for the best variant until the first large text asks for it. */
static size_t skip_first(const uint8_t *data, size_t size)
{
    hwi_utf8_choose(NULL);
    return atomic_load_explicit(&chosen, memory_order_relaxed)(data, size);
}

/* How many bytes at the front are whole, valid characters. */
static size_t skip_valid(const uint8_t *data, size_t size)
{
    size_t at = 0;
    if (size >= SMALL)
        at = atomic_load_explicit(&chosen, memory_order_relaxed)(data, size);
    return at + skip_plain(data + at, size - at);
}

/* Go on with the character that earlier bytes began. */
static size_t feed_unfinished(struct hwi_utf8 *u, struct hws_span bytes)
{
    uint8_t character[4];
    size_t had = u->size, whole;
    size_t more = bytes.size < 4 - had ? bytes.size : 4 - had;
    memcpy(character, u->lead, had);
    memcpy(character + had, bytes.data, more);
    size_t good = good_bytes(character, had + more, &whole);
    if (good < whole && good == had + more) {
        memcpy(u->lead, character, good);
        u->size = (uint8_t)good;
    } else if (good == whole) {
        u->size = 0;
    }
    return good - had;
}

size_t hwi_utf8_feed(struct hwi_utf8 *u, struct hws_span bytes)
{
    size_t at = 0, whole;
    if (bytes.size == 0)
        return 0;
    if (u->size) {
        at = feed_unfinished(u, bytes);
        if (u->size)
            return at;
    }
    at += skip_valid(bytes.data + at, bytes.size - at);
    size_t left = bytes.size - at;
    if (left == 0)
        return at;
    size_t good = good_bytes(bytes.data + at, left, &whole);
    if (good == left && good < whole) {
        memcpy(u->lead, bytes.data + at, good);
        u->size = (uint8_t)good;
    }
    return at + good;
}

bool hwi_utf8_valid(struct hws_span bytes)
{
    return skip_valid(bytes.data, bytes.size) == bytes.size;
}
