#include "zpeer.h"

#include <stdlib.h>

#include <zlib.h>

struct zpeer {
    z_stream out, in;
    bool out_alive, in_alive;
    int bits;     /* of the window of what comes; 0: 15 */
    size_t piece; /* bytes inflated by one call; 0: as many as there are */
    bool open;    /* a compressed message of the other side has begun */
};

struct zpeer *zpeer_new(void)
{
    struct zpeer *z = calloc(1, sizeof(*z));
    assert_non_null(z);
    return z;
}

void zpeer_free(struct zpeer *z)
{
    if (z->out_alive)
        deflateEnd(&z->out);
    if (z->in_alive)
        inflateEnd(&z->in);
    free(z);
}

void zpeer_window(struct zpeer *z, int bits)
{
    z->bits = bits;
    z->piece = 1;
}

void zpeer_deflate(struct zpeer *z, const struct paper *plain, bool last,
                   bool afresh, struct paper *out)
{
    uint8_t piece[4096];
    if (!z->out_alive)
        assert_int_equal(
            deflateInit2(&z->out, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY),
            Z_OK);
    z->out_alive = true;
    if (afresh)
        deflateReset(&z->out);
    z->out.next_in = plain->bytes;
    z->out.avail_in = (uInt)plain->size;
    do {
        z->out.next_out = piece;
        z->out.avail_out = sizeof(piece);
        deflate(&z->out, Z_SYNC_FLUSH);
        paper_add(out, piece, sizeof(piece) - z->out.avail_out);
    } while (z->out.avail_out == 0);
    if (!last)
        return;
    if (out->size < 4) {
        paper_add(out, "\0", 1);
        return;
    }
    assert_memory_equal(out->bytes + out->size - 4, "\0\0\xff\xff", 4);
    out->size -= 4;
}

static void inflate_piece(struct zpeer *z, const void *bytes, size_t size,
                          struct paper *out)
{
    uint8_t piece[4096];
    z->in.next_in = (uint8_t *)bytes;
    z->in.avail_in = (uInt)size;
    do {
        z->in.next_out = piece;
        z->in.avail_out = (uInt)(z->piece ? z->piece : sizeof(piece));
        size_t room = z->in.avail_out;
        int code = inflate(&z->in, Z_SYNC_FLUSH);
        if (code != Z_OK && code != Z_BUF_ERROR)
            fail_msg("what came cannot be inflated: %s", z->in.msg);
        paper_add(out, piece, room - z->in.avail_out);
    } while (z->in.avail_out == 0);
    assert_int_equal(z->in.avail_in, 0);
}

static void inflate_payload(struct zpeer *z, const uint8_t *bytes, size_t size,
                            bool last, struct paper *out)
{
    if (!z->in_alive)
        assert_int_equal(inflateInit2(&z->in, z->bits ? -z->bits : -15), Z_OK);
    z->in_alive = true;
    inflate_piece(z, bytes, size, out);
    if (!last)
        return;
    size_t before = out->size;
    inflate_piece(z, "\0\0\xff\xff", 4, out);
    assert_int_equal(out->size, before);
    /* On a byte between two blocks. */
    assert_int_equal(z->in.data_type, 128);
}

bool zpeer_take(struct zpeer *z, unsigned first, const uint8_t *bytes,
                size_t size, struct paper *out)
{
    if (first & 0x07)
        z->open = (first & 0x40) != 0;
    if (z->open)
        inflate_payload(z, bytes, size, (first & 0x80) != 0, out);
    else
        paper_add(out, bytes, size);
    return z->open;
}
