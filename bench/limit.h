/*
 * The limits: what the kernel (and OpenSSL) alone cost for the same bytes.
 */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include "scene.h"

job limit_read;        /* receive 64 KiB, step over the frame headers */
job limit_read_memory; /* the same, decrypted from our own memory */
job limit_read_ssl;    /* SSL_read() on the descriptor, 16 KiB */
job limit_write;       /* prepared frames, 64 KiB a send */
job limit_write_each;  /* prepared frames, one send each */
job limit_echo;        /* send, poll, receive */
job limit_hold;        /* descriptors in an epoll, nothing else */

#endif
