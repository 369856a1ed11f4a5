#include "loop/urgent.h"

#include "base/mem.h"
#include "loop/pollfd.h"

#define CAPACITY_FIRST 4

void hwi_urgent_init(struct hwi_urgent *u)
{
    *u = (struct hwi_urgent){0};
}

void hwi_urgent_release(struct hwi_urgent *u)
{
    hwi_free(u->entries);
    hwi_free(u->batch);
    hwi_urgent_init(u);
}

int hwi_urgent_reserve(struct hwi_urgent *u)
{
    if (u->count < u->capacity)
        return 0;
    size_t capacity = u->capacity ? 2 * u->capacity : CAPACITY_FIRST;
    struct hwi_ready *batch = hwi_resize(u->batch, capacity * sizeof(*batch));
    if (!batch)
        return HWS_E_MEMORY;
    u->batch = batch;
    struct pollfd *entries =
        hwi_resize(u->entries, capacity * sizeof(*entries));
    if (!entries)
        return HWS_E_MEMORY;
    u->entries = entries;
    u->capacity = capacity;
    return 0;
}

void hwi_urgent_set(struct hwi_urgent *u, int fd, unsigned interest)
{
    size_t place = 0;
    while (place < u->count && u->entries[place].fd != fd)
        place++;
    if (interest)
        u->entries[place] = hwi_pollfd(fd, interest);
    if (interest && place == u->count)
        u->count++;
    if (!interest && place < u->count)
        u->entries[place] = u->entries[--u->count];
}

size_t hwi_urgent_look(struct hwi_urgent *u)
{
    int found = poll(u->entries, (nfds_t)u->count, 0);
    size_t count = 0;
    for (size_t i = 0; found > 0 && i < u->count; i++)
        if (u->entries[i].revents)
            u->batch[count++] = hwi_pollfd_ready(&u->entries[i]);
    return count;
}
