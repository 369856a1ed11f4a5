#include "proto/deflate_in.h"

#include "base/mem.h"
#include "proto/deflate_memory.h"

#include <limits.h>

/*
 * A window of 8 bits is inflated with 9: many peers compress with the 9 that
 * zlib silently makes of 8. It costs 256 bytes.
 */
#define BITS_MIN 9

/* z_stream's data_type when zlib stands on a byte between two blocks. */
#define BETWEEN_BLOCKS 128

struct hwi_inflater {
    z_stream stream;
    const char *flaw;
    size_t held; /* bytes that zlib took */
    uint64_t used, given;
    uint8_t bits;
    bool forgets; /* no message refers to one before it */
    bool alive;   /* zlib is initialised */
    bool begun;   /* bytes of this message came */
    bool ended;   /* the latest block was a final one */

    /* The latest bytes, while zlib is not alive; NULL: there are none. */
    uint8_t *window;
    size_t window_size;
};

struct hwi_inflater *hwi_inflater_new(const struct hwi_deflate_terms *terms)
{
    struct hwi_inflater *z = hwi_alloc_zero(sizeof(*z));
    if (!z)
        return NULL;
    z->bits = terms->peer_bits > BITS_MIN ? terms->peer_bits : BITS_MIN;
    z->forgets = terms->peer_forgets;
    return z;
}

static void kill(struct hwi_inflater *z)
{
    if (z->alive)
        inflateEnd(&z->stream);
    z->alive = false;
}

void hwi_inflater_free(struct hwi_inflater *z)
{
    if (!z)
        return;
    kill(z);
    hwi_free(z->window);
    hwi_free(z);
}

/* Take up where hwi_inflater_trim() stopped. */
static bool restore_window(struct hwi_inflater *z)
{
    if (!z->window)
        return true;
    if (inflateSetDictionary(&z->stream, z->window, (uInt)z->window_size))
        return false;
    hwi_free(z->window);
    z->window = NULL;
    return true;
}

static bool revive(struct hwi_inflater *z)
{
    if (z->alive)
        return true;
    hwi_deflate_memory(&z->stream, &z->held);
    if (inflateInit2(&z->stream, -(int)z->bits) != Z_OK)
        return false;
    z->alive = true;
    if (restore_window(z))
        return true;
    kill(z);
    return false;
}

static uInt clip(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static enum hwi_inflated judge(struct hwi_inflater *z, int code)
{
    switch (code) {
    case Z_OK:
    case Z_STREAM_END:
    case Z_BUF_ERROR: /* no input, or no room: nothing is lost */
        return z->stream.avail_out ? HWI_INFLATED_ALL : HWI_INFLATED_FULL;
    case Z_MEM_ERROR:
        return HWI_INFLATED_NO_MEMORY;
    default:
        z->flaw = z->stream.msg ? z->stream.msg : "no deflate stream";
        return HWI_INFLATED_BAD;
    }
}

/* One call of zlib, or several where final blocks stand between. Section
 * 7.2.3.4: more may follow a final block, and the window stays. */
static int inflate_some(struct hwi_inflater *z)
{
    int code = Z_OK;
    do {
        if (z->ended)
            inflateResetKeep(&z->stream);
        code = inflate(&z->stream, Z_SYNC_FLUSH);
        z->ended = code == Z_STREAM_END;
    } while (z->ended && z->stream.avail_in && z->stream.avail_out);
    return code;
}

enum hwi_inflated hwi_inflater_feed(struct hwi_inflater *z, struct hws_span *in,
                                    uint8_t *out, size_t *size)
{
    size_t room = *size;
    *size = 0;
    if (in->size == 0 && (z->ended || !z->begun))
        return HWI_INFLATED_ALL;
    if (!revive(z))
        return HWI_INFLATED_NO_MEMORY;
    z->begun = z->begun || in->size;
    z->stream.next_in = in->data;
    z->stream.avail_in = clip(in->size);
    z->stream.next_out = out;
    z->stream.avail_out = clip(room);
    int code = inflate_some(z);
    *size = (size_t)(z->stream.next_out - out);
    size_t used = (size_t)(z->stream.next_in - in->data);
    *in = hwi_span_part(*in, used, in->size);
    z->used += used;
    z->given += *size;
    return judge(z, code);
}

/* Section 7.2.2: the sender has removed four bytes, which say only that the
 * last block is whole. They must give nothing and end between two blocks. */
static bool tail_fits(struct hwi_inflater *z)
{
    static const uint8_t tail[4] = {0x00, 0x00, 0xff, 0xff};
    uint8_t none;
    z->stream.next_in = tail;
    z->stream.avail_in = sizeof(tail);
    z->stream.next_out = &none;
    z->stream.avail_out = 1;
    int code = inflate(&z->stream, Z_SYNC_FLUSH);
    return code == Z_OK && z->stream.avail_in == 0 &&
           z->stream.avail_out == 1 && z->stream.data_type == BETWEEN_BLOCKS;
}

/*
 * Two things that are not quite the RFC's are let pass, for peers do them and
 * nothing is lost: no bytes at all for an empty message (zlib gives none for a
 * second flush), and a final block without the byte that must follow it.
 */
bool hwi_inflater_finish(struct hwi_inflater *z)
{
    if (z->begun && !z->ended && !tail_fits(z)) {
        z->flaw = "it ends inside a block";
        return false;
    }
    if (z->begun && z->forgets) {
        inflateReset(&z->stream);
        z->ended = false;
    }
    z->begun = false;
    return true;
}

const char *hwi_inflater_flaw(const struct hwi_inflater *z)
{
    return z->flaw;
}

/* Keep only the window, in as many bytes as there are in it. */
static bool save_window(struct hwi_inflater *z)
{
    uInt size = 0;
    if (z->forgets || inflateGetDictionary(&z->stream, NULL, &size) != Z_OK ||
        size == 0)
        return z->forgets || size == 0;
    z->window = hwi_alloc(size);
    if (!z->window)
        return false;
    inflateGetDictionary(&z->stream, z->window, &size);
    z->window_size = size;
    return true;
}

void hwi_inflater_trim(struct hwi_inflater *z)
{
    if (!z->alive || !save_window(z))
        return;
    kill(z);
    z->ended = false;
}

size_t hwi_inflater_memory(const struct hwi_inflater *z)
{
    return sizeof(*z) + z->held + (z->window ? z->window_size : 0);
}

void hwi_inflater_count(const struct hwi_inflater *z,
                        struct hws_compression *compression)
{
    compression->agreed = true;
    compression->memory += hwi_inflater_memory(z);
    compression->in_compressed = z->used;
    compression->in_inflated = z->given;
}
