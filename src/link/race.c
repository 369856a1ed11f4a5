#include "link/race.h"

#include "base/deadline.h"
#include "link/socket.h"
#include "link/tcp_options.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* RFC 8305 section 5: never closer together than this. */
#define ATTEMPT_DELAY_MIN HWS_MS(10)

void hwi_race_init(struct hwi_race *r, const struct hws_tcp_options *tcp,
                   hws_time attempt_delay)
{
    memset(r, 0, sizeof(*r));
    r->tcp = tcp;
    r->attempt_delay = attempt_delay;
    r->next_deadline = r->end_deadline = HWS_NEVER;
}

static void tell(const struct hwi_race *r, enum hws_dial_step step,
                 size_t address, int os_error)
{
    hwi_dial_trace_attempt(r->trace, step, &r->list[address], os_error);
}

static void leave(struct hwi_race *r, const struct hwi_attempt *a)
{
    tell(r, HWS_DIAL_LEAVE, a->address, 0);
    hwi_socket_close(a->fd);
}

void hwi_race_release(struct hwi_race *r)
{
    for (size_t i = 0; i < r->flying_count; i++)
        leave(r, &r->flying[i]);
    r->flying_count = 0;
}

/* IPv6 goes first; and so do latecomers once the race runs, as they are of the
 * family that has not been tried. */
void hwi_race_add(struct hwi_race *r, const struct hwi_address *list,
                  size_t count)
{
    struct hwi_address old[HWI_RACE_LIST];
    size_t old_count = r->count - r->next;
    if (count > HWI_RACE_LIST - r->count)
        count = HWI_RACE_LIST - r->count;
    memcpy(old, r->list + r->next, old_count * sizeof(old[0]));

    bool new_turn =
        r->next > 0 || (count && hwi_address_family(&list[0]) == AF_INET6);
    size_t a = 0;
    size_t b = 0;
    for (size_t at = r->next; at < r->count + count; at++) {
        bool take_new = b < count && (new_turn || a == old_count);
        r->list[at] = take_new ? list[b++] : old[a++];
        new_turn = !take_new;
    }
    r->count += count;
}

void hwi_race_rotate(struct hwi_race *r, unsigned places)
{
    for (size_t left = r->count ? places % r->count : 0; left; left--) {
        struct hwi_address first = r->list[0];
        memmove(r->list, r->list + 1, (r->count - 1) * sizeof(first));
        r->list[r->count - 1] = first;
    }
}

static void note_error(struct hwi_race *r, size_t address, int os_error)
{
    tell(r, HWS_DIAL_FAIL, address, os_error);
    if (r->first_error)
        return;
    r->first_error = os_error;
    r->first_address = address;
}

static void remove_flying(struct hwi_race *r, size_t at)
{
    r->flying_count--;
    memmove(r->flying + at, r->flying + at + 1,
            (r->flying_count - at) * sizeof(r->flying[0]));
}

/* A port of our own that happens to be the target connects to itself. */
static bool is_itself(int fd)
{
    struct sockaddr_storage near = {0};
    struct sockaddr_storage far = {0};
    socklen_t near_size = sizeof(near);
    socklen_t far_size = sizeof(far);
    return getsockname(fd, (struct sockaddr *)&near, &near_size) == 0 &&
           getpeername(fd, (struct sockaddr *)&far, &far_size) == 0 &&
           near_size == far_size && memcmp(&near, &far, near_size) == 0;
}

/* 0: connected. Else errno. */
static int outcome(int fd)
{
    int os_error = 0;
    socklen_t size = sizeof(os_error);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &os_error, &size) < 0)
        return errno;
    if (os_error == 0 && is_itself(fd))
        return ECONNREFUSED;
    return os_error;
}

/* Settle an attempt that is ready: its descriptor if it won, else -1. */
static int settle(struct hwi_race *r, size_t at)
{
    struct hwi_attempt a = r->flying[at];
    int os_error = outcome(a.fd);
    remove_flying(r, at);
    if (os_error == 0) {
        tell(r, HWS_DIAL_DONE, a.address, 0);
        return a.fd;
    }
    note_error(r, a.address, os_error);
    hwi_socket_close(a.fd);
    return -1;
}

/* The winner among those that fly, or -1. A failure lets the next start. */
static int look(struct hwi_race *r, hws_time now)
{
    struct pollfd polls[HWI_RACE_WIDTH];
    size_t count = r->flying_count;
    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){r->flying[i].fd, POLLOUT, 0};
    if (count == 0 || poll(polls, (nfds_t)count, 0) <= 0)
        return -1;
    for (size_t i = count; i-- > 0;) {
        int fd = polls[i].revents ? settle(r, i) : -1;
        if (fd >= 0)
            return fd;
        if (polls[i].revents)
            r->next_deadline = now;
    }
    return -1;
}

/* Start connecting. 0: connected at once, EINPROGRESS: flies, else errno. */
static int start(const struct hwi_race *r, const struct hwi_address *a, int *fd)
{
    *fd = hwi_socket_create(hwi_address_family(a));
    if (*fd < 0)
        return errno;
    hwi_tcp_options_apply(r->tcp, *fd);
    if (connect(*fd, &a->any, a->size) == 0)
        return is_itself(*fd) ? ECONNREFUSED : 0;
    return errno == EINTR ? EINPROGRESS : errno;
}

/* So that all are tried in time, many addresses go closer together. */
static hws_time pace(const struct hwi_race *r, hws_time now)
{
    hws_time delay = r->attempt_delay;
    if (r->end_deadline != HWS_NEVER) {
        hws_time waiting = (hws_time)(r->count - r->next) + 1;
        hws_time share = (r->end_deadline - now) / waiting;
        delay = share < delay ? share : delay;
    }
    return delay > ATTEMPT_DELAY_MIN ? delay : ATTEMPT_DELAY_MIN;
}

static void fly(struct hwi_race *r, int fd, size_t address)
{
    if (r->flying_count == HWI_RACE_WIDTH) {
        leave(r, &r->flying[0]);
        remove_flying(r, 0);
    }
    r->flying[r->flying_count++] = (struct hwi_attempt){fd, address};
}

/* Start what is due; addresses that fail at once do not cost a turn. */
static int launch(struct hwi_race *r, hws_time now)
{
    while (r->next < r->count && now >= r->next_deadline) {
        int fd;
        size_t address = r->next++;
        tell(r, HWS_DIAL_TRY, address, 0);
        int os_error = start(r, &r->list[address], &fd);
        if (os_error == 0) {
            tell(r, HWS_DIAL_DONE, address, 0);
            return fd;
        }
        if (os_error == EINPROGRESS) {
            fly(r, fd, address);
            r->next_deadline = hwi_deadline_after(now, pace(r, now));
            continue;
        }
        note_error(r, address, os_error);
        if (fd >= 0)
            hwi_socket_close(fd);
    }
    return -1;
}

int hwi_race_step(struct hwi_race *r, hws_time now)
{
    if (r->next == 0)
        r->next_deadline = now;
    int fd = look(r, now);
    if (fd < 0)
        fd = launch(r, now);
    if (fd >= 0)
        return fd;
    return r->flying_count ? HWS_E_AGAIN : HWS_E_CONNECT;
}

size_t hwi_race_wants(const struct hwi_race *r, struct hws_want *wants)
{
    for (size_t i = 0; i < r->flying_count; i++)
        wants[i] = (struct hws_want){r->flying[i].fd, HWS_WRITE};
    return r->flying_count;
}

hws_time hwi_race_deadline(const struct hwi_race *r)
{
    return r->flying_count && r->next < r->count ? r->next_deadline : HWS_NEVER;
}
