/* The heap of deadlines. */
#include "support/test.h"

#include "base/heap.h"
#include "base/rng.h"
#include "starved.h"

#define NODES 200

static struct hwi_heap_node nodes[NODES];

static void start(struct hwi_heap *h)
{
    hwi_heap_init(h);
    for (size_t i = 0; i < NODES; i++)
        nodes[i].place = HWI_HEAP_NOWHERE;
}

/* The order and every node's knowledge of its own place. */
static void check(const struct hwi_heap *h)
{
    for (size_t i = 0; i < h->count; i++) {
        assert_int_equal(h->nodes[i]->place, i);
        if (i)
            assert_true(h->nodes[(i - 1) / 2]->key <= h->nodes[i]->key);
    }
}

TEST(empty_heap_has_no_first)
{
    struct hwi_heap h;
    hwi_heap_init(&h);
    assert_null(hwi_heap_first(&h));
    hwi_heap_release(&h);
}

TEST(nodes_leave_in_order_of_their_keys)
{
    struct hwi_heap h;
    struct hwi_seeded r;
    int64_t last = INT64_MIN;
    start(&h);
    hwi_seeded_init(&r, 1);
    for (size_t i = 0; i < NODES; i++)
        hwi_heap_set(&h, &nodes[i], (int64_t)hwi_seeded_next(&r));
    while (hwi_heap_first(&h)) {
        struct hwi_heap_node *n = hwi_heap_first(&h);
        assert_true(n->key >= last);
        last = n->key;
        hwi_heap_remove(&h, n);
        assert_int_equal(n->place, HWI_HEAP_NOWHERE);
        check(&h);
    }
    hwi_heap_release(&h);
}

TEST(any_node_can_be_moved_and_removed)
{
    struct hwi_heap h;
    struct hwi_seeded r;
    start(&h);
    hwi_seeded_init(&r, 2);
    for (int i = 0; i < 20000; i++) {
        struct hwi_heap_node *n = &nodes[hwi_seeded_next(&r) % NODES];
        if (hwi_seeded_next(&r) % 3)
            assert_int_equal(
                hwi_heap_set(&h, n, (int64_t)(hwi_seeded_next(&r) % 50)), 0);
        else
            hwi_heap_remove(&h, n);
        if (i % 50 == 0)
            check(&h);
    }
    check(&h);
    hwi_heap_release(&h);
}

TEST(removing_twice_does_no_harm)
{
    struct hwi_heap h;
    start(&h);
    hwi_heap_set(&h, &nodes[0], 1);
    hwi_heap_set(&h, &nodes[1], 2);
    hwi_heap_remove(&h, &nodes[0]);
    hwi_heap_remove(&h, &nodes[0]);
    assert_ptr_equal(hwi_heap_first(&h), &nodes[1]);
    assert_int_equal(h.count, 1);
    hwi_heap_release(&h);
}

TEST(release_lets_the_nodes_go)
{
    struct hwi_heap h;
    start(&h);
    hwi_heap_set(&h, &nodes[0], 1);
    hwi_heap_release(&h);
    assert_int_equal(nodes[0].place, HWI_HEAP_NOWHERE);
    assert_int_equal(hwi_heap_set(&h, &nodes[0], 1), 0);
    hwi_heap_release(&h);
}

TEST(no_memory_leaves_the_heap_as_it_was)
{
    struct hwi_heap h;
    start(&h);
    starve_after(1);
    size_t inside = 0;
    while (hwi_heap_set(&h, &nodes[inside], (int64_t)inside) == 0)
        inside++;
    starve_no_more();
    assert_int_equal(h.count, inside);
    assert_int_equal(nodes[inside].place, HWI_HEAP_NOWHERE);
    /* Moving a node needs no memory. */
    starve_after(0);
    assert_int_equal(hwi_heap_set(&h, &nodes[inside - 1], -5), 0);
    starve_no_more();
    assert_ptr_equal(hwi_heap_first(&h), &nodes[inside - 1]);
    check(&h);
    hwi_heap_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(empty_heap_has_no_first),
        RUN(nodes_leave_in_order_of_their_keys),
        RUN(any_node_can_be_moved_and_removed),
        RUN(removing_twice_does_no_harm),
        RUN(release_lets_the_nodes_go),
        RUN(no_memory_leaves_the_heap_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
