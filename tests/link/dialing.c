#include "dialing.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

hws_time now;

static int bind_to(int family, uint16_t number)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(number)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons(number),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM, 0);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int bound = family == AF_INET
                    ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
                    : bind(fd, (struct sockaddr *)&v6, sizeof(v6));
    if (bound == 0)
        return fd;
    close(fd);
    return -1;
}

void port_init(struct port *p)
{
    struct sockaddr_in me;
    memset(p, 0xff, sizeof(*p));
    do {
        socklen_t size = sizeof(me);
        if (p->v4 >= 0)
            close(p->v4);
        p->v4 = bind_to(AF_INET, 0);
        getsockname(p->v4, (struct sockaddr *)&me, &size);
        p->number = ntohs(me.sin_port);
        p->v6 = bind_to(AF_INET6, p->number);
    } while (p->v6 < 0);
}

void port_hole(struct port *p)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons(p->number),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_int_equal(listen(p->v6, 0), 0);
    for (int i = 0; i < 4; i++) {
        p->clients[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(p->clients[i], (struct sockaddr *)&to, sizeof(to));
    }
}

void port_free(struct port *p)
{
    close(p->v4);
    close(p->v6);
    for (int i = 0; i < 4; i++) {
        if (p->clients[i] >= 0)
            close(p->clients[i]);
    }
}

struct hws_dial_options options_for(const char *host, uint16_t port,
                                    const struct name_server *server)
{
    struct hws_dial_options o;
    hws_dial_options_init(&o);
    o.host = host;
    o.port = port;
    o.nameservers = server ? server->address : "127.0.0.1:1";
    return o;
}

struct hws_link *dial_new(const struct hws_dial_options *o)
{
    struct hws_link *link = hws_dial_new(o);
    assert_non_null(link);
    return link;
}

/* Wait a moment for anything real; false: only time can move it. */
static bool anything(const struct hws_link *link, struct name_server *server)
{
    struct hws_want wants[HWS_WANTS_MAX];
    struct pollfd polls[HWS_WANTS_MAX + NAME_SERVER_FDS];
    int fds[NAME_SERVER_FDS];
    size_t count = hws_link_wants(link, wants);
    assert_true(count <= HWS_WANTS_MAX);
    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){
            wants[i].fd,
            (short)((wants[i].interest & HWS_READ ? POLLIN : 0) |
                    (wants[i].interest & HWS_WRITE ? POLLOUT : 0)),
            0};
    size_t served = server ? name_server_fds(server, fds) : 0;
    for (size_t i = 0; i < served; i++)
        polls[count++] = (struct pollfd){fds[i], POLLIN, 0};
    return poll(polls, (nfds_t)count, 2) > 0;
}

int run(struct hws_link *link, struct name_server *server, hws_time end)
{
    for (int turn = 0; turn < 3000; turn++) {
        int status = hws_link_open(link, now);
        if (status != HWS_E_AGAIN)
            return status;
        if (server)
            name_server_turn(server);
        if (anything(link, server))
            continue;
        hws_time deadline = hws_link_deadline(link);
        assert_true(deadline > now && deadline != HWS_NEVER);
        if (deadline > end) {
            now = end;
            return HWS_E_AGAIN;
        }
        now = deadline;
    }
    fail_msg("no end after 3000 turns");
    return 0;
}

int run_out(struct hws_link *link, struct name_server *server)
{
    return run(link, server, HWS_NEVER - 1);
}

int dialing_setup(void **state)
{
    (void)state;
    now = BEGIN;
    return 0;
}

unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

void expect_peer(const struct hws_link *link, const char *host, unsigned port)
{
    char text[64];
    snprintf(text, sizeof(text), "%s:%u", host, port);
    assert_string_equal(hws_link_peer(link), text);
}

void scene_init(struct scene *s, struct name_rule *rules, size_t rule_count)
{
    port_init(&s->port);
    name_server_init(&s->server, rules, rule_count);
    s->options = options_for("feed.example", s->port.number, &s->server);
}

void scene_free(struct scene *s)
{
    name_server_free(&s->server);
    port_free(&s->port);
}
