/* The wake wherever there is POSIX: a pipe that blocks on neither end. */
#include "loop/wake.h"

#include "hawser/types.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int hwi_wake_init(struct hwi_wake *w)
{
    int ends[2];
    if (pipe(ends) < 0)
        return HWS_E_SYSTEM;
    w->fd = ends[0];
    w->write_fd = ends[1];
    if (prepare(w->fd) == 0 && prepare(w->write_fd) == 0)
        return 0;
    int saved = errno;
    hwi_wake_release(w);
    errno = saved;
    return HWS_E_SYSTEM;
}

void hwi_wake_release(struct hwi_wake *w)
{
    close(w->fd);
    close(w->write_fd);
}

void hwi_wake_set(const struct hwi_wake *w)
{
    int saved = errno;
    /* A full pipe refuses the byte, and is readable already. */
    while (write(w->write_fd, "", 1) < 0 && errno == EINTR)
        continue;
    errno = saved;
}

void hwi_wake_clear(const struct hwi_wake *w)
{
    char bytes[64];
    ssize_t size;
    do
        size = read(w->fd, bytes, sizeof(bytes));
    while (size == (ssize_t)sizeof(bytes) || (size < 0 && errno == EINTR));
}
