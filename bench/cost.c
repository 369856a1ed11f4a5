#include "cost.h"

#include "step.h"

#include <sys/resource.h>
#include <time.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t timeval_ns(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

int64_t clock_wall(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

void meter_begin(struct meter *meter)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    meter->user = timeval_ns(usage.ru_utime);
    meter->system = timeval_ns(usage.ru_stime);
    meter->wall = clock_wall();
    meter->cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (meter->stepped)
        step_begin();
}

void meter_end(const struct meter *meter, struct cost *cost)
{
    struct rusage usage;
    if (meter->stepped)
        step_end(&cost->instructions, &cost->stepped_calls);
    cost->cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - meter->cpu;
    cost->wall = clock_wall() - meter->wall;
    getrusage(RUSAGE_SELF, &usage);
    cost->user = timeval_ns(usage.ru_utime) - meter->user;
    cost->system = timeval_ns(usage.ru_stime) - meter->system;
}
