/* Calls from other threads on a real loop. Run under ThreadSanitizer too. */
#include "support/host.h"
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define THREADS 4
#define SENDS 500

struct line {
    struct hws_loop *loop;
    struct hws_client *client;
    pthread_t thread;
    bool started;
    atomic_uint ups, downs, messages, pongs;
    atomic_bool stopped;
    unsigned last[THREADS]; /* number of the last message of each thread */
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

static void check_order(struct line *l, struct hws_span data)
{
    char text[32] = "";
    if (data.size >= sizeof(text))
        return;
    memcpy(text, data.data, data.size);
    char *end;
    unsigned long thread = strtoul(text, &end, 10);
    if (end == text || thread >= THREADS)
        return;
    unsigned number = (unsigned)strtoul(end, NULL, 10);
    assert_true(number > l->last[thread]);
    l->last[thread] = number;
}

static void on_event(struct hws_client *client, const struct hws_event *e,
                     void *user)
{
    struct line *l = user;
    (void)client;
    if (e->kind == HWS_MESSAGE) {
        check_order(l, e->message.data);
        atomic_fetch_add(&l->messages, 1);
    }
    if (e->kind == HWS_PONG)
        atomic_fetch_add(&l->pongs, 1);
    if (e->kind == HWS_UP)
        atomic_fetch_add(&l->ups, 1);
    if (e->kind == HWS_DOWN) {
        atomic_fetch_add(&l->downs, 1);
        if (e->down.final)
            atomic_store(&l->stopped, true);
    }
    pthread_mutex_lock(&l->lock);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void *run(void *context)
{
    struct line *l = context;
    hws_loop_run(l->loop);
    return NULL;
}

/* Wait until the counter has reached `value`; ten seconds at the most. */
static void wait_for(struct line *l, atomic_uint *counter, unsigned value)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 20;
    pthread_mutex_lock(&l->lock);
    while (atomic_load(counter) < value) {
        if (pthread_cond_timedwait(&l->changed, &l->lock, &end) != 0) {
            pthread_mutex_unlock(&l->lock);
            fail_msg("%u of %u after 20 s", atomic_load(counter), value);
        }
    }
    pthread_mutex_unlock(&l->lock);
}

static void begin_with_queue(struct line *l, const struct host *h,
                             size_t queue_max)
{
    struct hws_client_options o;
    memset(l, 0, sizeof(*l));
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    l->loop = hws_loop_new(NULL, NULL);
    hws_client_options_init(&o);
    o.url = h->url;
    o.on_event = on_event;
    o.user = l;
    o.retry.delay_min = HWS_MS(1);
    o.retry.delay_max = HWS_MS(20);
    if (queue_max)
        o.limits.send_queue_max = queue_max;
    l->client = hws_client_new(l->loop, &o, NULL);
    assert_non_null(l->client);
}

static void begin(struct line *l, const struct host *h)
{
    begin_with_queue(l, h, 0);
}

/* Nobody waits for the loop's first turn. */
static void start_only(struct line *l)
{
    assert_int_equal(hws_client_open(l->client), 0);
    assert_int_equal(pthread_create(&l->thread, NULL, run, l), 0);
    l->started = true;
}

static void start(struct line *l)
{
    start_only(l);
    wait_for(l, &l->ups, 1);
}

static void end(struct line *l)
{
    if (l->started) {
        hws_loop_stop(l->loop);
        pthread_join(l->thread, NULL);
    }
    hws_client_free(l->client);
    hws_loop_free(l->loop);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
}

/* ---- threads that use one client at once */

struct user {
    struct line *line;
    unsigned number;
    unsigned sends;
    pthread_t thread;
};

static void *send_many(void *context)
{
    struct user *u = context;
    char text[32];
    for (unsigned i = 1; i <= u->sends; i++) {
        int size = snprintf(text, sizeof(text), "%u %u", u->number, i);
        struct hws_span data = {(uint8_t *)text, (size_t)size};
        int status = hws_client_send(u->line->client, HWS_TEXT, data);
        assert_int_equal(status, 0);
        if (i % 100 == 0)
            hws_client_ping(u->line->client, hws_span_text("p"));
    }
    return NULL;
}

static void *do_anything(void *context)
{
    struct user *u = context;
    struct hws_client *c = u->line->client;
    for (unsigned i = 0; i < u->sends; i++) {
        hws_client_send(c, HWS_BINARY, hws_span_text("bytes"));
        if (i % 50 == 10)
            hws_client_reconnect(c);
        if (i % 20 == 5)
            hws_client_pause(c);
        if (i % 20 == 6)
            hws_client_resume(c);
        if (i % 7 == 0)
            hws_client_ping(c, hws_span_text(""));
    }
    hws_client_resume(c);
    return NULL;
}

static void use(struct line *l, void *(*what)(void *), unsigned sends)
{
    struct user users[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        users[i] = (struct user){.line = l, .number = i, .sends = sends};
        pthread_create(&users[i].thread, NULL, what, &users[i]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(users[i].thread, NULL);
}

TEST(sends_of_every_thread_arrive_in_its_order)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    use(&l, send_many, SENDS);
    wait_for(&l, &l.messages, THREADS * SENDS);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(l.last[i], SENDS);
    end(&l);
    host_end(&h);
}

TEST(fault_48_any_call_from_other_threads)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    use(&l, do_anything, 200);
    unsigned before = atomic_load(&l.messages);
    while (atomic_load(&l.messages) == before) {
        unsigned ups = atomic_load(&l.ups);
        hws_client_send(l.client, HWS_TEXT, hws_span_text("still there"));
        if (atomic_load(&l.messages) == before && ups == atomic_load(&l.ups))
            hws_client_ping(l.client, hws_span_text(""));
    }
    end(&l);
    host_end(&h);
}

static void count_up(void *context)
{
    struct line *l = context;
    atomic_fetch_add(&l->pongs, 1);
    pthread_mutex_lock(&l->lock);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

/* Let the loop run what was posted to it, a few turns long. */
static void wait_for_turns(struct line *l)
{
    for (unsigned i = 1; i <= 3; i++) {
        unsigned before = atomic_load(&l->pongs);
        assert_int_equal(hws_loop_post(l->loop, count_up, l), 0);
        wait_for(l, &l->pongs, before + 1);
    }
}

TEST(paused_client_keeps_its_loop_running_until_it_is_resumed)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    hws_client_pause(l.client);
    wait_for_turns(&l);
    hws_client_send(l.client, HWS_TEXT, hws_span_text("9 1"));
    wait_for_turns(&l);
    assert_int_equal(atomic_load(&l.messages), 0);
    hws_client_resume(l.client);
    wait_for(&l, &l.messages, 1);
    end(&l);
    host_end(&h);
}

static void take_and_give_back(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
}

TEST(queue_that_is_full_is_said_to_the_caller_on_another_thread)
{
    struct host h;
    struct line l;
    static uint8_t bytes[1024];
    struct hws_span data = {bytes, sizeof(bytes)};
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    unsigned sent = 0;
    host_start(&h, NULL);
    begin_with_queue(&l, &h, 64 * sizeof(bytes));
    start(&l);

    pthread_mutex_lock(&gate); /* the loop stands still behind it */
    assert_int_equal(hws_loop_post(l.loop, take_and_give_back, &gate), 0);
    while (hws_client_send(l.client, HWS_BINARY, data) == 0)
        sent++;
    assert_in_range(sent, 63, 126); /* it may have run the first ones */
    assert_int_equal(hws_client_send(l.client, HWS_BINARY, data), HWS_E_FULL);
    pthread_mutex_unlock(&gate);
    wait_for(&l, &l.messages, sent);

    while (hws_client_send(l.client, HWS_TEXT, hws_span_text("9 1")) != 0)
        wait_for_turns(&l);
    end(&l);
    host_end(&h);
}

TEST(fault_48_close_from_another_thread_twice)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    assert_int_equal(hws_client_close(l.client, 1000, hws_span_text("x")), 0);
    assert_int_equal(hws_client_close(l.client, 1000, hws_span_text("x")), 0);
    wait_for(&l, &l.downs, 1);
    assert_true(atomic_load(&l.stopped));
    /* Not up any more: counted as unsent. */
    hws_client_send(l.client, HWS_TEXT, hws_span_text("too late"));
    end(&l);
    assert_int_equal(atomic_load(&l.downs), 1);
    host_end(&h);
}

TEST(bad_arguments_are_refused_on_every_thread)
{
    struct host h;
    struct line l;
    static uint8_t huge[4 << 20];
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    assert_int_equal(hws_client_close(l.client, 1005, hws_span_text("")),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_client_close(l.client, 70000, hws_span_text("")),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_client_close(l.client, 1000, hws_span_text("\xff")),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_client_send(l.client, HWS_OP_CLOSE, hws_span_text("")),
                     HWS_E_ARGUMENT);
    assert_int_equal(hws_client_send(l.client, HWS_BINARY,
                                     (struct hws_span){huge, sizeof(huge) + 1}),
                     HWS_E_TOO_BIG);
    assert_int_equal(hws_client_send(l.client, HWS_TEXT, hws_span_text("\xff")),
                     HWS_E_UTF8);
    assert_int_equal(hws_client_ping(l.client, (struct hws_span){huge, 126}),
                     HWS_E_TOO_BIG);
    end(&l);
    host_end(&h);
}

/* Freed from a thread that is not the loop's, while messages come. */
TEST(fault_48_free_from_another_thread)
{
    struct host h;
    host_start(&h, NULL);
    for (int i = 0; i < 10; i++) {
        struct line l;
        begin(&l, &h);
        start(&l);
        for (int n = 0; n < 50; n++)
            hws_client_send(l.client, HWS_TEXT, hws_span_text("x"));
        hws_client_free(l.client);
        l.client = NULL;
        end(&l);
    }
    host_end(&h);
}

/* The loop's thread has gone; the one that joined it cleans up. */
TEST(client_is_freed_by_the_thread_that_joined_the_loops)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    start(&l);
    hws_client_send(l.client, HWS_TEXT, hws_span_text("posted, never sent"));
    end(&l);
    host_end(&h);
}

/* ---- the maker goes on calling while another thread begins to run the loop */

TEST(fault_48_maker_sends_before_the_loop_turns)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    assert_int_equal(hws_client_send(l.client, HWS_TEXT, hws_span_text("9 1")),
                     HWS_E_STATE);
    start_only(&l);
    while (atomic_load(&l.messages) == 0) {
        int status =
            hws_client_send(l.client, HWS_TEXT, hws_span_text("quiet"));
        assert_true(status == HWS_E_STATE || status == HWS_E_FULL ||
                    status == 0);
        if (status == 0)
            hws_client_send(l.client, HWS_BINARY, hws_span_text("echo"));
        hws_client_ping(l.client, hws_span_text(""));
    }
    end(&l);
    host_end(&h);
}

/* Whether close comes before the attempt, in it or behind it: one end. */
TEST(fault_48_maker_closes_while_the_loop_begins_to_turn)
{
    struct host h;
    host_start(&h, NULL);
    for (int i = 0; i < 50; i++) {
        struct line l;
        begin(&l, &h);
        start_only(&l);
        assert_int_equal(hws_client_close(l.client, 1000, hws_span_text("")),
                         0);
        wait_for(&l, &l.downs, 1);
        assert_true(atomic_load(&l.stopped));
        end(&l);
    }
    host_end(&h);
}

TEST(fault_48_maker_pauses_while_the_loop_begins_to_turn)
{
    struct host h;
    host_start(&h, NULL);
    for (int i = 0; i < 20; i++) {
        struct line l;
        begin(&l, &h);
        start_only(&l);
        hws_client_pause(l.client);
        hws_client_reconnect(l.client);
        wait_for(&l, &l.ups, 1);
        hws_client_resume(l.client);
        while (atomic_load(&l.messages) == 0)
            hws_client_send(l.client, HWS_BINARY, hws_span_text("echo"));
        end(&l);
    }
    host_end(&h);
}

TEST(fault_48_free_before_open)
{
    struct host h;
    struct line l;
    host_start(&h, NULL);
    begin(&l, &h);
    end(&l);
    host_end(&h);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RUN(sends_of_every_thread_arrive_in_its_order),
        RUN(fault_48_any_call_from_other_threads),
        RUN(paused_client_keeps_its_loop_running_until_it_is_resumed),
        RUN(queue_that_is_full_is_said_to_the_caller_on_another_thread),
        RUN(fault_48_close_from_another_thread_twice),
        RUN(bad_arguments_are_refused_on_every_thread),
        RUN(fault_48_free_from_another_thread),
        RUN(client_is_freed_by_the_thread_that_joined_the_loops),
        RUN(fault_48_maker_sends_before_the_loop_turns),
        RUN(fault_48_maker_closes_while_the_loop_begins_to_turn),
        RUN(fault_48_maker_pauses_while_the_loop_begins_to_turn),
        RUN(fault_48_free_before_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
