/*
 * The dispatcher by itself, without WebSocket: a server that sends back each
 * line it gets over TCP. Who is silent for a minute, or does not read what it
 * asked for, is sent away; SIGINT ends it.
 *
 *     loop [POLLERS]     such as "io_uring,epoll"; prints its port
 */
#include <hawser/hawser.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEEP ((unsigned)HWS_EV_PERSIST)

struct guest {
    struct hws_source source; /* first, so that a source is its guest */
    struct hws_writer *writer;
    struct guest *next;
    char line[1024];
    size_t size;
};

static struct guest *guests;
static struct hws_loop *loop;
static unsigned long lines;

static void leave(struct guest *g)
{
    struct guest **at = &guests;
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    hws_writer_free(g->writer);
    hws_source_delete(&g->source);
    close(g->source.handle);
    free(g);
}

static void failed(struct hws_writer *writer, const struct hws_fault *fault,
                   void *user)
{
    (void)writer;
    fprintf(stderr, "loop: %s\n", fault->text);
    leave(user);
}

/* Send back the whole lines, keep the begun one. 0 or a status. */
static int answer(struct guest *g)
{
    char *end;
    int status = 0;
    while (status == 0 && (end = memchr(g->line, '\n', g->size)) != NULL) {
        size_t size = (size_t)(end - g->line) + 1;
        struct hws_span line = {(uint8_t *)g->line, size};
        status = hws_writer_write(g->writer, line);
        memmove(g->line, end + 1, g->size -= size);
        lines++;
    }
    return g->size < sizeof(g->line) ? status : HWS_E_TOO_BIG;
}

static void hear(struct hws_source *source, unsigned what, hws_time now)
{
    struct guest *g = (struct guest *)(void *)source;
    (void)now;
    ssize_t got = 0;
    if (what & HWS_EV_READ)
        got =
            read(source->handle, g->line + g->size, sizeof(g->line) - g->size);
    if (got > 0)
        g->size += (size_t)got;
    if (got <= 0 || answer(g) != 0)
        leave(g);
}

static void welcome(struct hws_source *door, unsigned what, hws_time now)
{
    (void)what, (void)now;
    struct hws_writer_options options;
    int fd = accept(door->handle, NULL, NULL);
    struct guest *g = fd < 0 ? NULL : calloc(1, sizeof(*g));
    if (!g) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    hws_writer_options_init(&options);
    options.on_failed = failed;
    options.user = g;
    g->source = (struct hws_source){
        .happened = hear, .events = HWS_EV_READ | KEEP, .handle = fd};
    g->writer = hws_writer_new(door->hub, fd, &options, NULL);
    g->next = guests;
    guests = g;
    if (!g->writer || hws_source_add(door->hub, &g->source, HWS_S(60)) != 0)
        leave(g);
}

static void report(struct hws_interval *interval, uint64_t missed, hws_time now)
{
    (void)interval, (void)missed, (void)now;
    fprintf(stderr, "loop: %lu lines\n", lines);
}

static void stop(struct hws_source *interrupt, unsigned what, hws_time now)
{
    (void)interrupt, (void)what, (void)now;
    hws_loop_stop(loop);
}

static int listen_anywhere(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET};
    socklen_t size = sizeof(here);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, size) != 0 ||
        listen(fd, 64) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        getsockname(fd, (struct sockaddr *)&here, &size) != 0)
        exit(1);
    printf("%s %u\n", hws_loop_poller(loop), ntohs(here.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    struct hws_fault fault;
    struct hws_source door = {.happened = welcome,
                              .events = HWS_EV_READ | KEEP};
    struct hws_source interrupt = {
        .happened = stop, .events = HWS_EV_SIGNAL, .handle = SIGINT};
    struct hws_interval minute = {.tick = report, .urgent = true};
    loop = hws_loop_new(argc > 1 ? argv[1] : NULL, &fault);
    struct hws_hub *hub = loop ? hws_hub_new(loop, &fault) : NULL;
    if (!hub) {
        fprintf(stderr, "loop: %s\n", fault.text);
        return 1;
    }
    door.handle = listen_anywhere();
    hws_source_add(hub, &door, HWS_NEVER);
    hws_source_add(hub, &interrupt, HWS_NEVER);
    hws_interval_start(loop, &minute, hws_clock_now(HWS_CLOCK_MONOTONIC),
                       HWS_S(60));
    int status = hws_loop_run(loop);
    while (guests)
        leave(guests);
    hws_interval_stop(&minute);
    hws_hub_free(hub);
    hws_loop_free(loop);
    close(door.handle);
    fprintf(stderr, "loop: %lu lines\n", lines);
    return status < 0;
}
