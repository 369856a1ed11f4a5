#include "utf8_reference.h"

/* One line of the ABNF: a lead range, a range for the second byte, and how
 * many bytes 80..BF follow. */
static const struct form {
    uint8_t lead_low, lead_high, second_low, second_high, more;
} forms[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1},
    {0xe1, 0xec, 0x80, 0xbf, 1}, {0xed, 0xed, 0x80, 0x9f, 1},
    {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2},
    {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2},
};

static const struct form *form_of(uint8_t lead)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (lead >= forms[i].lead_low && lead <= forms[i].lead_high)
            return &forms[i];
    }
    return NULL;
}

size_t utf8_reference(const uint8_t *text, size_t size, bool *done)
{
    uint8_t low = 0, high = 0;
    int owed = 0;
    *done = true;
    for (size_t i = 0; i < size; i++) {
        if (owed) {
            if (text[i] < low || text[i] > high)
                return i;
            low = 0x80;
            high = 0xbf;
            owed--;
        } else if (text[i] >= 0x80) {
            const struct form *f = form_of(text[i]);
            if (!f)
                return i;
            low = f->second_low;
            high = f->second_high;
            owed = 1 + f->more;
        }
        *done = owed == 0;
    }
    return size;
}
