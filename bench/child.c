#define _GNU_SOURCE

#include "child.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 120 /* seconds */

void child_pin(int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)core, &set);
    if (sysconf(_SC_NPROCESSORS_ONLN) > core)
        sched_setaffinity(0, sizeof(set), &set);
}

void child_allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void run(job *play, const struct scene *scene, int out)
{
    struct cost cost;
    memset(&cost, 0, sizeof(cost));
    signal(SIGPIPE, SIG_IGN);
    alarm(PATIENCE);
    child_pin(0);
    if (play(scene, &cost) != 0)
        _exit(1);
    _exit(write(out, &cost, sizeof(cost)) == (ssize_t)sizeof(cost) ? 0 : 1);
}

int child_play(job *play, const struct scene *scene, struct cost *cost)
{
    int ends[2];
    int status = 0;
    fflush(NULL);
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        run(play, scene, ends[1]);
    close(ends[1]);
    ssize_t got = read(ends[0], cost, sizeof(*cost));
    close(ends[0]);
    if (child > 0)
        waitpid(child, &status, 0);
    return got == (ssize_t)sizeof(*cost) && status == 0 ? 0 : -1;
}
