#include "peer.h"

#include "child.h"
#include "tick.h"
#include "tls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what peers do ---- */

/* Without an end: the client goes when it has enough. */
static void stream_plain(const struct scene *scene, const struct wire *wire,
                         uint8_t *block)
{
    size_t used = wire_frames(block, WIRE_BLOCK, scene->size, false);
    while (wire_write(wire, block, used) == 0)
        ;
}

/* Records cannot be replayed, so all of them are made before the first one is
 * sent: then encrypting does not slow the sender down. */
static void stream_tls(const struct scene *scene, struct wire *wire,
                       uint8_t *block)
{
    size_t frame = wire_frame_size(scene->size, false);
    size_t used = wire_frames(block, WIRE_BLOCK, scene->size, false);
    uint64_t frames = used / frame;
    uint64_t count = (scene->warm + scene->messages + frames - 1) / frames;
    size_t size;
    uint8_t *all = tls_encrypt(wire, block, used,
                               scene->lone_records ? frame : 0, count, &size);
    struct wire plain = {.fd = wire->fd};
    for (size_t at = 0; all && at < size; at += WIRE_BLOCK) {
        size_t piece = size - at < WIRE_BLOCK ? size - at : WIRE_BLOCK;
        if (wire_write(&plain, all + at, piece) != 0)
            break;
    }
    free(all);
    /* Keep the line until the client goes. */
    while (recv(wire->fd, block, WIRE_BLOCK, 0) > 0)
        ;
}

static void stream(const struct scene *scene, struct wire *wire, uint8_t *block)
{
    if (wire->tls)
        stream_tls(scene, wire, block);
    else
        stream_plain(scene, wire, block);
}

static void echo(const struct scene *scene, struct wire *wire, uint8_t *block)
{
    size_t request = wire_frame_size(scene->size, true);
    size_t answer = wire_frames(block, wire_frame_size(scene->size, false),
                                scene->size, false);
    uint8_t *got = block + WIRE_BLOCK / 2;
    size_t have = 0;
    ssize_t n;
    while ((n = wire_read(wire, got, WIRE_READ)) > 0) {
        for (have += (size_t)n; have >= request; have -= request) {
            if (wire_write(wire, block, answer) != 0)
                return;
        }
    }
}

static void sink(const struct scene *scene, struct wire *wire, uint8_t *block)
{
    (void)scene;
    while (wire_read(wire, block, WIRE_BLOCK) > 0)
        ;
}

/* The descriptor stays open until this process goes. */
static void hold(const struct scene *scene, struct wire *wire, uint8_t *block)
{
    (void)scene;
    (void)block;
    wire->fd = -1;
    wire->tls = NULL;
}

static void (*const acts[])(const struct scene *, struct wire *, uint8_t *) = {
    [PEER_STREAM] = stream, [PEER_ECHO] = echo,      [PEER_SINK] = sink,
    [PEER_HOLD] = hold,     [PEER_TICK] = tick_hold,
};

/* ---- the process ---- */

static void serve_one(const struct scene *scene, int fd, uint8_t *block)
{
    struct wire wire = {.fd = fd};
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if ((!scene->tls || tls_accept(&wire) == 0) &&
        wire_upgrade_server(&wire) == 0)
        acts[scene->peer](scene, &wire, block);
    SSL_free(wire.tls);
    if (wire.fd >= 0)
        close(wire.fd);
}

static void serve(const struct scene *scene, int listener)
{
    uint8_t *block = malloc(WIRE_BLOCK);
    int fd;
    signal(SIGPIPE, SIG_IGN);
    child_pin(1);
    child_allow_descriptors();
    while (block && (fd = accept(listener, NULL, NULL)) >= 0)
        serve_one(scene, fd, block);
    _exit(1);
}

pid_t peer_start(struct scene *scene)
{
    int listener = wire_listen(&scene->port);
    if (listener < 0)
        return -1;
    pid_t peer = fork();
    if (peer == 0)
        serve(scene, listener);
    close(listener);
    return peer;
}

void peer_stop(pid_t peer)
{
    if (peer <= 0)
        return;
    kill(peer, SIGKILL);
    waitpid(peer, NULL, 0);
}
