/*
 * Plays conformance cases, each as a test of its own:
 *
 *     hawser_conform CASES...               play, and end with a table
 *     hawser_conform --check PAGE CASES...  play nothing; say whether the table
 *                                           in PAGE is of these cases
 *
 * Every file is a group. A case is played in each role that it is for, whole,
 * cut at every byte of the peer's, and byte by byte.
 */
#include "suite.h"

#include <stdlib.h>

#define GROUPS_MAX 40
#define PAGE_MAX 100000

/* A row of the table. */
struct result {
    char title[TITLE_MAX];
    size_t cases, client, server, failed;
    unsigned long plays;
};

static void play_role(const struct conform_case *c, enum hws_role role)
{
    struct hws_proto_options options;
    script_options(&options, role);
    options.limits = c->limits;
    options.delays = c->delays;
    options.deflate = c->deflate;
    if (c->words)
        play_deflated(&options, c->words, c->script);
    else if (c->handshake)
        play_handshake(&options, c->script);
    else
        play_with(&options, c->script);
}

static void play_case(void **state)
{
    const struct conform_case *c = *state;
    if (c->client)
        play_role(c, HWS_CLIENT);
    if (c->server)
        play_role(c, HWS_SERVER);
}

static size_t play_group(const struct conform_group *g)
{
    struct CMUnitTest *tests = calloc(g->count, sizeof(*tests));
    if (!tests)
        abort();
    for (size_t i = 0; i < g->count; i++)
        tests[i] = (struct CMUnitTest){.name = g->cases[i].title,
                                       .test_func = play_case,
                                       .initial_state = &g->cases[i]};
    int failed = _cmocka_run_group_tests(g->title, tests, g->count, NULL, NULL);
    free(tests);
    return (size_t)failed;
}

static struct result run_file(const char *path, unsigned number, bool play)
{
    struct conform_group group;
    struct result r = {.plays = script_plays()};
    conform_read(&group, path, number);
    snprintf(r.title, sizeof(r.title), "%s", group.title);
    r.cases = group.count;
    for (size_t i = 0; i < group.count; i++) {
        r.client += group.cases[i].client;
        r.server += group.cases[i].server;
    }
    if (play)
        r.failed = play_group(&group);
    r.plays = script_plays() - r.plays;
    conform_free(&group);
    return r;
}

static void add(struct result *sum, const struct result *r)
{
    sum->cases += r->cases;
    sum->client += r->client;
    sum->server += r->server;
    sum->failed += r->failed;
    sum->plays += r->plays;
}

static void write_cases(char *row, size_t size, const struct result *r)
{
    snprintf(row, size, "| %.100s | %zu | %zu | %zu |", r->title, r->cases,
             r->client, r->server);
}

static void print_table(const struct result *results, size_t count)
{
    printf(
        "| group | cases | as client | as server | plays | failed |\n"
        "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        char row[2 * TITLE_MAX];
        write_cases(row, sizeof(row), &results[i]);
        printf("%s %lu | %zu |\n", row, results[i].plays, results[i].failed);
    }
}

/* How many rows the page lacks. */
static size_t check_page(const char *path, const struct result *results,
                         size_t count)
{
    char *page = calloc(1, PAGE_MAX);
    size_t stale = 0;
    FILE *file = fopen(path, "r");
    if (!page || !file || fread(page, 1, PAGE_MAX - 1, file) == 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    for (size_t i = 0; i < count; i++) {
        char row[2 * TITLE_MAX];
        write_cases(row, sizeof(row), &results[i]);
        if (strstr(page, row))
            continue;
        printf("%s: stale, run scripts/conform --write: lacks %s\n", path, row);
        stale++;
    }
    free(page);
    return stale;
}

static int usage(void)
{
    fprintf(stderr, "usage: hawser_conform [--check PAGE] CASES...\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct result results[GROUPS_MAX] = {{.title = ""}};
    struct result sum = {.title = "**all**"};
    const char *page = NULL;
    char **path = argv + 1;
    size_t count = 0;
    if (argc > 2 && strcmp(argv[1], "--check") == 0) {
        page = argv[2];
        path += 2;
    }
    for (; *path; path++) {
        if (count + 1 == GROUPS_MAX)
            return usage();
        results[count] = run_file(*path, (unsigned)count + 1, !page);
        add(&sum, &results[count++]);
    }
    if (count == 0)
        return usage();
    results[count++] = sum;
    if (page)
        return check_page(page, results, count) ? 1 : 0;
    print_table(results, count);
    /* A case that failed leaks, and the leak checker ends the program. */
    fflush(stdout);
    return sum.failed ? 1 : 0;
}
