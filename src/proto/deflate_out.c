#include "proto/deflate_out.h"

#include "base/mem.h"
#include "proto/deflate_memory.h"

#include <limits.h>

/*
 * zlib cannot compress with a window of 8 bits. With 9 it looks back 250 bytes
 * at most (the window less its longest match and some), so what it makes fits
 * into a window of 8 bits as well.
 */
#define BITS_MIN 9

/* Bytes that a sync flush appends and the end of a message goes without. */
#define TAIL_SIZE 4
/* Room asked for at once. */
#define PIECE_MIN ((size_t)64)
#define PIECE_MAX ((size_t)16 << 10)

struct hwi_deflater {
    z_stream stream;
    size_t held; /* bytes that zlib took */
    uint64_t plain, compressed;
    uint8_t bits, level, memory_level;
    bool forgets; /* agreed: no message refers to one before it */
    bool alive;   /* zlib is initialised */
    bool blank;   /* and remembers nothing */

    /* The latest bytes, while zlib is not alive; NULL: there are none. */
    uint8_t *window;
    size_t window_size;
};

struct hwi_deflater *hwi_deflater_new(const struct hwi_deflate_terms *terms,
                                      const struct hws_deflate *wish)
{
    struct hwi_deflater *z = hwi_alloc_zero(sizeof(*z));
    if (!z)
        return NULL;
    z->bits = terms->bits > BITS_MIN ? terms->bits : BITS_MIN;
    z->level = (uint8_t)wish->level;
    z->memory_level = (uint8_t)wish->memory_level;
    z->forgets = terms->forget;
    return z;
}

static void kill(struct hwi_deflater *z)
{
    if (z->alive)
        deflateEnd(&z->stream);
    z->alive = false;
}

static void drop_window(struct hwi_deflater *z)
{
    hwi_free(z->window);
    z->window = NULL;
}

void hwi_deflater_free(struct hwi_deflater *z)
{
    if (!z)
        return;
    kill(z);
    drop_window(z);
    hwi_free(z);
}

/* Begin, or take up where hwi_deflater_trim() stopped. */
static bool revive(struct hwi_deflater *z)
{
    if (z->alive)
        return true;
    hwi_deflate_memory(&z->stream, &z->held);
    if (deflateInit2(&z->stream, z->level, Z_DEFLATED, -(int)z->bits,
                     z->memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    z->alive = true;
    z->blank = true;
    if (z->window && deflateSetDictionary(&z->stream, z->window,
                                          (uInt)z->window_size) == Z_OK)
        z->blank = false;
    drop_window(z);
    return true;
}

bool hwi_deflater_remembers(const struct hwi_deflater *z)
{
    return !z->forgets;
}

void hwi_deflater_forget(struct hwi_deflater *z)
{
    drop_window(z);
    if (z->alive && !z->blank)
        deflateReset(&z->stream);
    z->blank = true;
}

/* Compress until the input is used up and flushed. */
static int run(struct hwi_deflater *z, struct hwi_buf *out)
{
    size_t piece = z->stream.avail_in / 4 + PIECE_MIN;
    piece = piece < PIECE_MAX ? piece : PIECE_MAX;
    do {
        uint8_t *to = hwi_buf_reserve(out, piece, NULL);
        if (!to)
            return HWS_E_MEMORY;
        size_t room = out->capacity - out->tail;
        room = room < UINT_MAX ? room : UINT_MAX;
        z->stream.next_out = to;
        z->stream.avail_out = (uInt)room;
        /* Z_BUF_ERROR only says that there was nothing to flush. */
        deflate(&z->stream, Z_SYNC_FLUSH);
        hwi_buf_wrote(out, room - z->stream.avail_out);
    } while (z->stream.avail_out == 0);
    return 0;
}

static int run_all(struct hwi_deflater *z, struct hwi_buf *out,
                   struct hws_span data)
{
    int status = 0;
    do {
        size_t size = data.size < UINT_MAX ? data.size : UINT_MAX;
        z->stream.next_in = data.data;
        z->stream.avail_in = (uInt)size;
        status = run(z, out);
        data = hwi_span_part(data, size, data.size);
    } while (!status && data.size);
    return status;
}

/* The last four bytes go. Where nothing was left to flush, an empty block
 * takes their place (section 7.2.3.6). */
static int cut_tail(struct hwi_buf *out, size_t before)
{
    if (hwi_buf_size(out) - before < TAIL_SIZE)
        return hwi_buf_push(out, hwi_span("", 1));
    out->tail -= TAIL_SIZE;
    return 0;
}

int hwi_deflater_push(struct hwi_deflater *z, struct hwi_buf *out,
                      struct hws_span data, bool last)
{
    size_t before = hwi_buf_size(out);
    if (!revive(z))
        return HWS_E_MEMORY;
    int status = run_all(z, out, data);
    z->blank = false;
    if (!status && last)
        status = cut_tail(out, before);
    if (!status)
        return 0;
    out->tail = out->head + before;
    hwi_deflater_forget(z);
    return status;
}

/* Keep only the window, in as many bytes as there are in it. */
static bool save_window(struct hwi_deflater *z)
{
    uInt size = 0;
    if (z->forgets || z->blank ||
        deflateGetDictionary(&z->stream, NULL, &size) != Z_OK || size == 0)
        return z->forgets || z->blank || size == 0;
    z->window = hwi_alloc(size);
    if (!z->window)
        return false;
    deflateGetDictionary(&z->stream, z->window, &size);
    z->window_size = size;
    return true;
}

void hwi_deflater_trim(struct hwi_deflater *z)
{
    if (z->alive && save_window(z))
        kill(z);
}

size_t hwi_deflater_memory(const struct hwi_deflater *z)
{
    return sizeof(*z) + z->held + (z->window ? z->window_size : 0);
}

void hwi_deflater_note(struct hwi_deflater *z, size_t plain, size_t compressed)
{
    z->plain += plain;
    z->compressed += compressed;
}

void hwi_deflater_count(const struct hwi_deflater *z,
                        struct hws_compression *compression)
{
    compression->agreed = true;
    compression->memory += hwi_deflater_memory(z);
    compression->out_plain = z->plain;
    compression->out_compressed = z->compressed;
}
