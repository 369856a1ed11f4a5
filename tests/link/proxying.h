/*
 * A proxy played by hand over in-memory pairs: the layer under test stands on
 * one end, the test is the proxy at the other, and each redial is a new pair.
 */
#ifndef LINK_PROXYING_H
#define LINK_PROXYING_H

#include "support/test.h"

#define PROXYING_DIALS_MAX 16

/* One turn of the proxy: it hears what was said, then says this. */
struct proxying_turn {
    const char *bytes;
    size_t size; /* 0: a text, up to its NUL */
    bool end;    /* and then ends the connection */
};

struct proxying {
    struct hws_link *layer;
    struct hws_link *far; /* the proxy's end of the newest connection */
    struct hws_link *fars[PROXYING_DIALS_MAX];
    unsigned dials;         /* redials */
    unsigned dials_refused; /* so many of the next ones get no link */
    struct hws_pair_options pair;
    hws_time now;
    char said[4096]; /* what the layer said in the present turn */
    size_t said_size;
    size_t cut; /* each turn's bytes come in two parts, cut here */
};

/* The first connection; the layer takes it. */
struct hws_link *proxying_begin(struct proxying *p);
struct hws_link *proxying_redial(void *user);
/* A tunnel to feed.example:443 through p.example:3128, with `user` or NULL. */
void proxying_options(struct proxying *p, struct hws_tunnel_options *o,
                      const char *user, const char *password);

/* The words of the layer, and of the proxy. */
#define ASK                                 \
    "CONNECT feed.example:443 HTTP/1.1\r\n" \
    "Host: feed.example:443\r\n"            \
    "User-Agent: hawser/" HWS_VERSION "\r\n"
#define YES "HTTP/1.1 200 Connection established\r\n\r\n"
#define ANNA "Proxy-Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"
#define WHO(challenge)              \
    "HTTP/1.1 407 Who are you?\r\n" \
    "Proxy-Authenticate: " challenge "\r\n"
#define WHO_BASIC WHO("Basic realm=\"x\"") "Content-Length: 4\r\n\r\nbody"

/* Make the layer that asks for it by CONNECT. Its chance is 0, 1, 2, ... */
void proxying_begin_http(struct proxying *p, const char *user,
                         const char *password);

/* Open until nothing moves any more; what was said is in `said`. */
int proxying_open(struct proxying *p);
/* All turns one after the other. The last answer of open(). */
int proxying_play(struct proxying *p, const struct proxying_turn *turns,
                  size_t count);
/* The layer failed like this. */
void proxying_expect(const struct proxying *p, int status, int http_status,
                     const char *text);
/* Both directions carry bytes unchanged; `first` is there to be read. */
void proxying_expect_tunnel(struct proxying *p, const char *first);
void proxying_end(struct proxying *p);

#endif
