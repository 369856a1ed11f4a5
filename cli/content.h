/*
 * Values that stand in files, so that they need not stand on the command line,
 * where every user of the machine can read them.
 */
#ifndef CLI_CONTENT_H
#define CLI_CONTENT_H

#include <stddef.h>

/* The whole of `path` without the line end at its end, and a NUL behind it.
 * NULL with errno. The caller frees it with memory_free(). */
char *content_read(const char *path, size_t *size);

/*
 * What a value means: '@FILE' the content of FILE, '=TEXT' is TEXT, anything
 * else itself. 0, or an exit code after a complaint that names `option` (its
 * name without dashes) and the file, never the value. *owned is the content,
 * or NULL.
 */
int content_of(const char *command, const char *option, const char *value,
               char **owned, const char **text);

#endif
