/*
 * hawser on a loop of one's own: a select() loop on a page, the two functions
 * that hawser asks of it, and its proof by the conformance kit.
 *
 *     own_loop URL            print every message
 *     own_loop --kit [...]    put the loop through the kit
 */
#include <errno.h>
#include <hawser/hawser.h>
#include <hawser/loopkit.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>

struct own {
    struct hws_host host; /* first: a hws_loop is an own */
    struct hws_watch *watches[FD_SETSIZE];
    unsigned long joined[FD_SETSIZE]; /* the turn each watch was made in */
    unsigned long turn;
    int top;        /* above every watched descriptor */
    int foreground; /* watches that keep the loop running */
};

/* ---- what hawser asks for: the interest in one descriptor, one alarm */

static int own_set(struct hws_host *host, struct hws_watch *watch,
                   unsigned interest)
{
    struct own *o = (struct own *)host;
    int fd = watch->fd;
    if (fd >= FD_SETSIZE)
        return EPERM;
    if (o->watches[fd] && o->watches[fd] != watch)
        return EEXIST;
    if (watch->interest == 0) {
        o->joined[fd] = o->turn;
        o->foreground += !watch->background;
    }
    if (interest == 0)
        o->foreground -= !watch->background;
    o->watches[fd] = interest ? watch : NULL;
    if (fd >= o->top)
        o->top = fd + 1;
    return 0;
}

/* Each wait below asks for the first deadline: nothing to prepare. */
static void own_aim(struct hws_host *host)
{
    (void)host;
}

static const struct hws_host_ops own_ops = {"own", own_set, own_aim};

/* ---- the loop */

/* How long to wait, in whole microseconds, rounded up; NULL: without end. */
static struct timeval *time_to_wait(const struct own *o, bool wait,
                                    struct timeval *room)
{
    hws_time delay = wait ? hws_host_delay(&o->host) : 0;
    if (delay == HWS_NEVER)
        return NULL;
    hws_time us = delay / 1000 + (delay % 1000 != 0);
    room->tv_sec = (time_t)(us / 1000000);
    room->tv_usec = (suseconds_t)(us % 1000000);
    return room;
}

/* What joins during a turn waits for the next: what was found of its number
 * may be another descriptor's. */
static void call_ready(struct own *o, const fd_set *readable,
                       const fd_set *writable)
{
    for (int fd = 0; fd < o->top; fd++) {
        struct hws_watch *watch = o->watches[fd];
        if (watch && o->joined[fd] < o->turn)
            hws_host_ready(watch, FD_ISSET(fd, readable),
                           FD_ISSET(fd, writable));
    }
}

static void own_turn(struct hws_loop *loop, bool wait, void *user)
{
    struct own *o = (struct own *)(void *)loop;
    struct timeval room;
    fd_set readable, writable;
    (void)user;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    for (int fd = 0; fd < o->top; fd++) {
        unsigned interest = o->watches[fd] ? o->watches[fd]->interest : 0;
        if (interest & HWS_READ)
            FD_SET(fd, &readable);
        if (interest & HWS_WRITE)
            FD_SET(fd, &writable);
    }
    int found = select(o->top, &readable, &writable, NULL,
                       time_to_wait(o, wait, &room));
    o->turn++;
    hws_loop_turn_begin(loop, hws_clock_now(HWS_CLOCK_MONOTONIC));
    if (found > 0)
        call_ready(o, &readable, &writable);
    hws_host_run(&o->host); /* the timers, and the end of the turn */
}

static void own_run(struct hws_loop *loop, void *user)
{
    struct own *o = (struct own *)(void *)loop;
    while (o->foreground > 0 || hws_host_first(&o->host) != HWS_NEVER)
        own_turn(loop, true, user);
}

static struct hws_loop *own_open(void *fault)
{
    struct hws_host *host = hws_host_new(sizeof(struct own), &own_ops, fault);
    return host ? &host->loop : NULL;
}

static void own_close(struct hws_loop *loop, void *user)
{
    (void)user;
    hws_host_free((struct hws_host *)(void *)loop);
}

/* ---- its use */

static struct hws_client *client;

static void on_event(struct hws_client *c, const struct hws_event *event,
                     void *user)
{
    (void)c, (void)user;
    if (event->kind == HWS_MESSAGE)
        printf("%.*s\n", (int)event->message.data.size,
               (const char *)event->message.data.data);
    else if (event->kind == HWS_UP)
        printf("up: %s\n", event->up.peer);
    else if (event->kind == HWS_DOWN)
        printf("down: %s\n", event->down.fault->text);
    fflush(stdout);
}

/* In order; the loop then ends by itself. */
static void on_interrupt(struct hws_signal *signal, int number, hws_time now)
{
    (void)signal, (void)number, (void)now;
    hws_client_close(client, HWS_CLOSE_GOING_AWAY, hws_span_text("stopped"));
}

static int listen_to(const char *url)
{
    struct hws_fault fault;
    struct hws_signal interrupt = {.caught = on_interrupt};
    struct hws_client_options options;
    hws_client_options_init(&options);
    options.url = url;
    options.on_event = on_event;

    struct hws_loop *loop = own_open(&fault);
    client = loop ? hws_client_new(loop, &options, &fault) : NULL;
    if (!client) {
        fprintf(stderr, "own_loop: %s\n", fault.text);
        return 1;
    }
    hws_signal_watch(loop, &interrupt, SIGINT);
    hws_client_open(client);
    own_run(loop, NULL);
    hws_client_free(client);
    hws_signal_forget(&interrupt);
    own_close(loop, NULL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct hws_loopkit_host host = {"own",    own_open, own_close,
                                          own_turn, own_run,  NULL};
    if (argc > 1 && strcmp(argv[1], "--kit") == 0)
        return hws_loopkit_main(argc - 1, argv + 1, &host, 1);
    return listen_to(argc > 1 ? argv[1] : "ws://127.0.0.1:9000/");
}
