/*
 * Who watches which descriptor, by number. Knows no poller. A watch that was
 * forgotten is never reached from here again, and one that joined during the
 * present turn is not reached by what the kernel reported before.
 */
#ifndef HWI_WATCHES_H
#define HWI_WATCHES_H

#include "hawser/loop.h"

struct hwi_watches {
    struct hwi_watch_place {
        struct hws_watch *watch; /* NULL: nobody watches this number */
        uint64_t since;          /* the turn in which it joined */
    } * places;
    size_t capacity;
    size_t foreground; /* watches that keep the loop running */
};

void hwi_watches_init(struct hwi_watches *w);
void hwi_watches_release(struct hwi_watches *w); /* touches no watch */

/* Make room for `fd` >= 0. 0, HWS_E_MEMORY; HWS_E_SYSTEM if it is not open. */
int hwi_watches_reserve(struct hwi_watches *w, int fd);
/* After reserve: enter or take out `watch` at watch->fd. */
void hwi_watches_add(struct hwi_watches *w, struct hws_watch *watch,
                     uint64_t turn);
void hwi_watches_remove(struct hwi_watches *w, struct hws_watch *watch);
/* Who watches `fd`, or NULL. */
struct hws_watch *hwi_watches_get(const struct hwi_watches *w, int fd);
/* Who has watched `fd` since before `turn`, or NULL. */
struct hws_watch *hwi_watches_before(const struct hwi_watches *w, int fd,
                                     uint64_t turn);

#endif
