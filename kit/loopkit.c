/*
 * The runner: each scenario in a child process, whose answer comes through a
 * pipe as one line, "ok", "skip REASON" or "fail SENTENCE". A child that ends
 * without an answer has crashed; one that takes too long answers by itself
 * what it was waiting for.
 */
#include "kit.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>

#define GUARD_DEFAULT 60
#define ANSWER_MAX 512

/* The scenario that runs in this process. */
static struct {
    int answer; /* the pipe; -1: here, without a child */
    char waits_for[ANSWER_MAX];
} here = {.answer = -1};

/* ---- in the child */

static _Noreturn void give_answer(const char *answer)
{
    if (here.answer < 0) {
        fprintf(stderr, "%s\n", answer);
        abort();
    }
    /* Short enough to go in whole. */
    if (write(here.answer, answer, strlen(answer)) < 0)
        _exit(2);
    _exit(1);
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

void kit_fail(const char *file, int line, const char *format, ...)
{
    char text[ANSWER_MAX - 64], answer[ANSWER_MAX];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    snprintf(answer, sizeof(answer), "fail %s (%.32s:%d)", text,
             base_name(file), line);
    give_answer(answer);
}

void kit_waits_for(const char *file, int line, const char *what)
{
    here.waits_for[0] = '\0';
    if (what)
        snprintf(here.waits_for, sizeof(here.waits_for),
                 "fail hung: waits for '%.400s' (%.32s:%d)", what,
                 base_name(file), line);
}

/* A handler: the child hangs, and says where. */
static void on_alarm(int number)
{
    static const char silent[] = "fail hung in a turn that should not wait";
    (void)number;
    const char *text = here.waits_for[0] ? here.waits_for : silent;
    if (write(here.answer, text, strlen(text)) < 0)
        _exit(2);
    _exit(1);
}

/* NULL, or why the scenario means nothing on this loop. */
static const char *play(const struct hws_loopkit_host *host,
                        const struct kit_scenario *s)
{
    struct kit k = {.host = host, .tls = s->tls};
    k.loop = host->open(host->user);
    if (!k.loop)
        FAIL("open() gave no loop");
    s->run(&k);
    host->close(k.loop, host->user);
    kit_graves_check(&k);
    return k.skip_reason;
}

static _Noreturn void child(const struct hws_loopkit_host *host,
                            const struct kit_scenario *s, int answer,
                            unsigned guard)
{
    struct sigaction hung = {.sa_handler = on_alarm};
    here.answer = answer;
    sigaction(SIGALRM, &hung, NULL);
    alarm(guard);
    char text[ANSWER_MAX] = "ok";
    const char *reason = play(host, s);
    if (reason)
        snprintf(text, sizeof(text), "skip %.400s", reason);
    if (write(answer, text, strlen(text)) < 0)
        _exit(2);
    _exit(0);
}

/* ---- in the parent */

/* What the child said, as text with an end; "" for nothing. */
static void hear(int fd, char answer[ANSWER_MAX])
{
    size_t size = 0;
    while (size < ANSWER_MAX - 1) {
        ssize_t got = read(fd, answer + size, ANSWER_MAX - 1 - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    answer[size] = '\0';
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* From the child's answer and its end; `text` is used as memory. */
static struct hws_loopkit_result judge(const char *answer, int status,
                                       char text[ANSWER_MAX])
{
    struct hws_loopkit_result r = {.verdict = HWS_LOOPKIT_FAILED, .text = text};
    if (strcmp(answer, "ok") == 0 && status == 0) {
        r.verdict = HWS_LOOPKIT_OK;
        r.text = "";
    } else if (strncmp(answer, "skip ", 5) == 0) {
        r.verdict = HWS_LOOPKIT_SKIPPED;
        r.text = answer + 5;
    } else if (strncmp(answer, "fail ", 5) == 0) {
        r.text = answer + 5;
    } else if (WIFSIGNALED(status)) {
        snprintf(text, ANSWER_MAX, "crashed by signal %d", WTERMSIG(status));
    } else {
        snprintf(text, ANSWER_MAX, "ended by itself with status %d",
                 WEXITSTATUS(status));
    }
    return r;
}

struct session {
    const struct hws_loopkit_host *host;
    struct hws_loopkit_options options;
    struct hws_loopkit_counts counts;
};

static void tell(struct session *run, struct hws_loopkit_result r)
{
    run->counts.ok += r.verdict == HWS_LOOPKIT_OK;
    run->counts.skipped += r.verdict == HWS_LOOPKIT_SKIPPED;
    run->counts.failed += r.verdict == HWS_LOOPKIT_FAILED;
    if (run->options.on_result)
        run->options.on_result(&r, run->options.user);
}

static int run_in_child(struct session *run, const char *name,
                        const struct kit_scenario *s)
{
    char answer[ANSWER_MAX], text[ANSWER_MAX];
    int ends[2];
    if (pipe(ends) != 0)
        return HWS_E_SYSTEM;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(run->host, s, ends[1], run->options.guard);
    }
    close(ends[1]);
    if (pid > 0)
        hear(ends[0], answer);
    close(ends[0]);
    if (pid < 0)
        return HWS_E_SYSTEM;
    struct hws_loopkit_result r = judge(answer, wait_for(pid), text);
    r.name = name;
    tell(run, r);
    return 0;
}

static int run_one(struct session *run, const char *name,
                   const struct kit_scenario *s)
{
    struct hws_loopkit_result r = {name, HWS_LOOPKIT_SKIPPED,
                                   "the host knows no end of a run"};
    if (s->needs_run && !run->host->run) {
        tell(run, r);
        return 0;
    }
    if (!run->options.here)
        return run_in_child(run, name, s);
    r.text = play(run->host, s);
    if (!r.text) {
        r.verdict = HWS_LOOPKIT_OK;
        r.text = "";
    }
    tell(run, r);
    return 0;
}

/* ---- the list */

#define NAME_MAX_SIZE 160

static const struct kit_scenario *scenario_at(size_t index,
                                              char name[NAME_MAX_SIZE])
{
    for (const struct kit_group *g = kit_groups; g->name; g++) {
        for (const struct kit_scenario *s = g->scenarios; s->name; s++) {
            if (index-- > 0)
                continue;
            snprintf(name, NAME_MAX_SIZE, "%s.%s", g->name, s->name);
            return s;
        }
    }
    return NULL;
}

const char *hws_loopkit_name(size_t index)
{
    static _Thread_local char name[NAME_MAX_SIZE];
    return scenario_at(index, name) ? name : NULL;
}

int hws_loopkit_run(const struct hws_loopkit_host *host,
                    const struct hws_loopkit_options *options,
                    struct hws_loopkit_counts *counts)
{
    struct session run = {.host = host};
    char name[NAME_MAX_SIZE];
    const struct kit_scenario *s;
    int status = 0;
    if (options)
        run.options = *options;
    if (run.options.guard == 0)
        run.options.guard = GUARD_DEFAULT;
    for (size_t i = 0; status == 0 && (s = scenario_at(i, name)); i++)
        if (!run.options.only || strstr(name, run.options.only))
            status = run_one(&run, name, s);
    if (counts)
        *counts = run.counts;
    if (status)
        return status;
    if (run.counts.ok + run.counts.skipped + run.counts.failed == 0)
        return HWS_E_ARGUMENT;
    return run.counts.failed ? HWS_E_STATE : 0;
}
