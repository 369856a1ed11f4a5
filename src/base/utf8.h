/*
 * UTF-8 (RFC 3629) checked as bytes arrive: no surrogates, no overlong forms,
 * nothing above U+10FFFF. The state between calls is the unfinished character
 * at the end of what was fed. A wrong byte is found with the first byte that
 * cannot belong to any valid text, in whichever call it comes.
 */
#ifndef HWI_UTF8_H
#define HWI_UTF8_H

#include "base/span.h"

struct hwi_utf8 {
    uint8_t lead[3]; /* the unfinished character */
    uint8_t size;    /* bytes of it seen, 0 to 3 */
};

static inline void hwi_utf8_reset(struct hwi_utf8 *u)
{
    u->size = 0;
}
/* Check more bytes. Returns how many are good: `bytes.size`, or the index of
 * the first bad one. */
size_t hwi_utf8_feed(struct hwi_utf8 *u, struct hws_span bytes);
/* Whether the text may end here. */
static inline bool hwi_utf8_done(const struct hwi_utf8 *u)
{
    return u->size == 0;
}
/* Whether the whole of `bytes` is valid. The fast path for whole messages. */
bool hwi_utf8_valid(struct hws_span bytes);

/*
 * The variants, for tests and benches: "plain", "sse4" , "avx2" (as the
 * machine has them). hwi_utf8_choose(NULL) picks the best, as at start.
 * False: not available here.
 */
bool hwi_utf8_choose(const char *variant);

#endif
