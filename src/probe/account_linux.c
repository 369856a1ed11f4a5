/* The account on Linux: a clock of the thread, and its schedstat file. */
#define _GNU_SOURCE /* RUSAGE_THREAD */

#include "probe/account.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* "ran waited slices", in ns. The file's `ran` lags behind by up to a tick,
 * `waited` does not. All are 0 in a kernel that keeps no such account. */
static bool read_waited(int fd, hws_time *waited)
{
    char text[80];
    long long ran, wait;
    ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
    if (size <= 0)
        return false;
    text[size] = '\0';
    if (sscanf(text, "%lld %lld", &ran, &wait) != 2 || ran == 0)
        return false;
    *waited = wait;
    return true;
}

void hwi_account_open(struct hwi_account *account)
{
    hws_time waited;
    *account = (struct hwi_account){.fd = -1};
    if (pthread_getcpuclockid(pthread_self(), &account->clock) != 0)
        return;
    account->fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    account->known = account->fd >= 0 && read_waited(account->fd, &waited);
}

void hwi_account_shut(struct hwi_account *account)
{
    if (account->fd >= 0)
        close(account->fd);
    account->fd = -1;
    account->known = false;
}

struct hwi_usage hwi_account_read(const struct hwi_account *account)
{
    struct timespec ran = {0};
    struct hwi_usage usage = {0};
    if (!account->known)
        return usage;
    read_waited(account->fd, &usage.waited);
    clock_gettime(account->clock, &ran);
    usage.ran = HWS_S(ran.tv_sec) + ran.tv_nsec;
    return usage;
}

int64_t hwi_account_wakeups(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0)
        return -1;
    return usage.ru_nvcsw;
}

void hwi_account_sharpen(void)
{
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}
