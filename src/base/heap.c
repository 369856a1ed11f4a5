#include "base/heap.h"

#include "base/mem.h"
#include "hawser/types.h"

void hwi_heap_init(struct hwi_heap *h)
{
    *h = (struct hwi_heap){0};
}

void hwi_heap_release(struct hwi_heap *h)
{
    for (size_t i = 0; i < h->count; i++)
        h->nodes[i]->place = HWI_HEAP_NOWHERE;
    hwi_free(h->nodes);
    hwi_heap_init(h);
}

static void put(struct hwi_heap *h, size_t place, struct hwi_heap_node *n)
{
    h->nodes[place] = n;
    n->place = place;
}

static void sift_up(struct hwi_heap *h, struct hwi_heap_node *n)
{
    size_t place = n->place;
    while (place > 0) {
        size_t parent = (place - 1) / 2;
        if (h->nodes[parent]->key <= n->key)
            break;
        put(h, place, h->nodes[parent]);
        place = parent;
    }
    put(h, place, n);
}

static void sift_down(struct hwi_heap *h, struct hwi_heap_node *n)
{
    size_t place = n->place;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count &&
            h->nodes[child + 1]->key < h->nodes[child]->key)
            child++;
        if (n->key <= h->nodes[child]->key)
            break;
        put(h, place, h->nodes[child]);
        place = child;
    }
    put(h, place, n);
}

static int make_room(struct hwi_heap *h)
{
    if (h->count < h->capacity)
        return 0;
    size_t capacity = h->capacity ? 2 * h->capacity : 16;
    struct hwi_heap_node **nodes =
        hwi_resize(h->nodes, capacity * sizeof(*nodes));
    if (!nodes)
        return HWS_E_MEMORY;
    h->nodes = nodes;
    h->capacity = capacity;
    return 0;
}

int hwi_heap_set(struct hwi_heap *h, struct hwi_heap_node *n, int64_t key)
{
    if (n->place == HWI_HEAP_NOWHERE) {
        int status = make_room(h);
        if (status)
            return status;
        put(h, h->count++, n);
    }
    n->key = key;
    sift_up(h, n);
    sift_down(h, n);
    return 0;
}

void hwi_heap_remove(struct hwi_heap *h, struct hwi_heap_node *n)
{
    size_t place = n->place;
    if (place == HWI_HEAP_NOWHERE)
        return;
    n->place = HWI_HEAP_NOWHERE;
    struct hwi_heap_node *last = h->nodes[--h->count];
    if (last == n)
        return;
    put(h, place, last);
    sift_up(h, last);
    sift_down(h, last);
}
