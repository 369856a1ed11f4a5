#include "memory.h"

#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *memory_check(void *found)
{
    if (found)
        return found;
    fputs("hawser: no memory\n", stderr);
    exit(COMMAND_LOCAL);
}

void *memory_new(size_t count, size_t size)
{
    return memory_check(calloc(count ? count : 1, size ? size : 1));
}

void *memory_resize(void *old, size_t size)
{
    return memory_check(realloc(old, size ? size : 1));
}

char *memory_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size, 1), text, size);
}

void memory_free(void *old)
{
    free(old);
}

void text_list_push(struct text_list *list, const char *text)
{
    size_t size = (list->count + 1) * sizeof *list->items;
    list->items = memory_resize(list->items, size);
    list->items[list->count++] = text;
}

void text_list_release(struct text_list *list)
{
    memory_free(list->items);
    *list = (struct text_list){0};
}
