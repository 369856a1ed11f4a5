/*
 * What the loop's tests share: every test runs on every poller, and gets the
 * poller's name as its state.
 */
#ifndef LOOPS_H
#define LOOPS_H

#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ ((unsigned)HWS_READ)
#define WRITE ((unsigned)HWS_WRITE)
#define PAST ((hws_time)1)

static inline hws_time now_ns(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}

static inline struct hws_loop *loop_on(void **state)
{
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(*state, &fault);
    if (!loop)
        fail_msg("%s", fault.text);
    assert_string_equal(hws_loop_poller(loop), (const char *)*state);
    return loop;
}

static inline struct hws_loop_stats stats_of(const struct hws_loop *loop)
{
    struct hws_loop_stats stats;
    hws_loop_get_stats(loop, &stats);
    return stats;
}

/* One turn that takes what is there and does not wait. */
static inline void look(struct hws_loop *loop)
{
    assert_int_equal(hws_loop_run_once(loop, PAST), 0);
}

/* Two connected ends that block nowhere. */
static inline void pair_open(int ends[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

static inline void pair_shut(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static inline void put_byte(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static inline void take_byte(int fd)
{
    char byte;
    assert_int_equal(read(fd, &byte, 1), 1);
}

/* Until the kernel takes no more. */
static inline void fill_up(int fd)
{
    char block[4096] = {0};
    while (write(fd, block, sizeof(block)) > 0)
        continue;
    assert_true(errno == EAGAIN || errno == EWOULDBLOCK);
}

/*
 * A kernel may lack io_uring, or forbid it: that is said, and no failure.
 * HAWSER_TEST_POLLER names the only one that is to be tested.
 */
static inline bool works_here(const char *poller)
{
    const char *only = getenv("HAWSER_TEST_POLLER");
    if (only && strcmp(only, poller) != 0)
        return false;
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(poller, &fault);
    if (!loop && fault.status == HWS_E_SUPPORT)
        printf("[  SKIPPED ] %s: %s\n", poller, fault.text);
    hws_loop_free(loop);
    return loop || fault.status != HWS_E_SUPPORT;
}

/*
 * valgrind runs one thread at a time, and knows not that io_uring_enter() may
 * wait: whoever should end that wait from another thread hardly runs.
 */
static inline void needs_a_thread_beside(const char *poller)
{
    if (is_under_valgrind() && strcmp(poller, "io_uring") == 0)
        skip();
}

static inline int run_on_every_poller(const struct CMUnitTest *tests,
                                      size_t count)
{
    int failed = 0, tested = 0;
    struct CMUnitTest *here = calloc(count, sizeof(*here));
    for (const char *const *p = hws_loop_pollers(); *p; p++) {
        if (!works_here(*p))
            continue;
        tested++;
        for (size_t i = 0; i < count; i++) {
            here[i] = tests[i];
            here[i].initial_state = (void *)(uintptr_t)*p;
        }
        failed += _cmocka_run_group_tests(*p, here, count, NULL, NULL);
    }
    free(here);
    return failed + (tested == 0);
}

#define RUN_ON_EVERY_POLLER(tests) \
    run_on_every_poller(tests, sizeof(tests) / sizeof(*(tests)))

#endif
