#include "loop/watches.h"

#include "base/mem.h"

#include <fcntl.h>
#include <string.h>

#define PLACES_FIRST 32

void hwi_watches_init(struct hwi_watches *w)
{
    *w = (struct hwi_watches){0};
}

void hwi_watches_release(struct hwi_watches *w)
{
    hwi_free(w->places);
    hwi_watches_init(w);
}

int hwi_watches_reserve(struct hwi_watches *w, int fd)
{
    size_t needed = (size_t)fd + 1;
    if (needed <= w->capacity)
        return 0;
    /* A number that is no descriptor could ask for gigabytes. */
    if (fcntl(fd, F_GETFD) < 0)
        return HWS_E_SYSTEM;
    size_t capacity = w->capacity ? w->capacity : PLACES_FIRST;
    while (capacity < needed)
        capacity *= 2;
    struct hwi_watch_place *places =
        hwi_resize(w->places, capacity * sizeof(*places));
    if (!places)
        return HWS_E_MEMORY;
    memset(places + w->capacity, 0, (capacity - w->capacity) * sizeof(*places));
    w->places = places;
    w->capacity = capacity;
    return 0;
}

void hwi_watches_add(struct hwi_watches *w, struct hws_watch *watch,
                     uint64_t turn)
{
    w->places[watch->fd] = (struct hwi_watch_place){watch, turn};
    if (!watch->background)
        w->foreground++;
}

void hwi_watches_remove(struct hwi_watches *w, struct hws_watch *watch)
{
    w->places[watch->fd].watch = NULL;
    if (!watch->background)
        w->foreground--;
}

struct hws_watch *hwi_watches_get(const struct hwi_watches *w, int fd)
{
    return (size_t)fd < w->capacity ? w->places[fd].watch : NULL;
}

struct hws_watch *hwi_watches_before(const struct hwi_watches *w, int fd,
                                     uint64_t turn)
{
    struct hws_watch *watch = hwi_watches_get(w, fd);
    return watch && w->places[fd].since < turn ? watch : NULL;
}
