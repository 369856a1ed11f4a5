/*
 * The only door to the allocator; the hooks come from hws_memory_set().
 */
#ifndef HWI_MEM_H
#define HWI_MEM_H

#include <stddef.h>

void *hwi_alloc(size_t size);             /* NULL: no memory */
void *hwi_alloc_zero(size_t size);        /* the same, zeroed */
void *hwi_resize(void *old, size_t size); /* as realloc, size > 0 */
void hwi_free(void *old);                 /* NULL is allowed */
char *hwi_copy_text(const char *text);    /* NULL gives NULL */
void *hwi_copy_bytes(const void *bytes, size_t size);

#endif
