#include "dispatch.h"

#include "child.h"
#include "crowd.h"
#include "peer.h"
#include "tick.h"

#include <string.h>

#define FRAME_SIZE 64
#define FRAMES 4000
#define FRAMES_WARM 400   /* and no less than one for each connection */
#define FRAMES_STEPPED 64 /* a record of TLS alone takes 7,000 steps */

struct row {
    char name[48]; /* "loop io_uring 100 tls" */
    struct scene scene;
    struct cost cost, stepped;
};

static void show(const struct row *row, bool steps)
{
    const struct cost *c = &row->cost;
    double n = (double)c->messages;
    char instructions[32] = "-";
    if (steps)
        snprintf(instructions, sizeof(instructions), "%.0f",
                 (double)row->stepped.instructions /
                     (double)row->stepped.messages);
    printf("%-24s %9.1f %9.0f %9.0f %9s %9.1f %9.1f\n", row->name,
           c->idle_wakes, (double)c->calls * 1000 / n, (double)c->cpu / n,
           instructions, (double)c->p50 / 1000, (double)c->p99 / 1000);
    fflush(stdout);
}

static void write_json(FILE *out, const struct row *row, bool steps)
{
    const struct cost *c = &row->cost;
    double n = (double)c->messages;
    fprintf(out,
            "{\"room\":\"%s\",\"idle_wakes_per_s\":%.3f,"
            "\"calls_per_1000\":%.3f,\"cpu_ns\":%.3f,\"p50_ns\":%lld,"
            "\"p99_ns\":%lld",
            row->name, c->idle_wakes, (double)c->calls * 1000 / n,
            (double)c->cpu / n, (long long)c->p50, (long long)c->p99);
    if (steps)
        fprintf(out, ",\"instructions\":%.1f",
                (double)row->stepped.instructions /
                    (double)row->stepped.messages);
    fprintf(out, "}");
}

static int play_row(struct row *row, bool steps)
{
    struct scene *scene = &row->scene;
    pid_t peer = peer_start(scene);
    int status = child_play(crowd_serve, scene, &row->cost);
    if (status == 0 && steps) {
        struct scene stepped = *scene;
        stepped.stepped = true;
        stepped.messages = FRAMES_STEPPED;
        status = child_play(crowd_serve, &stepped, &row->stepped);
    }
    peer_stop(peer);
    return status;
}

static void set_row(struct row *row, const char *poller, uint64_t connections,
                    bool tls)
{
    uint64_t warm = connections > FRAMES_WARM ? connections : FRAMES_WARM;
    *row = (struct row){.scene = {.peer = PEER_TICK,
                                  .size = FRAME_SIZE,
                                  .messages = FRAMES,
                                  .warm = warm,
                                  .tls = tls,
                                  .connections = connections,
                                  .poller = poller}};
    snprintf(row->name, sizeof(row->name), "loop %s %llu%s", poller,
             (unsigned long long)connections, tls ? " tls" : "");
}

/* Why a poller cannot play a room, or NULL. */
static const char *hindrance(const char *poller, uint64_t connections,
                             char *room, size_t size)
{
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(poller, &fault);
    hws_loop_free(loop);
    if (!loop) {
        snprintf(room, size, "%s", fault.text);
        return room;
    }
    bool is_above = strcmp(poller, "select") == 0 && connections > 1000;
    return is_above ? "above what select holds" : NULL;
}

static int play_one(const struct dispatch_settings *settings,
                    const char *poller, uint64_t connections, bool tls)
{
    static bool is_first = true;
    struct row row;
    char text[192];
    set_row(&row, poller, connections, tls);
    if (strncmp(row.name, settings->name, strlen(settings->name)) != 0)
        return 0;
    const char *why = hindrance(poller, connections, text, sizeof(text));
    if (why) {
        printf("%-24s %s\n", row.name, why);
        return 0;
    }
    if (play_row(&row, settings->steps) != 0) {
        fprintf(stderr, "bench: %s could not be played\n", row.name);
        return -1;
    }
    show(&row, settings->steps);
    if (settings->json) {
        fputs(is_first ? "[\n" : ",\n", settings->json);
        write_json(settings->json, &row, settings->steps);
    }
    is_first = false;
    return 0;
}

/* The same on every poller, one after the other. */
static int play_pollers(const struct dispatch_settings *settings,
                        uint64_t connections, bool tls)
{
    int status = 0;
    for (const char *const *p = hws_loop_pollers(); *p; p++)
        if (play_one(settings, *p, connections, tls) != 0)
            status = -1;
    return status;
}

int dispatch_play(const struct dispatch_settings *settings)
{
    const uint64_t counts[] = {1, 100, TICK_CONNECTIONS_MAX};
    int status = 0;
    printf("\n%-24s %9s %9s %9s %9s %9s %9s\n", "a frame of 64 B each 0.5 ms",
           "idle w/s", "calls/k", "CPU ns", "instr", "p50 us", "p99 us");
    for (unsigned i = 0; i < 6; i++)
        if (play_pollers(settings, counts[i % 3], i >= 3) != 0)
            status = -1;
    if (settings->json)
        fputs("\n]\n", settings->json);
    printf(
        "\nidle w/s: wake-ups a second with nothing to do. p50, p99: from "
        "the peer's write\nto the callback, on loopback.\n");
    return status;
}
