/* The door to the allocator and its hooks. */
#include "support/test.h"

#include "base/mem.h"

#include <stdlib.h>

/* A counting allocator: what the context says is what the hooks are given. */
struct count {
    int held;
};

static void *count_alloc(void *context, size_t size)
{
    ((struct count *)context)->held++;
    return malloc(size);
}

static void *count_resize(void *context, void *old, size_t size)
{
    ((struct count *)context)->held += old == NULL;
    return realloc(old, size);
}

static void count_release(void *context, void *old)
{
    assert_non_null(old);
    ((struct count *)context)->held--;
    free(old);
}

TEST(every_call_goes_through_the_hooks)
{
    struct count count = {0};
    struct hws_memory hooks = {count_alloc, count_resize, count_release,
                               &count};
    hws_memory_set(&hooks);
    void *a = hwi_alloc(10);
    void *b = hwi_alloc_zero(10);
    void *c = hwi_resize(NULL, 10);
    c = hwi_resize(c, 1000);
    char *d = hwi_copy_text("text");
    void *e = hwi_copy_bytes("", 0);
    assert_int_equal(count.held, 5);
    hwi_free(a);
    hwi_free(b);
    hwi_free(c);
    hwi_free(d);
    hwi_free(e);
    hwi_free(NULL);
    hws_memory_set(NULL);
    assert_int_equal(count.held, 0);
}

TEST(null_restores_the_system)
{
    struct count count = {0};
    struct hws_memory hooks = {count_alloc, count_resize, count_release,
                               &count};
    hws_memory_set(&hooks);
    hws_memory_set(NULL);
    hwi_free(hwi_alloc(1));
    assert_int_equal(count.held, 0);
}

TEST(copies_are_equal_and_apart)
{
    char *text = hwi_copy_text("feed.example");
    assert_string_equal(text, "feed.example");
    hwi_free(text);
    uint8_t *bytes = hwi_copy_bytes("a\0b", 3);
    assert_memory_equal(bytes, "a\0b", 3);
    hwi_free(bytes);
    assert_null(hwi_copy_text(NULL));
}

TEST(zeroed_memory_is_zero)
{
    static const uint8_t zero[64];
    uint8_t *bytes = hwi_alloc_zero(sizeof(zero));
    assert_memory_equal(bytes, zero, sizeof(zero));
    hwi_free(bytes);
}

static void *no_alloc(void *context, size_t size)
{
    (void)context;
    (void)size;
    return NULL;
}

TEST(no_memory_is_null_everywhere)
{
    struct hws_memory hooks = {.alloc = no_alloc};
    hws_memory_set(&hooks);
    void *a = hwi_alloc(1), *b = hwi_alloc_zero(1), *c = hwi_copy_text("x"),
         *d = hwi_copy_bytes("x", 1);
    hws_memory_set(NULL);
    assert_null(a);
    assert_null(b);
    assert_null(c);
    assert_null(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_call_goes_through_the_hooks), RUN(null_restores_the_system),
        RUN(copies_are_equal_and_apart),        RUN(zeroed_memory_is_zero),
        RUN(no_memory_is_null_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
