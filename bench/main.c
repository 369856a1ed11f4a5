/*
 * hawser-bench [--rounds N] [--no-steps] [--json FILE] [ROOM...]
 *
 * Plays every room (or those whose name begins so) in turns: limit, ours,
 * limit, ours; then once more step by step for the instructions. Each run is
 * a process of its own on core 0, its peer on core 1. "loop ..." plays the
 * dispatcher's rooms instead.
 */
#include "child.h"
#include "dispatch.h"
#include "peer.h"
#include "result.h"
#include "step.h"

#include <stdlib.h>
#include <string.h>

struct settings {
    unsigned rounds;
    bool steps;
    const char *json;
    char **names;
    int name_count;
};

static bool is_wanted(const struct settings *settings, const char *name)
{
    for (int i = 0; i < settings->name_count; i++) {
        const char *wanted = settings->names[i];
        if (strncmp(name, wanted, strlen(wanted)) == 0)
            return true;
    }
    return settings->name_count == 0;
}

/* Alternate the sides, so that a drift of the machine meets both. */
static int play_rounds(struct result *result, const struct scene *scene)
{
    const struct room *room = result->room;
    struct cost cost;
    for (unsigned i = 0; i < result->rounds; i++) {
        if (room->limit) {
            if (child_play(room->limit, scene, &cost) != 0)
                return -1;
            side_note(&result->limit, i, &cost);
        }
        if (child_play(room->ours, scene, &cost) != 0)
            return -1;
        side_note(&result->ours, i, &cost);
    }
    return 0;
}

static int play_steps(struct result *result, const struct scene *scene)
{
    const struct room *room = result->room;
    struct scene stepped = *scene;
    struct cost cost;
    stepped.messages = room->steps;
    stepped.stepped = true;
    if (room->limit) {
        if (child_play(room->limit, &stepped, &cost) != 0)
            return -1;
        side_note_steps(&result->limit, &cost);
    }
    if (child_play(room->ours, &stepped, &cost) != 0)
        return -1;
    side_note_steps(&result->ours, &cost);
    return 0;
}

static int play(struct result *result, const struct settings *settings)
{
    const struct room *room = result->room;
    struct scene scene = room->scene;
    pid_t peer = 0;
    int status = 0;
    result->limit.instructions = result->ours.instructions = -1;
    result->limit.stepped_calls = result->ours.stepped_calls = -1;
    /* Five idle seconds a round are enough; memory does not vary. */
    result->rounds = room->figure == FIGURE_HELD ? 1 : settings->rounds;
    if (scene.peer != PEER_NONE)
        peer = peer_start(&scene);
    status = play_rounds(result, &scene);
    if (status == 0 && settings->steps && room->steps)
        status = play_steps(result, &scene);
    peer_stop(peer);
    if (status == 0)
        result_finish(result);
    return status;
}

static int play_all(const struct settings *settings)
{
    struct result *results = calloc(room_count, sizeof(*results));
    unsigned done = 0;
    int status = results ? 0 : -1;
    result_print_head(stdout);
    for (unsigned i = 0; results && i < room_count; i++) {
        if (!is_wanted(settings, rooms[i].name))
            continue;
        results[done].room = &rooms[i];
        if (play(&results[done], settings) != 0) {
            fprintf(stderr, "bench: %s could not be played\n", rooms[i].name);
            status = -1;
            continue;
        }
        result_print(stdout, &results[done++]);
        fflush(stdout);
    }
    FILE *json = settings->json ? fopen(settings->json, "w") : NULL;
    if (json) {
        results_write_json(json, results, done);
        fclose(json);
    }
    free(results);
    return status;
}

static int play_dispatch(const struct settings *settings)
{
    FILE *json = settings->json ? fopen(settings->json, "w") : NULL;
    struct dispatch_settings wanted = {
        .steps = settings->steps, .name = settings->names[0], .json = json};
    int status = dispatch_play(&wanted);
    if (json)
        fclose(json);
    return status;
}

static void read_arguments(struct settings *settings, int count, char **values)
{
    settings->names = values;
    for (int i = 1; i < count; i++) {
        if (strcmp(values[i], "--rounds") == 0 && i + 1 < count)
            settings->rounds = (unsigned)strtoul(values[++i], NULL, 10);
        else if (strcmp(values[i], "--json") == 0 && i + 1 < count)
            settings->json = values[++i];
        else if (strcmp(values[i], "--no-steps") == 0)
            settings->steps = false;
        else
            values[settings->name_count++] = values[i];
    }
    if (settings->rounds < 1 || settings->rounds > ROUNDS_MAX)
        settings->rounds = 5;
}

int main(int argument_count, char **arguments)
{
    struct settings settings = {.rounds = 5, .steps = step_available()};
    read_arguments(&settings, argument_count, arguments);
    /* The dispatcher's rooms are played when they are asked for only: they
     * have no limit to be held against. */
    if (settings.name_count == 1 && strncmp(settings.names[0], "loop", 4) == 0)
        return play_dispatch(&settings) == 0 ? 0 : 1;
    printf(
        "CPU time of the measured process a message, medians of %u "
        "alternating rounds.\n"
        "calls/k: reads, writes and waits per 1,000 messages as the run "
        "counts them itself;\nstepped: system calls per 1,000 messages, and "
        "instr: user instructions a message,\nboth counted one by one in a "
        "run of their own%s.\n\n",
        settings.rounds, settings.steps ? "" : " (not done)");
    return play_all(&settings) == 0 ? 0 : 1;
}
