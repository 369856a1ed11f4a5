/*
 * A SOCKS layer and the proxy that a test plays for it.
 */
#ifndef LINK_SOCKS_ENDS_H
#define LINK_SOCKS_ENDS_H

#include "proxying.h"

extern struct proxying p;
extern struct hws_socks_options options;

/* A layer of this version; `options` may be changed before start(). */
void prepare(enum hws_socks version, const char *user, const char *password);
void start(void);
void begin(enum hws_socks version);

/* Bytes with NULs among them. */
#define BYTES(text)                               \
    {                                             \
        .bytes = (text), .size = sizeof(text) - 1 \
    }
#define ANSWER(text) play_bytes((text), sizeof(text) - 1, false)
#define LAST_ANSWER(text) play_bytes((text), sizeof(text) - 1, true)
#define EXPECT_SAID(text) expect_said((text), sizeof(text) - 1)

int play_bytes(const char *bytes, size_t size, bool end);
void expect_said(const char *bytes, size_t size);

#define NAME       \
    "\x0c"         \
    "feed.example" \
    "\x01\xbb"
#define ASK_NAME "\x05\x01\x00\x03" NAME
#define NO_LOGIN "\x05\x00"
#define GRANTED "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"
#define OLD_YES "\x00\x5a\x00\x00\x00\x00\x00\x00"

#endif
