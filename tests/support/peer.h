/*
 * The other end of a client's connections, played by hand: it reads the
 * request, answers it or not, writes any bytes and takes the client's frames
 * one by one. It acts only when a test tells it to.
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include "base/buf.h"
#include "hawser/hawser.h"

struct peer {
    struct hws_link *end;   /* of the present connection, or NULL */
    struct hwi_buf in;      /* what came and was not yet taken */
    struct hwi_buf request; /* the head of the present connection's request */
};

void peer_init(struct peer *p);
void peer_release(struct peer *p);
/* Play on `end`, and forget what was before. Owns: the peer frees it. */
void peer_take_over(struct peer *p, struct hws_link *end);

/* Write these bytes, or as many as go. Returns how many went. */
size_t peer_write(struct peer *p, const void *bytes, size_t size);
void peer_write_text(struct peer *p, const char *text);
/* Read what came. False: nothing did, or the client ended. */
bool peer_read(struct peer *p);
/* Whether the client ended or reset the connection, once all was read. */
bool peer_sees_end(struct peer *p);

/* The request came in full: keep it in `request`. */
bool peer_has_request(struct peer *p);
/* Answer the request with 101. Fails the test when none came. */
void peer_accept(struct peer *p);
/* The text of that answer, without sending it. Static memory. */
const char *peer_accept_text(struct peer *p);
/* Read the request and answer with these very bytes. */
void peer_answer(struct peer *p, const char *answer);
/* Whether the present request has this very line. */
bool peer_was_asked(const struct peer *p, const char *line);

/* One unmasked frame. `first` is FIN (0x80) and opcode. */
void peer_send_frame(struct peer *p, unsigned first, const void *data,
                     size_t size);
void peer_send_text(struct peer *p, const char *text);
void peer_send_ping(struct peer *p, const char *text);
void peer_send_pong(struct peer *p, struct hws_span data);
void peer_send_close(struct peer *p, unsigned code, const char *reason);

/* A frame of the client's, unmasked. */
struct peer_frame {
    unsigned opcode;
    bool fin;
    struct hws_span data; /* until the next frame is taken */
};
/* Take the next one. False: no whole frame is there. */
bool peer_take(struct peer *p, struct peer_frame *frame);
/* The next frame is this one; fails the test when not. */
void peer_expect(struct peer *p, unsigned opcode, const char *text);
void peer_expect_close(struct peer *p, unsigned code);
void peer_expect_nothing(struct peer *p);
/* Take a ping and answer it. */
void peer_answer_ping(struct peer *p);

/* Ways to go. */
void peer_end(struct peer *p);   /* FIN: the client reads EOF */
void peer_cut(struct peer *p);   /* a reset, of a pair or a socket */
void peer_quiet(struct peer *p); /* a pair only: all bytes vanish from now on */

#endif
