/*
 * Memory for a program that has nothing better to do than to say so and leave
 * when there is none. Growable lists of texts live here, too.
 */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

/* Zeroed; never NULL. Without memory the program ends with COMMAND_LOCAL. */
void *memory_new(size_t count, size_t size);
void *memory_resize(void *old, size_t size);
char *memory_copy(const char *text);
void memory_free(void *old);

/* Texts that belong to somebody else, such as argv. Zero is empty. */
struct text_list {
    const char **items;
    size_t count;
};
void text_list_push(struct text_list *list, const char *text);
void text_list_release(struct text_list *list);

#endif
