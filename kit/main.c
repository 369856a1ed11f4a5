/* The kit as a program: options in, the Test Anything Protocol out. */
#include "kit.h"

#include <stdio.h>

struct report {
    const char *host;
    size_t number;
};

static void print_result(const struct hws_loopkit_result *r, void *user)
{
    struct report *report = user;
    bool failed = r->verdict == HWS_LOOPKIT_FAILED;
    printf("%s %zu - %s: %s%s%s\n", failed ? "not ok" : "ok", ++report->number,
           report->host, r->name,
           r->verdict == HWS_LOOPKIT_SKIPPED ? " # SKIP " : "",
           r->verdict == HWS_LOOPKIT_SKIPPED ? r->text : "");
    if (failed)
        printf("#   %s\n", r->text);
    fflush(stdout);
}

static void print_list(void)
{
    const char *name;
    for (size_t i = 0; (name = hws_loopkit_name(i)); i++)
        printf("%s\n", name);
}

static int usage(const char *program)
{
    fprintf(stderr,
            "usage: %s [--list] [--only TEXT] [--guard SECONDS] [--here]\n",
            program);
    return 2;
}

/* 0, or the exit status of a wrong option; 1 with `list` is all. */
static int parse(int argc, char **argv, struct hws_loopkit_options *options,
                 bool *list)
{
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--list") == 0)
            *list = true;
        else if (strcmp(argv[i], "--here") == 0)
            options->here = true;
        else if (strcmp(argv[i], "--only") == 0 && has_value)
            options->only = argv[++i];
        else if (strcmp(argv[i], "--guard") == 0 && has_value)
            options->guard = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            return usage(argv[0]);
    }
    return 0;
}

static int run_hosts(const struct hws_loopkit_host *hosts, size_t count,
                     struct hws_loopkit_options *options)
{
    struct report report = {.number = 0};
    size_t failed = 0, skipped = 0;
    options->on_result = print_result;
    options->user = &report;
    for (size_t i = 0; i < count; i++) {
        struct hws_loopkit_counts counts;
        report.host = hosts[i].name;
        int status = hws_loopkit_run(&hosts[i], options, &counts);
        failed += counts.failed;
        skipped += counts.skipped;
        if (status == 0 || status == HWS_E_STATE)
            continue;
        printf("Bail out! %s\n", status == HWS_E_ARGUMENT
                                     ? "no scenario has such a name"
                                     : "cannot make a process");
        return status == HWS_E_ARGUMENT ? 2 : 1;
    }
    printf("1..%zu\n# %zu failed, %zu skipped\n", report.number, failed,
           skipped);
    return failed != 0;
}

int hws_loopkit_main(int argc, char **argv,
                     const struct hws_loopkit_host *hosts, size_t count)
{
    struct hws_loopkit_options options = {.here = false};
    bool list = false;
    int status = parse(argc, argv, &options, &list);
    if (status)
        return status;
    if (!list)
        return run_hosts(hosts, count, &options);
    print_list();
    return 0;
}
