/*
 * The memory of one zlib stream: from our allocator, and counted.
 */
#ifndef HWI_DEFLATE_MEMORY_H
#define HWI_DEFLATE_MEMORY_H

#include <stddef.h>

#define ZLIB_CONST
#include <zlib.h>

/* Let `stream`, not yet initialised, take its memory from us; *held counts
 * bytes and must stay where it is. */
void hwi_deflate_memory(z_stream *stream, size_t *held);

#endif
