/*
 * What must not stand in a log: the userinfo of an URL, and the values of its
 * query, wherever in a text the URL is.
 */
#ifndef HWI_SECRET_H
#define HWI_SECRET_H

#include <stddef.h>

/* A copy of `text` with "***" in their place, cut to `size` bytes with its
 * NUL. */
void hwi_secret_mask(char *to, size_t size, const char *text);

#endif
