/*
 * Servers that send us elsewhere, for the tests of redirects.
 */
#ifndef TEST_REDIRECTS_H
#define TEST_REDIRECTS_H

#include "support/scene.h"

#define REDIRECT(status, location) \
    "HTTP/1.1 " status             \
    " Elsewhere\r\nContent-Length: 0\r\nLocation: " location "\r\n\r\n"

/* Answer the present request with these bytes, and settle. */
static inline void answer(struct scene *s, const char *bytes)
{
    peer_answer(&s->peer, bytes);
    scene_settle(s);
}

static inline void begin_at(struct scene *s, const char *url)
{
    scene_begin(s);
    s->options.url = url;
}

#endif
