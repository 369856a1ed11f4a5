#include "loop/poller.h"

#include "base/status.h"

#include <limits.h>
#include <string.h>

static const struct hwi_poller_ops *const pollers[] = {
#ifdef HAWSER_KQUEUE
    &hwi_poller_kqueue,
#endif
#ifdef __linux__
    &hwi_poller_epoll,
#endif
    &hwi_poller_poll,     &hwi_poller_select,
#ifdef HAWSER_IO_URING
    &hwi_poller_io_uring,
#endif
};

#define POLLER_COUNT (sizeof(pollers) / sizeof(pollers[0]))

static const char *const names[] = {
#ifdef HAWSER_KQUEUE
    "kqueue",
#endif
#ifdef __linux__
    "epoll",
#endif
    "poll",     "select",
#ifdef HAWSER_IO_URING
    "io_uring",
#endif
    NULL,
};

/* Every name there is: a list may hold what only other systems have. */
static const char *const known[] = {"epoll", "kqueue", "poll", "select",
                                    "io_uring"};

const char *const *hws_loop_pollers(void)
{
    return names;
}

static bool is_name(struct hws_span span, const char *name)
{
    return span.size == strlen(name) && memcmp(span.data, name, span.size) == 0;
}

static bool is_known(struct hws_span name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (is_name(name, known[i]))
            return true;
    return false;
}

/* The next name of the list at `*list`, which moves behind it. */
static struct hws_span take_name(const char **list)
{
    size_t size = strcspn(*list, ",");
    struct hws_span name = {(const uint8_t *)*list, size};
    *list += size + ((*list)[size] == ',');
    return name;
}

static struct hwi_poller *make(struct hws_span name, struct hws_fault *fault)
{
    for (size_t i = 0; i < POLLER_COUNT; i++)
        if (is_name(name, pollers[i]->name))
            return pollers[i]->new (fault);
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SUPPORT,
                  "cannot make a loop on '%.*s': not in this build",
                  (int)name.size, (const char *)name.data);
    return NULL;
}

/* A mistyped name shall not be passed over in silence. */
static int check_names(const char *list, struct hws_fault *fault)
{
    do {
        struct hws_span name = take_name(&list);
        if (!is_known(name))
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SUPPORT,
                                 "cannot make a loop on '%.*s': no such poller",
                                 (int)name.size, (const char *)name.data);
    } while (*list);
    return 0;
}

struct hwi_poller *hwi_poller_new(const char *list, struct hws_fault *fault)
{
    struct hws_fault reason = {.status = HWS_E_SUPPORT};
    struct hwi_poller *p = NULL;
    if (!list)
        list = names[0];
    if (check_names(list, fault) != 0)
        return NULL;
    while (!p && *list && reason.status == HWS_E_SUPPORT)
        p = make(take_name(&list), &reason);
    if (!p && fault)
        *fault = reason;
    return p;
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
