/*
 * Releases of libraries that hawser is known to be unsafe or wrong with. Only
 * releases that no supported distribution ships mended under the same number
 * belong here: a false alarm teaches people not to read.
 */
#ifndef CLI_KNOWN_BAD_H
#define CLI_KNOWN_BAD_H

#include <stdbool.h>

/* What is wrong with `version` ("3.0.17", or a text that holds such a number)
 * of `library`, or NULL. */
const char *known_bad(const char *library, const char *version);
/* Whether `loaded` is an earlier release line (major.minor) than `built`. */
bool known_older(const char *loaded, const char *built);

#endif
