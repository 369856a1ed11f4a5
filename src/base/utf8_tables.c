/*
 * The tables of the SIMD variants. A byte is wrong after another one for one
 * of eight reasons; the tables hold, for each nibble, the reasons that it
 * leaves open, and a reason that all three leave open is found.
 */
#include "base/utf8_variant.h"

#ifdef HWI_UTF8_X86

enum {
    SHORT = 1 << 0,      /* lead, then no continuation */
    LONG = 1 << 1,       /* ASCII, then a continuation */
    OVERLONG_3 = 1 << 2, /* E0, then 80..9F */
    LARGE = 1 << 3,      /* F4..FF, then 90..BF */
    SURROGATE = 1 << 4,  /* ED, then A0..BF */
    OVERLONG_2 = 1 << 5, /* C0 or C1 */
    EXTREME_4 = 1 << 6,  /* F0 or F5..FF, then 80..8F */
    TWO = 1 << 7,        /* two continuations: the third byte of three and
                            the third and fourth of four must be so, all
                            others must not */
    /* Reasons that ask nothing of the low nibble of the byte before. */
    ANY_LOW = SHORT | LONG | TWO,
    /* Reasons that any continuation can have. */
    CONTINUES = LONG | TWO | OVERLONG_2,
    /* The low nibble of F5..FF. */
    BEYOND = ANY_LOW | LARGE | EXTREME_4,
};

const struct hwi_utf8_tables hwi_utf8_tables = {
    .before_high =
        {
            [0x0] = LONG,
            [0x1] = LONG,
            [0x2] = LONG,
            [0x3] = LONG,
            [0x4] = LONG,
            [0x5] = LONG,
            [0x6] = LONG,
            [0x7] = LONG,
            [0x8] = TWO,
            [0x9] = TWO,
            [0xa] = TWO,
            [0xb] = TWO,
            [0xc] = SHORT | OVERLONG_2,
            [0xd] = SHORT,
            [0xe] = SHORT | OVERLONG_3 | SURROGATE,
            [0xf] = SHORT | LARGE | EXTREME_4,
        },
    .before_low =
        {
            [0x0] = ANY_LOW | OVERLONG_2 | OVERLONG_3 | EXTREME_4,
            [0x1] = ANY_LOW | OVERLONG_2,
            [0x2] = ANY_LOW,
            [0x3] = ANY_LOW,
            [0x4] = ANY_LOW | LARGE,
            [0x5] = BEYOND,
            [0x6] = BEYOND,
            [0x7] = BEYOND,
            [0x8] = BEYOND,
            [0x9] = BEYOND,
            [0xa] = BEYOND,
            [0xb] = BEYOND,
            [0xc] = BEYOND,
            [0xd] = BEYOND | SURROGATE,
            [0xe] = BEYOND,
            [0xf] = BEYOND,
        },
    .high =
        {
            [0x0] = SHORT,
            [0x1] = SHORT,
            [0x2] = SHORT,
            [0x3] = SHORT,
            [0x4] = SHORT,
            [0x5] = SHORT,
            [0x6] = SHORT,
            [0x7] = SHORT,
            [0x8] = CONTINUES | OVERLONG_3 | EXTREME_4,
            [0x9] = CONTINUES | OVERLONG_3 | LARGE,
            [0xa] = CONTINUES | SURROGATE | LARGE,
            [0xb] = CONTINUES | SURROGATE | LARGE,
            [0xc] = SHORT,
            [0xd] = SHORT,
            [0xe] = SHORT,
            [0xf] = SHORT,
        },
};

#else
typedef int hwi_utf8_tables_unused;
#endif
