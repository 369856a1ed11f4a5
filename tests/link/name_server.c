#include "name_server.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define DATAGRAM 512

struct reply {
    uint8_t bytes[4096];
    size_t size;
    unsigned answers;
};

/* TCP on the port that UDP was given, if it is free there, too. */
static bool bind_both(struct name_server *s)
{
    struct sockaddr_in me = {.sin_family = AF_INET};
    socklen_t size = sizeof(me);
    me.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->fd = socket(AF_INET, SOCK_DGRAM, 0);
    s->listen = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&me, size), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&me, &size), 0);
    snprintf(s->address, sizeof(s->address), "127.0.0.1:%u",
             (unsigned)ntohs(me.sin_port));
    return bind(s->listen, (struct sockaddr *)&me, size) == 0 &&
           listen(s->listen, 8) == 0;
}

void name_server_init(struct name_server *s, struct name_rule *rules,
                      size_t rule_count)
{
    memset(s, 0, sizeof(*s));
    s->rules = rules;
    s->rule_count = rule_count;
    while (!bind_both(s))
        name_server_free(s);
}

void name_server_free(struct name_server *s)
{
    close(s->fd);
    close(s->listen);
    while (s->stream_count)
        close(s->streams[--s->stream_count]);
}

/* The question's name with dots, and its type. Returns where it ends. */
static size_t parse_question(const uint8_t *bytes, size_t size, char *name,
                             int *type)
{
    size_t at = HEADER;
    size_t used = 0;
    while (at < size && bytes[at]) {
        size_t label = bytes[at++];
        assert_true(at + label + 5 <= size);
        if (used)
            name[used++] = '.';
        memcpy(name + used, bytes + at, label);
        used += label;
        at += label;
    }
    name[used] = '\0';
    *type = bytes[at + 1] << 8 | bytes[at + 2];
    return at + 5;
}

static void put(struct reply *r, const void *bytes, size_t size)
{
    assert_true(r->size + size <= sizeof(r->bytes));
    memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
}

static size_t encode_name(uint8_t *to, const char *name)
{
    size_t size = 0;
    while (*name) {
        size_t label = strcspn(name, ".");
        to[size++] = (uint8_t)label;
        memcpy(to + size, name, label);
        size += label;
        name += label + (name[label] == '.');
    }
    to[size++] = 0;
    return size;
}

static void put_record(struct reply *r, const char *owner, int type,
                       const void *data, size_t size)
{
    uint8_t name[256];
    uint8_t fixed[] = {0, (uint8_t)type, 0, 1, 0, 0, 0, 60, 0, (uint8_t)size};
    put(r, name, encode_name(name, owner));
    put(r, fixed, sizeof(fixed));
    put(r, data, size);
    r->answers++;
}

static void put_alias(struct reply *r, const char *from, const char *to)
{
    uint8_t name[256];
    put_record(r, from, DNS_CNAME, name, encode_name(name, to));
}

static void put_address(struct reply *r, const char *owner, int type,
                        const char *text)
{
    uint8_t bytes[16];
    int family = type == DNS_A ? AF_INET : AF_INET6;
    if (inet_pton(family, text, bytes) == 1)
        put_record(r, owner, type, bytes, type == DNS_A ? 4 : 16);
}

static void put_addresses(struct reply *r, const char *owner, int type,
                          const struct name_rule *rule)
{
    char text[64];
    for (const char *at = rule->addresses; at && *at;) {
        size_t size = strcspn(at, " ");
        snprintf(text, sizeof(text), "%.*s", (int)size, at);
        for (unsigned i = 0; i < (rule->repeat ? rule->repeat : 1); i++)
            put_address(r, owner, type, text);
        at += size + (at[size] == ' ');
    }
}

static struct name_rule *rule_for(struct name_server *s, const char *name,
                                  int type)
{
    for (size_t i = 0; i < s->rule_count; i++) {
        struct name_rule *r = &s->rules[i];
        if (strcasecmp(r->name, name) == 0 &&
            (r->type == 0 || r->type == type) && r->times != UINT32_MAX)
            return r;
    }
    return NULL;
}

/* The whole answer. A datagram that it does not fit is only marked so. */
static void make_reply(struct reply *r, const struct name_question *q,
                       bool datagram)
{
    char name[256];
    int type;
    size_t end = parse_question(q->bytes, q->size, name, &type);
    *r = (struct reply){.size = 0};
    put(r, q->bytes, end);
    if (q->rule && q->rule->cname) {
        put_alias(r, name, q->rule->cname);
        put_alias(r, q->rule->cname, name);
    }
    if (q->rule)
        put_addresses(r, name, type, q->rule);
    bool cut = datagram && r->size > DATAGRAM;
    if (cut)
        r->size = end;
    r->bytes[2] = cut ? 0x83 : 0x81;
    r->bytes[3] = (uint8_t)(0x80 | (q->rule ? q->rule->rcode : DNS_NXDOMAIN));
    r->bytes[6] = 0;
    r->bytes[7] = (uint8_t)(cut ? 0 : r->answers);
    memset(r->bytes + 8, 0, 4);
}

static void answer(struct name_server *s, const struct name_question *q)
{
    struct reply r;
    make_reply(&r, q, true);
    sendto(s->fd, r.bytes, r.size, 0,
           (const struct sockaddr *)(const void *)q->from, q->from_size);
}

static void hold(struct name_server *s, const struct name_question *q)
{
    if (s->held_count < NAME_SERVER_HELD) /* else the same once more */
        s->held[s->held_count++] = *q;
}

/* A rule that was used its number of times is marked as used up. */
static void use(struct name_rule *rule)
{
    if (rule && rule->times && --rule->times == 0)
        rule->times = UINT32_MAX;
}

static struct name_rule *look_up(struct name_server *s, struct name_question *q)
{
    char name[256];
    int type;
    s->questions++;
    parse_question(q->bytes, q->size, name, &type);
    struct name_rule *rule = rule_for(s, name, type);
    q->rule = rule;
    return rule;
}

/* Answer what has come. c-ares sends a question in one piece. False: the
 * connection is over. */
static bool serve_stream(struct name_server *s, int fd)
{
    struct name_question q = {.size = 0};
    struct reply r;
    uint8_t size[2];
    ssize_t got;
    while ((got = recv(fd, size, 2, MSG_DONTWAIT)) == 2) {
        q.size = (size_t)(size[0] << 8 | size[1]);
        assert_true(q.size <= sizeof(q.bytes));
        assert_int_equal(recv(fd, q.bytes, q.size, MSG_DONTWAIT), q.size);
        look_up(s, &q);
        make_reply(&r, &q, false);
        uint8_t out[2] = {(uint8_t)(r.size >> 8), (uint8_t)r.size};
        send(fd, out, 2, MSG_NOSIGNAL);
        send(fd, r.bytes, r.size, MSG_NOSIGNAL);
    }
    return got < 0;
}

static void serve_streams(struct name_server *s)
{
    int fd = accept(s->listen, NULL, NULL);
    if (fd >= 0) {
        assert_true(s->stream_count < NAME_SERVER_STREAMS);
        s->streams[s->stream_count++] = fd;
    }
    for (size_t i = s->stream_count; i-- > 0;) {
        if (serve_stream(s, s->streams[i]))
            continue;
        close(s->streams[i]);
        s->streams[i] = s->streams[--s->stream_count];
    }
}

static void serve_datagrams(struct name_server *s)
{
    for (;;) {
        struct name_question q;
        socklen_t from_size = sizeof(q.from);
        ssize_t size = recvfrom(s->fd, q.bytes, sizeof(q.bytes), MSG_DONTWAIT,
                                (struct sockaddr *)(void *)q.from, &from_size);
        if (size < HEADER)
            return;
        q.size = (size_t)size;
        q.from_size = from_size;
        struct name_rule *rule = look_up(s, &q);
        if (rule && rule->hold)
            hold(s, &q);
        else
            answer(s, &q);
        use(rule);
    }
}

size_t name_server_fds(const struct name_server *s, int *fds)
{
    size_t count = 0;
    fds[count++] = s->fd;
    fds[count++] = s->listen;
    for (size_t i = 0; i < s->stream_count; i++)
        fds[count++] = s->streams[i];
    return count;
}

void name_server_turn(struct name_server *s)
{
    serve_datagrams(s);
    serve_streams(s);
}

void name_server_release(struct name_server *s)
{
    for (size_t i = 0; i < s->held_count; i++)
        answer(s, &s->held[i]);
    s->held_count = 0;
}
