/* RUSAGE_THREAD is Linux's. */
#define _GNU_SOURCE

#include "cpu.h"

#include <sys/resource.h>

static double seconds(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double cpu_of(int who)
{
    struct rusage used;
    if (getrusage(who, &used) != 0)
        return 0;
    return seconds(&used.ru_utime) + seconds(&used.ru_stime);
}

double cpu_of_process(void)
{
    return cpu_of(RUSAGE_SELF);
}

double cpu_of_thread(void)
{
#ifdef RUSAGE_THREAD
    return cpu_of(RUSAGE_THREAD);
#else
    return cpu_of_process();
#endif
}
