/*
 * The UTF-8 check in plain C: for machines without another variant, for short
 * texts, and for the exact place of every fault.
 */
#include "base/utf8_plain.h"

#include "base/ascii.h"

/* What a lead byte asks for (RFC 3629 section 4): the size of the character,
 * and the range of its second byte. Size 0 marks a byte that cannot lead. */
struct lead {
    uint8_t size, low, high;
};

static struct lead lead_of(uint8_t c)
{
    static const struct lead leads[] = {
        [0x02 ... 0x1f] = {2, 0x80, 0xbf}, [0x20] = {3, 0xa0, 0xbf},
        [0x21 ... 0x2c] = {3, 0x80, 0xbf}, [0x2d] = {3, 0x80, 0x9f},
        [0x2e ... 0x2f] = {3, 0x80, 0xbf}, [0x30] = {4, 0x90, 0xbf},
        [0x31 ... 0x33] = {4, 0x80, 0xbf}, [0x34] = {4, 0x80, 0x8f},
        [0x35 ... 0x3f] = {0, 0, 0},
    };
    if (c >= 0xc0)
        return leads[c - 0xc0];
    return (struct lead){c < 0x80, 0, 0};
}

static bool continues(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

size_t hwi_utf8_begin(const uint8_t *data, size_t size, size_t *whole)
{
    struct lead l = lead_of(data[0]);
    *whole = l.size;
    if (l.size < 2 || size < 2)
        return l.size > 0;
    if (data[1] < l.low || data[1] > l.high)
        return 1;
    size_t good = 2;
    while (good < l.size && good < size && continues(data[good]))
        good++;
    return good;
}

static size_t skip_ascii(const uint8_t *data, size_t size)
{
    size_t at = 0;
    while (size - at >= 32 && hwi_ascii_none_high(hwi_ascii_32(data + at)))
        at += 32;
    while (size - at >= 8 && hwi_ascii_none_high(hwi_ascii_8(data + at)))
        at += 8;
    while (at < size && data[at] < 0x80)
        at++;
    return at;
}

size_t hwi_utf8_skip_plain(const uint8_t *data, size_t size)
{
    size_t at = 0, whole;
    while (at < size) {
        if (data[at] < 0x80) {
            at += skip_ascii(data + at, size - at);
            continue;
        }
        size_t good = hwi_utf8_begin(data + at, size - at, &whole);
        if (good == 0 || good < whole)
            break;
        at += whole;
    }
    return at;
}
