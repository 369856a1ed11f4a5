#include "loop/fork.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_uint generation;
static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void in_child(void)
{
    atomic_fetch_add(&generation, 1);
}

static void register_child(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

unsigned hwi_fork_generation(void)
{
    pthread_once(&registered, register_child);
    return atomic_load(&generation);
}
