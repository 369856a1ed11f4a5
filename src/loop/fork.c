#include "loop/fork.h"

#include <pthread.h>

atomic_uint hwi_fork_count;
static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void in_child(void)
{
    atomic_fetch_add(&hwi_fork_count, 1);
}

static void register_child(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

unsigned hwi_fork_generation(void)
{
    pthread_once(&registered, register_child);
    return atomic_load(&hwi_fork_count);
}
