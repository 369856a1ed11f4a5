#include "rooms.h"

#include "limit.h"
#include "ours.h"

#define MESSAGES(count) .messages = (count), .warm = (count) / 8
#define STREAM .peer = PEER_STREAM
#define SECURE .peer = PEER_STREAM, .tls = true
#define LONE .peer = PEER_STREAM, .tls = true, .lone_records = true
#define ECHO .peer = PEER_ECHO
#define SINK .peer = PEER_SINK
#define HOLD .peer = PEER_HOLD

/*
 * In the stepped runs a few whole reads pass (64 KiB each), so that what is
 * done once a read has its share; single records at 64 and 256 B would take
 * minutes that way, and go without.
 */
/* clang-format off */
const struct room rooms[] = {
    /* Small text, many frames a read. */
    {"W1 text 64 B", "receive, step over headers", limit_read, ours_read,
     {STREAM, .size = 64, MESSAGES(2000000)}, 1986, FIGURE_CPU, 1.5, 180},
    {"W1 text 256 B", "receive, step over headers", limit_read, ours_read,
     {STREAM, .size = 256, MESSAGES(1000000)}, 1008, FIGURE_CPU, 1.15, 220},
    {"W1 text 1 KiB", "receive, step over headers", limit_read, ours_read,
     {STREAM, .size = 1024, MESSAGES(400000)}, 510, FIGURE_CPU, 1.1, 300},
    /* What it costs to know: the same, with and without. */
    {"stages 64 B", "the same, not measured", ours_read_bare, ours_read,
     {STREAM, .size = 64, MESSAGES(2000000)}, 1986, FIGURE_CPU, 1.05, 0},
    {"stages 1 KiB", "the same, not measured", ours_read_bare, ours_read,
     {STREAM, .size = 1024, MESSAGES(400000)}, 510, FIGURE_CPU, 1.05, 0},
    {"stages TLS 64 B", "the same, not measured", ours_read_bare, ours_read,
     {SECURE, .size = 64, MESSAGES(600000)}, 1986, FIGURE_CPU, 1.05, 0},
    {"verdict 64 B", "the same, not measured", ours_read_bare,
     ours_read_judged,
     {STREAM, .size = 64, MESSAGES(2000000)}, 1986, FIGURE_CPU, 1.05, 0},
    {"event time 64 B", "the same, not measured", ours_read_bare,
     ours_read_timed,
     {STREAM, .size = 64, MESSAGES(1000000)}, 1986, FIGURE_CPU, 0, 0},
    {"W1 core 64 B", "none", NULL, ours_read_core,
     {.size = 64, MESSAGES(4000000)}, 1986, FIGURE_CPU, 0, 0},
    {"W1 core 256 B", "none", NULL, ours_read_core,
     {.size = 256, MESSAGES(2000000)}, 1008, FIGURE_CPU, 0, 0},
    {"W1 core 1 KiB", "none", NULL, ours_read_core,
     {.size = 1024, MESSAGES(1000000)}, 510, FIGURE_CPU, 0, 0},
    /* Round trips, one in flight. */
    {"W3 echo 32 B", "send, poll, receive", limit_echo, ours_echo,
     {ECHO, .size = 32, MESSAGES(10000)}, 50, FIGURE_CPU, 1.1, 0},
    {"W3 echo 1 KiB", "send, poll, receive", limit_echo, ours_echo,
     {ECHO, .size = 1024, MESSAGES(10000)}, 50, FIGURE_CPU, 1.1, 0},
    {"W3 echo 64 KiB", "send, poll, receive", limit_echo, ours_echo,
     {ECHO, .size = 65536, MESSAGES(2000)}, 20, FIGURE_CPU, 1.1, 0},
    /* Idle connections. */
    {"W4 1,000 idle", "descriptors in an epoll", limit_hold, ours_hold,
     {HOLD, .messages = 1000}, 0, FIGURE_HELD, 4096, 0},
    {"W4 200 idle, TLS", "descriptors with SSL", limit_hold, ours_hold,
     {HOLD, .messages = 200, .tls = true}, 0, FIGURE_HELD, 4096, 0},
    /* TLS 1.3, records of 16 KiB; then one record a message. */
    {"W6 TLS 64 B", "receive, decrypt", limit_read_memory, ours_read,
     {SECURE, .size = 64, MESSAGES(600000)}, 1986, FIGURE_CPU, 1.1, 0},
    {"W6 TLS 256 B", "receive, decrypt", limit_read_memory, ours_read,
     {SECURE, .size = 256, MESSAGES(250000)}, 504, FIGURE_CPU, 1.1, 0},
    {"W6 TLS 1 KiB", "receive, decrypt", limit_read_memory, ours_read,
     {SECURE, .size = 1024, MESSAGES(80000)}, 128, FIGURE_CPU, 1.05, 0},
    {"W6 record each 64 B", "SSL_read on socket", limit_read_ssl, ours_read,
     {LONE, .size = 64, MESSAGES(150000)}, 0, FIGURE_CPU, 0.5, 0},
    {"W6 record each 256 B", "SSL_read on socket", limit_read_ssl, ours_read,
     {LONE, .size = 256, MESSAGES(100000)}, 0, FIGURE_CPU, 0.5, 0},
    {"W6 record each 1 KiB", "SSL_read on socket", limit_read_ssl, ours_read,
     {LONE, .size = 1024, MESSAGES(50000)}, 63, FIGURE_CPU, 0.5, 0},
    {"W6 record each 64 B", "receive, decrypt", limit_read_memory, ours_read,
     {LONE, .size = 64, MESSAGES(150000)}, 0, FIGURE_CPU, 0, 0},
    /* Sending as fast as the call takes it. */
    {"W9 batched 64 B", "64 KiB a send", limit_write, ours_write,
     {SINK, .size = 64, MESSAGES(2000000)}, 936, FIGURE_CPU, 1.5, 200},
    {"W9 batched 1 KiB", "64 KiB a send", limit_write, ours_write,
     {SINK, .size = 1024, MESSAGES(400000)}, 315, FIGURE_CPU, 1.5, 0},
    {"W9 one by one 64 B", "one send each", limit_write_each, ours_write_each,
     {SINK, .size = 64, MESSAGES(50000)}, 200, FIGURE_CPU, 1.1, 300},
    {"W9 one by one 1 KiB", "one send each", limit_write_each, ours_write_each,
     {SINK, .size = 1024, MESSAGES(50000)}, 200, FIGURE_CPU, 1.1, 0},
    {"W9 other thread 64 B", "64 KiB a send", limit_write, ours_write_other,
     {SINK, .size = 64, MESSAGES(500000)}, 0, FIGURE_CPU, 0, 0},
    {"W9 other thread 1 KiB", "64 KiB a send", limit_write, ours_write_other,
     {SINK, .size = 1024, MESSAGES(200000)}, 0, FIGURE_CPU, 0, 0},
};
/* clang-format on */

const unsigned room_count = sizeof(rooms) / sizeof(rooms[0]);
