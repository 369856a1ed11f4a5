/*
 * What the plain UTF-8 check offers to the others.
 */
#ifndef HWI_UTF8_PLAIN_H
#define HWI_UTF8_PLAIN_H

#include "base/utf8_variant.h"

/* Stops exactly before a fault or an unfinished character. */
hwi_utf8_skip hwi_utf8_skip_plain;

/* How many bytes at `data` are good as the begin of one character of *whole
 * bytes; 0 when the first byte can begin none. `size` > 0. */
size_t hwi_utf8_begin(const uint8_t *data, size_t size, size_t *whole);

#endif
