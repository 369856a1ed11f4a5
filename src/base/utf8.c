#include "base/utf8.h"

#include "base/ascii.h"
#include "base/utf8_plain.h"

#include <stdatomic.h>

/* Above this a variant is worth its call. */
#define WORTHWHILE 16

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
    return !name || strcmp(name, "plain") == 0 ? hwi_utf8_skip_plain : NULL;
}

bool hwi_utf8_choose(const char *variant)
{
    hwi_utf8_skip *skip = find_variant(variant);
    if (skip)
        atomic_store_explicit(&chosen, skip, memory_order_relaxed);
    return skip != NULL;
}

static size_t skip_chosen(const uint8_t *data, size_t size)
{
    return atomic_load_explicit(&chosen, memory_order_relaxed)(data, size);
}

/* Stands in for the best variant until the first text asks for it. */
static size_t skip_first(const uint8_t *data, size_t size)
{
    hwi_utf8_choose(NULL);
    return skip_chosen(data, size);
}

/* How many bytes at the front are whole, valid characters. */
HWI_ASCII_INLINE size_t skip_valid(const uint8_t *data, size_t size)
{
    size_t at = size > WORTHWHILE ? skip_chosen(data, size) : 0;
    if (at == size)
        return at;
    return at + hwi_utf8_skip_plain(data + at, size - at);
}

/* Keep a character that may yet be finished. */
static void keep(struct hwi_utf8 *u, const uint8_t *data, size_t size)
{
    memcpy(u->lead, data, size);
    u->size = (uint8_t)size;
}

/* Go on with the character that earlier bytes began. */
static size_t feed_unfinished(struct hwi_utf8 *u, struct hws_span bytes)
{
    uint8_t character[4];
    size_t had = u->size, whole;
    size_t more = bytes.size < 4 - had ? bytes.size : 4 - had;
    memcpy(character, u->lead, had);
    memcpy(character + had, bytes.data, more);
    size_t good = hwi_utf8_begin(character, had + more, &whole);
    if (good == whole)
        u->size = 0;
    else if (good == had + more)
        keep(u, character, good);
    return good - had;
}

/* Kept out of line, so that the fast path before it needs no stack. */
__attribute__((noinline)) static size_t feed(struct hwi_utf8 *u,
                                             struct hws_span bytes)
{
    size_t at = 0, whole;
    if (u->size && bytes.size) {
        at = feed_unfinished(u, bytes);
        if (u->size)
            return at;
    }
    struct hws_span rest = hwi_span_part(bytes, at, bytes.size);
    at += skip_valid(rest.data, rest.size);
    if (at == bytes.size)
        return at;
    rest = hwi_span_part(bytes, at, bytes.size);
    size_t good = hwi_utf8_begin(rest.data, rest.size, &whole);
    if (good == rest.size && good < whole)
        keep(u, rest.data, good);
    return at + good;
}

size_t hwi_utf8_feed(struct hwi_utf8 *u, struct hws_span bytes)
{
    if (u->size == 0 && hwi_is_short_ascii(bytes.data, bytes.size))
        return bytes.size;
    return feed(u, bytes);
}

__attribute__((noinline)) static bool valid(struct hws_span bytes)
{
    return skip_valid(bytes.data, bytes.size) == bytes.size;
}

bool hwi_utf8_valid(struct hws_span bytes)
{
    if (bytes.size > HWI_ASCII_SHORT)
        return skip_valid(bytes.data, bytes.size) == bytes.size;
    return hwi_is_short_ascii(bytes.data, bytes.size) || valid(bytes);
}
