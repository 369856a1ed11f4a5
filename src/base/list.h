/*
 * An intrusive doubly linked ring. The head is a link too; an empty ring
 * points at itself. A link that is in no ring points at itself as well, so
 * that taking it out twice does no harm.
 */
#ifndef HWI_LIST_H
#define HWI_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct hwi_list {
    struct hwi_list *next, *prev;
};

#define hwi_container(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline void hwi_list_init(struct hwi_list *l)
{
    l->next = l->prev = l;
}
static inline bool hwi_list_empty(const struct hwi_list *l)
{
    return l->next == l;
}
static inline void hwi_list_push(struct hwi_list *head, struct hwi_list *l)
{
    l->prev = head->prev;
    l->next = head;
    head->prev->next = l;
    head->prev = l;
}
static inline void hwi_list_remove(struct hwi_list *l)
{
    l->prev->next = l->next;
    l->next->prev = l->prev;
    hwi_list_init(l);
}
/* Take the first link out, or NULL. */
static inline struct hwi_list *hwi_list_take(struct hwi_list *head)
{
    struct hwi_list *first = head->next;
    if (first == head)
        return NULL;
    hwi_list_remove(first);
    return first;
}
/* Move all of `from` to the end of `to`; `from` is empty then. */
static inline void hwi_list_splice(struct hwi_list *to, struct hwi_list *from)
{
    if (hwi_list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    hwi_list_init(from);
}

#endif
