/*
 * A small name server on a free port of 127.0.0.1 that answers by script,
 * driven from the test's own loop. Answers that do not fit a datagram are given
 * over TCP.
 */
#ifndef LINK_NAME_SERVER_H
#define LINK_NAME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNS_A = 1, DNS_CNAME = 5, DNS_AAAA = 28 };
enum { DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3, DNS_REFUSED = 5 };

/* The first rule that fits a question and is not used up answers it; none:
 * NXDOMAIN. */
struct name_rule {
    const char *name;
    int type;              /* 0: both */
    int rcode;             /* 0: an answer */
    const char *addresses; /* "127.0.0.1 127.0.0.2", or "::1"; may be NULL */
    unsigned repeat;       /* so many times each address; 0: once */
    const char *cname;     /* answer with an alias, and back: a loop */
    bool hold;             /* keep it until name_server_release() */
    unsigned times;        /* used up after so many; 0: never */
};

#define NAME_SERVER_HELD 8
#define NAME_SERVER_STREAMS 8
/* The most descriptors to wait for. */
#define NAME_SERVER_FDS (NAME_SERVER_STREAMS + 2)

struct name_server {
    int fd;                           /* UDP */
    int listen;                       /* TCP, the same port */
    int streams[NAME_SERVER_STREAMS]; /* accepted ones */
    size_t stream_count;
    char address[32]; /* for hws_dial_options.nameservers */
    struct name_rule *rules;
    size_t rule_count;
    unsigned questions;
    struct name_question {
        uint8_t bytes[512];
        size_t size;
        uint8_t from[32];
        unsigned from_size;
        const struct name_rule *rule;
    } held[NAME_SERVER_HELD];
    size_t held_count;
};

void name_server_init(struct name_server *s, struct name_rule *rules,
                      size_t rule_count);
/* Fill `fds` (NAME_SERVER_FDS) with what to wait for; returns how many. */
size_t name_server_fds(const struct name_server *s, int *fds);
void name_server_turn(struct name_server *s); /* answer what has come */
void name_server_release(struct name_server *s);
void name_server_free(struct name_server *s);

#endif
