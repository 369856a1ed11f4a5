/* More descriptors at once than any batch or ring of answers has room for. */
#include "loops.h"

#include <sys/resource.h>

#define CROWD 5000
#define TURNS_MAX (CROWD / 256 + 1)

struct guest {
    struct hws_watch watch;
    int calls;
};

static struct guest guests[CROWD];

static void count(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)ready, (void)now;
    ((struct guest *)(void *)watch)->calls++;
}

static bool allow_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           limit.rlim_cur > CROWD + 100;
}

/* All of them are one socket, so that one byte makes all of them ready. */
static void invite(struct hws_loop *loop, int fd)
{
    for (size_t i = 0; i < CROWD; i++) {
        guests[i] = (struct guest){.watch.ready = count};
        assert_int_equal(hws_loop_watch(loop, &guests[i].watch, dup(fd), READ),
                         0);
    }
}

static void send_home(struct hws_loop *loop)
{
    for (size_t i = 0; i < CROWD; i++) {
        int fd = guests[i].watch.fd;
        hws_loop_watch(loop, &guests[i].watch, fd, 0);
        close(fd);
    }
}

static uint64_t calls_in(struct hws_loop *loop, int turns)
{
    uint64_t before = stats_of(loop).ready;
    for (int i = 0; i < turns; i++)
        look(loop);
    return stats_of(loop).ready - before;
}

TEST(crowd_that_is_ready_at_once_is_called_and_none_is_forgotten)
{
    if (strcmp(*state, "select") == 0 || !allow_descriptors())
        skip();
    struct hws_loop *loop = loop_on(state);
    int ends[2];
    pair_open(ends);
    invite(loop, ends[0]);
    assert_int_equal(calls_in(loop, 2), 0);
    for (int round = 1; round < 4; round++) {
        put_byte(ends[1]);
        assert_true(calls_in(loop, TURNS_MAX) >= CROWD);
        for (size_t i = 0; i < CROWD; i++)
            assert_true(guests[i].calls >= round);
        take_byte(ends[0]);
        assert_int_equal(calls_in(loop, 2), 0);
    }
    send_home(loop);
    hws_loop_free(loop);
    pair_shut(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(crowd_that_is_ready_at_once_is_called_and_none_is_forgotten),
    };
    return RUN_ON_EVERY_POLLER(tests);
}
