/*
 * A binary min-heap of keys with a place kept in each node, so that any node
 * can be moved or removed in O(log n). The array belongs to the heap, the
 * nodes to their owners.
 */
#ifndef HWI_HEAP_H
#define HWI_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HWI_HEAP_NOWHERE SIZE_MAX

struct hwi_heap_node {
    int64_t key;
    size_t place; /* index in the heap, HWI_HEAP_NOWHERE when in none */
};

struct hwi_heap {
    struct hwi_heap_node **nodes;
    size_t count, capacity;
};

void hwi_heap_init(struct hwi_heap *h);
void hwi_heap_release(struct hwi_heap *h);
/* Insert, or move a node that is in the heap already. 0 or HWS_E_MEMORY (only
 * when inserting). */
int hwi_heap_set(struct hwi_heap *h, struct hwi_heap_node *n, int64_t key);
void hwi_heap_remove(struct hwi_heap *h, struct hwi_heap_node *n);
static inline struct hwi_heap_node *hwi_heap_first(const struct hwi_heap *h)
{
    return h->count ? h->nodes[0] : NULL;
}

#endif
