/*
 * base64 with padding (RFC 4648 section 4), for the nonce, the accept value
 * and basic credentials.
 */
#include "base/http.h"

static char digit(unsigned value)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "abcdefghijklmnopqrstuvwxyz"
        "0123456789+/";
    return digits[value & 63];
}

/* Four digits for up to three bytes. */
static void encode(char *out, const uint8_t *in, size_t size)
{
    unsigned bits = (unsigned)in[0] << 16;
    if (size > 1)
        bits |= (unsigned)in[1] << 8;
    if (size > 2)
        bits |= in[2];
    out[0] = digit(bits >> 18);
    out[1] = digit(bits >> 12);
    out[2] = size > 1 ? digit(bits >> 6) : '=';
    out[3] = size > 2 ? digit(bits) : '=';
}

void hwi_base64(char *out, struct hws_span in)
{
    for (size_t i = 0; i < in.size; i += 3) {
        size_t left = in.size - i;
        encode(out, in.data + i, left < 3 ? left : 3);
        out += 4;
    }
    *out = '\0';
}
