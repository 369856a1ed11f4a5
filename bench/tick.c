#include "tick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct wire wires[TICK_CONNECTIONS_MAX];
static uint64_t held;

static int send_stamp(const struct scene *scene, const struct wire *wire,
                      uint8_t *frame)
{
    char digits[24];
    size_t head = wire_header(frame, scene->size, false);
    memset(frame + head, ' ', scene->size);
    int size = snprintf(digits, sizeof(digits), "%" PRId64, clock_wall());
    memcpy(frame + head, digits, (size_t)size);
    return wire_write(wire, frame, head + scene->size);
}

int64_t tick_stamp(const uint8_t *payload, size_t size)
{
    char digits[24] = "";
    memcpy(digits, payload, size < 23 ? size : 23);
    return strtoll(digits, NULL, 10);
}

static void wait_until(int64_t deadline)
{
    struct timespec at = {deadline / 1000000000, deadline % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void send_all(const struct scene *scene, uint8_t *frame)
{
    int64_t deadline = clock_wall();
    for (uint64_t i = 0; i < scene->warm + scene->messages; i++) {
        deadline += TICK_PERIOD;
        wait_until(deadline);
        if (send_stamp(scene, &wires[i % held], frame) != 0)
            return;
    }
}

static void let_go(void)
{
    for (uint64_t i = 0; i < held; i++) {
        SSL_free(wires[i].tls);
        close(wires[i].fd);
    }
    held = 0;
}

void tick_hold(const struct scene *scene, struct wire *wire, uint8_t *block)
{
    wires[held++] = *wire;
    wire->fd = -1;
    wire->tls = NULL;
    if (held < scene->connections)
        return;
    if (wire_read(&wires[0], block, WIRE_READ) > 0) {
        send_all(scene, block);
        /* Keep the lines until the client goes. */
        while (wire_read(&wires[0], block, WIRE_READ) > 0)
            continue;
    }
    let_go();
}
