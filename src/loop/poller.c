#include "loop/poller.h"

#include <limits.h>
#include <string.h>

static const struct hwi_poller_ops *const pollers[] = {
#ifdef __linux__
    &hwi_poller_epoll,
#endif
    &hwi_poller_poll,
    &hwi_poller_select,
};

static const char *const names[] = {
#ifdef __linux__
    "epoll",
#endif
    "poll",
    "select",
    NULL,
};

const char *const *hws_loop_pollers(void)
{
    return names;
}

const struct hwi_poller_ops *hwi_poller_find(const char *name)
{
    if (!name)
        return pollers[0];
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return pollers[i];
    return NULL;
}

const struct timespec *hwi_poller_timespec(hws_time delay,
                                           struct timespec *room)
{
    if (delay == HWS_NEVER)
        return NULL;
    room->tv_sec = (time_t)(delay / HWS_S(1));
    room->tv_nsec = (long)(delay % HWS_S(1));
    return room;
}

int hwi_poller_ms(hws_time delay)
{
    if (delay == HWS_NEVER)
        return -1;
    hws_time ms = delay / HWS_MS(1) + (delay % HWS_MS(1) != 0);
    return ms < INT_MAX ? (int)ms : INT_MAX;
}
