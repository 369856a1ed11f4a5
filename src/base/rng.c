#include "base/rng.h"

#include <string.h>

void hwi_rng_init(struct hwi_rng *r, struct hws_random source)
{
    r->source = source;
    r->left = 0;
    memset(r->pool, 0, sizeof(r->pool));
}

/* Copy out and wipe. The callers' sizes are small and mostly constant: four
 * bytes of a masking key get code of their own. */
static void draw(struct hwi_rng *r, uint8_t *out, size_t size)
{
    uint8_t *from = r->pool + sizeof(r->pool) - r->left;
    if (size == 4) {
        memcpy(out, from, 4);
        memset(from, 0, 4);
    } else {
        memcpy(out, from, size);
        memset(from, 0, size);
    }
    r->left -= size;
}

static void refill(struct hwi_rng *r)
{
    r->source.fill(r->source.context, r->pool, sizeof(r->pool));
    r->left = sizeof(r->pool);
}

void hwi_rng_fill(struct hwi_rng *r, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    while (size) {
        if (r->left == 0)
            refill(r);
        size_t part = size < r->left ? size : r->left;
        draw(r, out, part);
        out += part;
        size -= part;
    }
}

void hwi_rng_discard(struct hwi_rng *r)
{
    memset(r->pool, 0, sizeof(r->pool));
    r->left = 0;
}

static void fill_from_pool(void *context, void *bytes, size_t size)
{
    hwi_rng_fill(context, bytes, size);
}

struct hws_random hwi_rng_random(struct hwi_rng *r)
{
    return (struct hws_random){.fill = fill_from_pool, .context = r};
}

/* splitmix64: makes good state of any seed, also of 0. */
static uint64_t split_mix(uint64_t *seed)
{
    *seed += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void hwi_seeded_init(struct hwi_seeded *r, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        r->s[i] = split_mix(&seed);
}

static uint64_t rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

uint64_t hwi_seeded_next(struct hwi_seeded *r)
{
    uint64_t *s = r->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Lowest byte first on every machine, so that a replay is the same anywhere. */
static void fill_from_seeded(void *context, void *bytes, size_t size)
{
    uint8_t *out = bytes;
    while (size) {
        uint64_t word = hwi_seeded_next(context);
        for (size_t i = 0; i < 8 && size; i++, size--) {
            *out++ = (uint8_t)word;
            word >>= 8;
        }
    }
}

struct hws_random hwi_seeded_random(struct hwi_seeded *r)
{
    return (struct hws_random){.fill = fill_from_seeded, .context = r};
}
