/* The mailbox by itself: order, limits, memory, one wake per batch. */
#include "support/test.h"

#include "loop/mailbox.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct trace {
    char text[64];
    size_t size;
    struct hwi_mailbox *mb;
};

static void note(void *context, struct hws_span bytes)
{
    struct trace *t = context;
    assert_true(t->size + bytes.size < sizeof(t->text));
    if (bytes.size)
        memcpy(t->text + t->size, bytes.data, bytes.size);
    t->size += bytes.size;
    t->text[t->size] = '\0';
}

static void note_and_post(void *context, struct hws_span bytes)
{
    struct trace *t = context;
    note(t, bytes);
    assert_int_equal(hwi_mailbox_post(t->mb, note, t, bytes), 0);
    hwi_mailbox_run(t->mb); /* from inside: must not run the new call */
}

static void add_size(void *context, struct hws_span bytes)
{
    size_t *sum = context;
    *sum += bytes.size;
}

static bool is_readable(struct hwi_mailbox *mb)
{
    struct pollfd p = {.fd = hwi_mailbox_fd(mb), .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static int post_text(struct hwi_mailbox *mb, struct trace *t, const char *text)
{
    return hwi_mailbox_post(mb, note, t, hws_span_text(text));
}

TEST(calls_run_in_order_with_their_bytes)
{
    struct hwi_mailbox mb;
    struct trace t = {0};
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    assert_false(is_readable(&mb));
    assert_true(hwi_mailbox_empty(&mb));
    assert_int_equal(post_text(&mb, &t, "one "), 0);
    assert_int_equal(post_text(&mb, &t, ""), 0);
    assert_int_equal(post_text(&mb, &t, "two, and a longer one"), 0);
    assert_true(is_readable(&mb));
    assert_false(hwi_mailbox_empty(&mb));

    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "one two, and a longer one");
    assert_false(is_readable(&mb));
    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "one two, and a longer one");
    hwi_mailbox_release(&mb);
}

TEST(post_from_a_call_waits_for_the_next_run)
{
    struct hwi_mailbox mb;
    struct trace t = {.mb = &mb};
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    hwi_mailbox_post(&mb, note_and_post, &t, hws_span_text("a"));
    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "a");
    assert_true(is_readable(&mb));
    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "aa");
    assert_false(is_readable(&mb));
    hwi_mailbox_release(&mb);
}

TEST(posts_of_one_batch_wake_once)
{
    struct hwi_mailbox mb;
    struct trace t = {0};
    uint64_t count = 0;
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(post_text(&mb, &t, "x"), 0);
    /* One byte in a pipe, or an eventfd that was raised by one. */
    ssize_t size = read(hwi_mailbox_fd(&mb), &count, sizeof(count));
    assert_true(size == 1 || (size == sizeof(count) && count == 1));
    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "xxx");
    hwi_mailbox_release(&mb);
}

TEST(wake_without_a_call_is_cleared_by_the_run)
{
    struct hwi_mailbox mb;
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    hwi_mailbox_wake(&mb);
    hwi_mailbox_wake(&mb);
    assert_true(is_readable(&mb));
    hwi_mailbox_run(&mb);
    assert_false(is_readable(&mb));
    hwi_mailbox_release(&mb);
}

TEST(full_mailbox_refuses_and_recovers)
{
    struct hwi_mailbox mb;
    size_t sum = 0, posted = 0, size = 1 << 20;
    uint8_t *bytes = calloc(1, size);
    struct hws_span span = hwi_span(bytes, size);
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    int status = 0;
    while ((status = hwi_mailbox_post(&mb, add_size, &sum, span)) == 0)
        posted++;
    assert_int_equal(status, HWS_E_FULL);
    assert_int_equal(posted, 63);
    hwi_mailbox_run(&mb);
    assert_int_equal(sum, posted * size);
    /* What a burst needed is given back. */
    assert_int_equal(mb.running.capacity, 0);
    assert_int_equal(hwi_mailbox_post(&mb, add_size, &sum, span), 0);
    hwi_mailbox_release(&mb);
    free(bytes);
}

TEST(message_beyond_the_limit_is_too_big)
{
    struct hwi_mailbox mb;
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    struct hws_span huge = {(const uint8_t *)"", HWI_MAILBOX_LIMIT};
    assert_int_equal(hwi_mailbox_post(&mb, add_size, NULL, huge),
                     HWS_E_TOO_BIG);
    huge.size = SIZE_MAX;
    assert_int_equal(hwi_mailbox_post(&mb, add_size, NULL, huge),
                     HWS_E_TOO_BIG);
    hwi_mailbox_release(&mb);
}

/* An allocator that counts, and fails when told. */
struct counting {
    size_t calls;
    bool fails;
};
static void *count_alloc(void *context, size_t size)
{
    struct counting *c = context;
    c->calls++;
    return c->fails ? NULL : malloc(size);
}
static void *count_resize(void *context, void *old, size_t size)
{
    struct counting *c = context;
    c->calls++;
    return c->fails ? NULL : realloc(old, size);
}
static void count_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static void use(struct counting *c)
{
    struct hws_memory memory = {count_alloc, count_resize, count_release, c};
    hws_memory_set(&memory);
}

TEST(steady_posting_allocates_nothing)
{
    struct hwi_mailbox mb;
    struct counting counting = {0};
    size_t sum = 0;
    uint8_t bytes[64] = {0};
    use(&counting);
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    size_t warm = 0;
    for (int turn = 0; turn < 1000; turn++) {
        for (int i = 0; i < 100; i++)
            assert_int_equal(
                hwi_mailbox_post(&mb, add_size, &sum, hwi_span(bytes, 64)), 0);
        hwi_mailbox_run(&mb);
        if (turn == 1)
            warm = counting.calls;
    }
    assert_int_equal(sum, 64 * 100 * 1000);
    assert_int_equal(counting.calls, warm);
    hwi_mailbox_release(&mb);
    hws_memory_set(NULL);
}

TEST(post_without_memory_fails_and_wakes_nobody)
{
    struct hwi_mailbox mb;
    struct counting counting = {.fails = true};
    struct trace t = {0};
    use(&counting);
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    assert_int_equal(post_text(&mb, &t, "x"), HWS_E_MEMORY);
    assert_false(is_readable(&mb));
    counting.fails = false;
    assert_int_equal(post_text(&mb, &t, "y"), 0);
    assert_true(is_readable(&mb));
    hwi_mailbox_run(&mb);
    assert_string_equal(t.text, "y");
    hwi_mailbox_release(&mb);
    hws_memory_set(NULL);
}

TEST(child_process_may_not_post)
{
    struct hwi_mailbox mb;
    struct trace t = {0};
    assert_int_equal(hwi_mailbox_init(&mb), 0);
    pid_t child = fork();
    if (child == 0) {
        bool refused = post_text(&mb, &t, "x") == HWS_E_FORK;
        hwi_mailbox_wake(&mb);
        hwi_mailbox_release(&mb);
        _exit(refused ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    assert_false(is_readable(&mb));
    hwi_mailbox_release(&mb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(calls_run_in_order_with_their_bytes),
        RUN(post_from_a_call_waits_for_the_next_run),
        RUN(posts_of_one_batch_wake_once),
        RUN(wake_without_a_call_is_cleared_by_the_run),
        RUN(full_mailbox_refuses_and_recovers),
        RUN(message_beyond_the_limit_is_too_big),
        RUN(steady_posting_allocates_nothing),
        RUN(post_without_memory_fails_and_wakes_nobody),
        RUN(child_process_may_not_post),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
