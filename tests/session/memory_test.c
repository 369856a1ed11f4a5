/* Memory: none is taken for a message in steady state, and when there is none
 * the client ends with a fault that says so, at whatever allocation. */
#include "base/starved.h"
#include "support/scene.h"
#include "support/test.h"

#include <pthread.h>

/* ---- counted */

static uint64_t allocations;

static void *count_alloc(void *context, size_t size)
{
    (void)context;
    allocations++;
    return malloc(size);
}

static void *count_resize(void *context, void *old, size_t size)
{
    (void)context;
    allocations++;
    return realloc(old, size);
}

static void count_release(void *context, void *old)
{
    (void)context;
    free(old);
}

static const struct hws_memory counting = {count_alloc, count_resize,
                                           count_release, NULL};

/* The client sends the next one when the echo of the last has come. */
static void send_next(struct scene *s, const struct hws_event *e)
{
    s->journal_size = 0;
    if (e->kind == HWS_MESSAGE && s->messages < *(unsigned *)s->more)
        hws_client_send(s->client, (enum hws_opcode)e->message.opcode,
                        e->message.data);
}

static void echo_until(struct scene *s, unsigned count)
{
    unsigned target = s->messages + count;
    s->more = &target;
    scene_send(s, "around and around, three hundred bytes or not");
    scene_settle(s);
    assert_int_equal(s->messages, target);
}

TEST(ten_thousand_echoes_allocate_nothing_in_both_roles)
{
    struct scene s;
    hws_memory_set(&counting);
    scene_begin(&s);
    s.served = true;
    s.then = send_next;
    scene_open_up(&s);
    echo_until(&s, 100);
    uint64_t before = allocations;
    echo_until(&s, 10000);
    assert_int_equal(allocations, before);
    scene_end(&s);
    hws_memory_set(NULL);
}

TEST(idle_pings_allocate_nothing_that_stays)
{
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(3600));
    size_t hour = scene_snapshot(&s).memory;
    scene_pass(&s, HWS_S(86400));
    assert_true(scene_snapshot(&s).memory <= hour);
    print_message("idle connection: %zu bytes\n", hour);
    assert_true(hour < 4096);
    scene_end(&s);
}

TEST(large_message_is_given_back_when_idle)
{
    static uint8_t large[300000];
    struct scene s;
    scene_begin(&s);
    s.served = true;
    s.options.deflate.enabled = false;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(60));
    size_t before = scene_snapshot(&s).memory;
    hws_client_send(s.client, HWS_BINARY,
                    (struct hws_span){large, sizeof(large)});
    scene_settle(&s);
    assert_int_equal(s.messages, 1);
    scene_pass(&s, HWS_S(60));
    assert_true(scene_snapshot(&s).memory <= before);
    scene_end(&s);
}

/* Of what compression takes, the two windows stay: 4 KiB of ours and what the
 * peer's messages filled of theirs. */
TEST(compression_gives_back_all_but_its_windows_when_idle)
{
    static uint8_t large[300000];
    struct scene s;
    scene_begin(&s);
    s.served = true;
    scene_open_up(&s);
    scene_pass(&s, HWS_S(60));
    size_t before = scene_snapshot(&s).memory;
    hws_client_send(s.client, HWS_BINARY,
                    (struct hws_span){large, sizeof(large)});
    scene_settle(&s);
    assert_int_equal(s.messages, 1);
    assert_true(scene_snapshot(&s).memory > before + (60 << 10));
    scene_pass(&s, HWS_S(60));
    size_t idle = scene_snapshot(&s).memory;
    print_message("idle compressed connection: %zu bytes\n", idle);
    assert_true(idle <= before + (2 * 4 << 10));
    scene_end(&s);
}

/* ---- starved */

/* A life with an echo, a large message, a reconnect and a close. */
static void live(struct scene *s, struct hws_fault *fault)
{
    static uint8_t large[100000];
    const struct hws_span big = {large, sizeof(large)};
    s->client = hws_client_new(s->loop, &s->options, fault);
    if (!s->client || hws_client_open(s->client) != 0)
        return;
    scene_pass(s, HWS_S(40));
    hws_client_send(s->client, HWS_TEXT, hws_span_text("echo"));
    hws_client_send(s->client, HWS_BINARY, big);
    hws_client_ping(s->client, hws_span_text("ping"));
    scene_pass(s, HWS_S(1));
    hws_client_pause(s->client);
    hws_client_send(s->client, HWS_TEXT, hws_span_text("held"));
    scene_pass(s, HWS_S(1));
    hws_client_resume(s->client);
    scene_pass(s, HWS_S(1));
    hws_client_reconnect(s->client);
    scene_pass(s, HWS_S(40));
    hws_client_close(s->client, 1000, hws_span_text("end"));
    scene_pass(s, HWS_S(20));
    assert_int_equal(hws_client_get_state(s->client), HWS_CLIENT_STOPPED);
}

static void prepare(struct scene *s)
{
    static const struct hws_opening opening = {HWS_TEXT,
                                               {(const uint8_t *)"open", 4}};
    scene_begin(s);
    s->served = true;
    s->options.openings = &opening;
    s->options.opening_count = 1;
    s->options.lag_field = "/T:ms";
    s->options.proxy = "http://anna:secret@p.example:3128";
    s->options.no_proxy = "feed.example,10.0.0.0/8";
}

static int allowed;
static bool starved_once;

/* Only the n-th allocation fails. */
static void *skip_alloc(void *context, size_t size)
{
    (void)context;
    if (allowed-- == 0) {
        starved_once = true;
        return NULL;
    }
    return malloc(size);
}

static void *skip_resize(void *context, void *old, size_t size)
{
    (void)context;
    if (allowed-- == 0) {
        starved_once = true;
        return NULL;
    }
    return realloc(old, size);
}

static const struct hws_memory skipping = {skip_alloc, skip_resize,
                                           count_release, NULL};

TEST(fault_42_any_single_allocation_may_fail)
{
    int n = 0;
    for (;; n++) {
        struct scene s;
        struct hws_fault fault = {0};
        prepare(&s);
        allowed = n;
        starved_once = false;
        hws_memory_set(&skipping);
        live(&s, &fault);
        hws_memory_set(NULL);
        if (!s.client)
            assert_int_equal(fault.status, HWS_E_MEMORY);
        scene_end(&s);
        if (!starved_once)
            break;
    }
    print_message("%d allocations, each failed once\n", n);
    assert_true(n > 40);
}

/* From the n-th on all fail: the client ends or waits, with the cause named,
 * and comes back when there is memory again. */
TEST(fault_42_memory_may_run_out_for_good_at_any_point)
{
    for (int n = 0; n < 120; n++) {
        struct scene s;
        struct hws_fault fault = {0};
        prepare(&s);
        starve_after(n);
        live(&s, &fault);
        starve_no_more();
        if (!s.client)
            assert_int_equal(fault.status, HWS_E_MEMORY);
        scene_end(&s);
    }
}

TEST(fault_42_client_comes_back_when_memory_does)
{
    struct scene s;
    prepare(&s);
    s.options.retry.delay_max = HWS_S(1);
    scene_open_up(&s);
    starve_after(0);
    hws_client_reconnect(s.client);
    scene_pass(&s, HWS_S(60));
    assert_false(s.is_up);
    assert_true(s.downs > 20);
    starve_no_more();
    scene_pass(&s, HWS_S(31));
    assert_true(s.is_up);
    scene_end(&s);
}

/* ---- descriptors: watch() fails as under EMFILE */

TEST(fault_42_failing_watch_is_a_fault_of_this_machine)
{
    struct scene s;
    scene_begin(&s);
    s.client = hws_client_new(s.loop, &s.options, NULL);
    hws_client_open(s.client);
    s.world.watch_failures = 1;
    scene_settle(&s);
    scene_expect(&s, "down(system)");
    assert_int_equal(s.fault.phase, HWS_PHASE_LOCAL);
    assert_non_null(strstr(s.fault.text, "watch"));
    scene_next_attempt(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

/* ---- timers: the loop has no memory to arm one */

TEST(fault_42_open_without_a_timer_is_refused)
{
    struct scene s;
    scene_begin(&s);
    s.client = hws_client_new(s.loop, &s.options, NULL);
    s.world.timer_failures = 1;
    assert_int_equal(hws_client_open(s.client), HWS_E_MEMORY);
    assert_int_equal(hws_client_get_state(s.client), HWS_CLIENT_IDLE);
    assert_int_equal(hws_client_open(s.client), 0);
    scene_settle(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

TEST(fault_42_connection_without_a_timer_ends_by_name)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    s.world.timer_failures = 1;
    scene_pass(&s, HWS_S(15)); /* the ping's alarm cannot be set again */
    scene_expect(&s, "down(memory)");
    assert_int_equal(s.fault.phase, HWS_PHASE_LOCAL);
    scene_next_attempt(&s);
    scene_accept(&s);
    scene_expect(&s, "up");
    scene_end(&s);
}

/* The same in a call from outside the loop, which tells nothing by itself. */
TEST(fault_42_sending_without_a_timer_ends_by_name)
{
    struct scene s;
    scene_begin(&s);
    s.options.delays.ping = HWS_NEVER;
    scene_open_up(&s);
    s.world.timer_failures = 1;
    hws_client_close(s.client, 1000, hws_span_text(""));
    scene_expect(&s, "");
    scene_settle(&s);
    scene_expect(&s, "closing(local 1000) down(memory)!");
    scene_end(&s);
}

/* Nothing could wake it for another attempt: final, and no hang. */
TEST(fault_42_retry_without_a_timer_is_final)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    s.world.timer_failures = 100;
    peer_end(&s.peer);
    scene_settle(&s);
    scene_expect(&s, "down(eof)!");
    assert_int_equal(hws_client_get_state(s.client), HWS_CLIENT_STOPPED);
    scene_end(&s);
}

/* ---- other threads */

static void *free_it(void *context)
{
    struct scene *s = context;
    assert_int_equal(hws_client_send(s->client, HWS_TEXT, hws_span_text("x")),
                     HWS_E_MEMORY);
    hws_client_free(s->client);
    return NULL;
}

/* free() has nobody to tell that it failed: it never does. */
TEST(fault_42_free_from_another_thread_needs_no_memory)
{
    struct scene s;
    pthread_t other;
    scene_begin(&s);
    scene_open_up(&s);
    starve_after(0);
    assert_int_equal(pthread_create(&other, NULL, free_it, &s), 0);
    pthread_join(other, NULL);
    starve_no_more();
    s.client = NULL;
    scene_settle(&s);
    assert_true(peer_sees_end(&s.peer));
    scene_end(&s);
}

static void *pause_it(void *context)
{
    struct scene *s = context;
    hws_client_pause(s->client);
    return NULL;
}

/* ... and back again: the newest call counts. */
static void *resume_it(void *context)
{
    struct scene *s = context;
    hws_client_pause(s->client);
    hws_client_resume(s->client);
    return NULL;
}

static void call_starved(struct scene *s, void *(*call)(void *))
{
    pthread_t other;
    starve_after(0);
    assert_int_equal(pthread_create(&other, NULL, call, s), 0);
    pthread_join(other, NULL);
    starve_no_more();
    scene_settle(s);
}

/* A resume that got lost would be a client that never says a word again. */
TEST(fault_42_pause_and_resume_from_another_thread_need_no_memory)
{
    struct scene s;
    scene_begin(&s);
    scene_open_up(&s);
    call_starved(&s, pause_it);
    peer_send_text(&s.peer, "held");
    scene_settle(&s);
    scene_expect(&s, "");
    call_starved(&s, resume_it);
    scene_expect(&s, "text(held)");
    scene_end(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(ten_thousand_echoes_allocate_nothing_in_both_roles),
        RUN(idle_pings_allocate_nothing_that_stays),
        RUN(large_message_is_given_back_when_idle),
        RUN(compression_gives_back_all_but_its_windows_when_idle),
        RUN(fault_42_any_single_allocation_may_fail),
        RUN(fault_42_memory_may_run_out_for_good_at_any_point),
        RUN(fault_42_client_comes_back_when_memory_does),
        RUN(fault_42_failing_watch_is_a_fault_of_this_machine),
        RUN(fault_42_open_without_a_timer_is_refused),
        RUN(fault_42_connection_without_a_timer_ends_by_name),
        RUN(fault_42_sending_without_a_timer_ends_by_name),
        RUN(fault_42_free_from_another_thread_needs_no_memory),
        RUN(fault_42_pause_and_resume_from_another_thread_need_no_memory),
        RUN(fault_42_retry_without_a_timer_is_final),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
