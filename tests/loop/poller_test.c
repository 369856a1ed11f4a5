/* The pollers' own facts: the table, the rounding, and an old kernel. */
#include "loops.h"

#include "loop/poller.h"

#include <limits.h>
#include <sys/wait.h>

static void list_gives(const char *list, const char *name)
{
    struct hws_fault fault = {0};
    struct hws_loop *loop = hws_loop_new(list, &fault);
    if (!loop)
        fail_msg("%s", fault.text);
    assert_string_equal(hws_loop_poller(loop), name);
    hws_loop_free(loop);
}

static void list_is_refused(const char *list, const char *text)
{
    struct hws_fault fault = {0};
    assert_null(hws_loop_new(list, &fault));
    assert_int_equal(fault.status, HWS_E_SUPPORT);
    assert_string_equal(fault.text, text);
    assert_null(hws_loop_new(list, NULL));
}

TEST(default_is_the_first_of_those_compiled_in)
{
    (void)state;
    assert_non_null(hws_loop_pollers()[0]);
    assert_string_not_equal(hws_loop_pollers()[0], "io_uring");
    list_gives(NULL, hws_loop_pollers()[0]);
}

TEST(first_of_a_list_that_works_here_is_taken)
{
    (void)state;
    list_gives("select,poll", "select");
    list_gives("poll,select", "poll");
    /* No system has both. */
    list_gives("epoll,kqueue,poll", hws_loop_pollers()[0]);
    list_gives("kqueue,epoll,poll", hws_loop_pollers()[0]);
}

TEST(mistyped_name_is_refused_wherever_it_stands)
{
    (void)state;
    list_is_refused("abacus", "cannot make a loop on 'abacus': no such poller");
    list_is_refused("poll,epol",
                    "cannot make a loop on 'epol': no such poller");
    list_is_refused("", "cannot make a loop on '': no such poller");
    list_is_refused(",poll", "cannot make a loop on '': no such poller");
    list_is_refused("pol", "cannot make a loop on 'pol': no such poller");
}

#ifdef __linux__
TEST(list_of_one_is_strict)
{
    (void)state;
    list_is_refused("kqueue",
                    "cannot make a loop on 'kqueue': not in this build");
}
#endif

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

/* From here on this process has a kernel that answers so to `call`. */
static bool forget_call(unsigned call, unsigned answer)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
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
    if (!forget_call(SYS_epoll_pwait2, answer))
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

/* What `check(argument)` gives in a child of its own. */
static void in_child(int (*check)(unsigned argument), unsigned argument)
{
    int result = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(check(argument));
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    if (WEXITSTATUS(result) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(result), 0);
}

TEST(old_kernel_waits_in_ms_and_wakes_once)
{
    (void)state;
    in_child(wait_in_ms, ENOSYS);
    in_child(wait_in_ms, EPERM);
}

static bool is_offered(const char *poller)
{
    const char *const *names = hws_loop_pollers();
    while (*names && strcmp(*names, poller) != 0)
        names++;
    return *names != NULL;
}

static int pass_io_uring_over(unsigned answer)
{
    struct hws_fault fault = {0};
    if (!forget_call(SYS_io_uring_setup, answer))
        return 77;
    if (hws_loop_new("io_uring", &fault) || fault.status != HWS_E_SUPPORT)
        return 1;
    if (is_offered("io_uring") &&
        !strstr(fault.text, answer == ENOSYS ? "none" : "forbidden"))
        return 2;
    struct hws_loop *loop = hws_loop_new("io_uring,select", &fault);
    if (!loop || strcmp(hws_loop_poller(loop), "select") != 0)
        return 3;
    hws_loop_free(loop);
    return 0;
}

TEST(io_uring_that_is_missing_or_forbidden_is_passed_over)
{
    (void)state;
    in_child(pass_io_uring_over, ENOSYS);
    in_child(pass_io_uring_over, EPERM);
    in_child(pass_io_uring_over, EACCES);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(default_is_the_first_of_those_compiled_in),
        RUN(first_of_a_list_that_works_here_is_taken),
        RUN(mistyped_name_is_refused_wherever_it_stands),
#ifdef __linux__
        RUN(list_of_one_is_strict),
#endif
        RUN(delay_in_ms_is_rounded_up),
        RUN(delay_as_timespec_is_exact),
#ifdef __linux__
        RUN(old_kernel_waits_in_ms_and_wakes_once),
        RUN(io_uring_that_is_missing_or_forbidden_is_passed_over),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
