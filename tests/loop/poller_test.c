/* The pollers' own facts: the table, the rounding, and an old kernel. */
#include "loops.h"

#include "loop/poller.h"

#include <limits.h>
#include <sys/wait.h>

TEST(every_listed_poller_is_found_and_the_first_is_the_default)
{
    (void)state;
    const char *const *names = hws_loop_pollers();
    assert_non_null(names[0]);
    assert_string_equal(hwi_poller_find(NULL)->name, names[0]);
    for (size_t i = 0; names[i]; i++)
        assert_string_equal(hwi_poller_find(names[i])->name, names[i]);
    assert_null(hwi_poller_find(""));
}

TEST(delay_in_ms_is_rounded_up)
{
    (void)state;
    assert_int_equal(hwi_poller_ms(0), 0);
    assert_int_equal(hwi_poller_ms(1), 1);
    assert_int_equal(hwi_poller_ms(HWS_US(300)), 1);
    assert_int_equal(hwi_poller_ms(HWS_MS(1)), 1);
    assert_int_equal(hwi_poller_ms(HWS_MS(1) + 1), 2);
    assert_int_equal(hwi_poller_ms(HWS_NEVER - 1), INT_MAX);
    assert_int_equal(hwi_poller_ms(HWS_NEVER), -1);
}

TEST(delay_as_timespec_is_exact)
{
    (void)state;
    struct timespec room;
    const struct timespec *t = hwi_poller_timespec(HWS_S(3) + 7, &room);
    assert_ptr_equal(t, &room);
    assert_int_equal(t->tv_sec, 3);
    assert_int_equal(t->tv_nsec, 7);
    assert_null(hwi_poller_timespec(HWS_NEVER, &room));
}

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* From here on this process has a kernel without epoll_pwait2. */
static bool forget_epoll_pwait2(unsigned answer)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = 4, .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void due(struct hws_timer *timer, hws_time now)
{
    (void)timer;
    (void)now;
}

/* 77: this machine filters no system calls. */
static int wait_in_ms(unsigned answer)
{
    if (!forget_epoll_pwait2(answer))
        return 77;
    struct hws_loop *loop = hws_loop_new("epoll", NULL);
    struct hws_timer timer = {.due = due};
    hws_time deadline = now_ns() + HWS_US(300);
    hws_loop_timer(loop, &timer, deadline);
    if (hws_loop_run(loop) != 0)
        return 1;
    if (now_ns() < deadline)
        return 2;
    if (stats_of(loop).turns != 1 || stats_of(loop).due != 1)
        return 3;
    hws_loop_free(loop);
    return 0;
}

TEST(old_kernel_waits_in_ms_and_wakes_once)
{
    (void)state;
    const unsigned answers[] = {ENOSYS, EPERM};
    for (size_t i = 0; i < 2; i++) {
        int result = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(wait_in_ms(answers[i]));
        assert_int_equal(waitpid(child, &result, 0), child);
        assert_true(WIFEXITED(result));
        if (WEXITSTATUS(result) == 77)
            skip();
        assert_int_equal(WEXITSTATUS(result), 0);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(every_listed_poller_is_found_and_the_first_is_the_default),
        RUN(delay_in_ms_is_rounded_up),
        RUN(delay_as_timespec_is_exact),
#ifdef __linux__
        RUN(old_kernel_waits_in_ms_and_wakes_once),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
