/*
 * The peer's side of permessage-deflate, straight on zlib: it takes nothing
 * from the library that it helps to test. Both directions keep their context.
 */
#ifndef ZPEER_H
#define ZPEER_H

#include "words.h"

struct zpeer;

struct zpeer *zpeer_new(void);
void zpeer_free(struct zpeer *z);
/* What comes must fit a window of 2^bits bytes, checked to the byte: zlib alone
 * also accepts what refers beyond it, within the output of one call. */
void zpeer_window(struct zpeer *z, int bits);
/* Compress `plain` as RFC 7692 section 7.2.1 asks; `last` ends the message.
 * `afresh` forgets all before it. */
void zpeer_deflate(struct zpeer *z, const struct paper *plain, bool last,
                   bool afresh, struct paper *out);
/* Take the payload of a data frame with that first byte: inflated, if its
 * message is compressed, which fails the test where it cannot be. Returns
 * whether it is. */
bool zpeer_take(struct zpeer *z, unsigned first, const uint8_t *bytes,
                size_t size, struct paper *out);

#endif
