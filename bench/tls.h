/*
 * TLS for the raw sides: a throw-away certificate, a server and a client over
 * a blocking socket, and a reader that decrypts from memory.
 */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include "wire.h"

/* Set `wire->tls` up over its descriptor, TLS 1.3 only. 0 or -1. */
int tls_accept(struct wire *wire);
int tls_connect(struct wire *wire);

/*
 * Let `wire->tls` read from bytes in memory instead of its descriptor: each
 * call hands over what the next SSL_read()s may use up. They stay the
 * caller's and must have been used up before the next call.
 */
int tls_feed_init(struct wire *wire);
void tls_feed(struct wire *wire, const uint8_t *bytes, size_t size);

/*
 * Encrypt `count` times the messages of `block`, `piece` bytes a record (0:
 * records as large as they come), into one malloc'ed piece of memory. NULL:
 * failed. Nothing is sent.
 */
uint8_t *tls_encrypt(struct wire *wire, const uint8_t *block, size_t size,
                     size_t piece, uint64_t count, size_t *out_size);

#endif
