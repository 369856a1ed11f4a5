/*
 * The inflating of what the peer compressed (RFC 7692 section 7.2.2): bytes to
 * bytes, message after message. It knows no frame, no limit and no text. Its
 * memory comes with the first byte.
 *
 * Between messages zlib stands on a byte between two blocks.
 */
#ifndef HWI_DEFLATE_IN_H
#define HWI_DEFLATE_IN_H

#include "proto/deflate.h"

struct hwi_inflater;

enum hwi_inflated {
    HWI_INFLATED_ALL,  /* of the input, and all that it gives */
    HWI_INFLATED_FULL, /* the room is used up, there may be more */
    HWI_INFLATED_BAD,  /* hwi_inflater_flaw() says why */
    HWI_INFLATED_NO_MEMORY,
};

/* NULL without memory. */
struct hwi_inflater *hwi_inflater_new(const struct hwi_deflate_terms *terms);
void hwi_inflater_free(struct hwi_inflater *z);

/* Inflate `in` (what is used is taken off) to at most *size bytes at `out`;
 * *size becomes what was written. Any but ALL and FULL ends the stream. */
enum hwi_inflated hwi_inflater_feed(struct hwi_inflater *z, struct hws_span *in,
                                    uint8_t *out, size_t *size);
/* The message is complete, and all of it was inflated. False: it must not end
 * here. */
bool hwi_inflater_finish(struct hwi_inflater *z);
/* What was wrong. Lends: until the next call. */
const char *hwi_inflater_flaw(const struct hwi_inflater *z);

/* Between messages: give back what the next one does not need. */
void hwi_inflater_trim(struct hwi_inflater *z);
size_t hwi_inflater_memory(const struct hwi_inflater *z);
/* Fill in what came and became of it, and add the memory. */
void hwi_inflater_count(const struct hwi_inflater *z,
                        struct hws_compression *compression);

#endif
