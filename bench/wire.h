/*
 * The plainest possible WebSocket over blocking sockets: what the peers and
 * the limits are made of. It knows frames by their size only.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define WIRE_BLOCK (1u << 20)
#define WIRE_READ (64u * 1024) /* what one read asks for, as hawser does */

/* A connected stream; `tls` may be NULL. */
struct wire {
    int fd;
    SSL *tls;
};

int wire_listen(uint16_t *port); /* loopback, any free port; or -1 */
int wire_connect(uint16_t port); /* or -1 */
/* The opening handshake. 0 or -1. */
int wire_upgrade_client(const struct wire *wire);
int wire_upgrade_server(const struct wire *wire);
/* The "Sec-WebSocket-Accept" of `key`, `accept` has room for 29 bytes. */
void wire_accept_key(const char *key, size_t size, char *accept);

/* All of it, or -1. */
int wire_write(const struct wire *wire, const void *bytes, size_t size);
ssize_t wire_read(const struct wire *wire, void *bytes, size_t size);

/*
 * Write the header of a text frame with `size` bytes of payload. A masked one
 * has the key 0, so that its payload reads as it is. Returns the header's
 * size, 14 at most.
 */
size_t wire_header(uint8_t *out, size_t size, bool masked);
/* As many whole frames as fit into `room`. Returns the bytes used. */
size_t wire_frames(uint8_t *out, size_t room, size_t size, bool masked);
size_t wire_frame_size(size_t size, bool masked);

/* Steps over unmasked frames, whatever pieces they come in. */
struct walker {
    uint64_t left;      /* payload bytes of the present frame */
    uint8_t header[10]; /* the part of a header that a piece ended in */
    size_t have;
};
/* Returns how many frames ended in these bytes. */
uint64_t walker_step(struct walker *walker, const uint8_t *bytes, size_t size);

#endif
