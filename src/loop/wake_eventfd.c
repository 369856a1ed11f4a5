/* The wake on Linux: one descriptor, one read and one write. */
#include "loop/wake.h"

#include "hawser/types.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int hwi_wake_init(struct hwi_wake *w)
{
    w->fd = w->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return w->fd < 0 ? HWS_E_SYSTEM : 0;
}

void hwi_wake_release(struct hwi_wake *w)
{
    close(w->fd);
}

void hwi_wake_set(const struct hwi_wake *w)
{
    int saved = errno;
    uint64_t one = 1;
    /* It can only fail when the counter is full, and then it is set. */
    while (write(w->write_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
    errno = saved;
}

void hwi_wake_clear(const struct hwi_wake *w)
{
    uint64_t count;
    while (read(w->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        continue;
}
