#include "kit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* ---- turns */

static void turn(struct kit *k, bool wait)
{
    k->turns++;
    k->turn_at = kit_now();
    k->host->turn(k->loop, wait, k->host->user);
}

void kit_look(struct kit *k)
{
    turn(k, false);
}

void kit_turn(struct kit *k)
{
    turn(k, true);
}

#define LOOKS_MAX 5000

void kit_count_look(int *looks, const char *file, int line, const char *what)
{
    if (++*looks > LOOKS_MAX)
        kit_fail(file, line, "'%s' does not hold after %d turns", what,
                 LOOKS_MAX);
}

/* A host may call one watch in a turn, and take a turn for itself. */
void kit_look_around(struct kit *k)
{
    for (int i = 0; i < 50; i++)
        kit_look(k);
}

/* ---- probes */

static void probe_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct kit_probe *p = (struct kit_probe *)(void *)watch;
    if (watch->interest == 0)
        FAIL("a forgotten watch was called");
    if (ready == 0 || (ready & ~watch->interest) != 0)
        FAIL("ready() got %u while the interest is %u", ready, watch->interest);
    if (now < p->k->turn_at || now > kit_now())
        FAIL("ready() got a time that is not that of this wake-up");
    p->calls++;
    p->ready = ready;
    if (p->then)
        p->then(p);
}

void kit_probe_init(struct kit_probe *p, struct kit *k)
{
    *p = (struct kit_probe){.watch.ready = probe_ready, .k = k, .spare = -1};
}

void kit_probe_set(struct kit_probe *p, int fd, unsigned interest)
{
    int status = hws_loop_watch(p->k->loop, &p->watch, fd, interest);
    if (status)
        FAIL("cannot watch descriptor %d for %u: %s", fd, interest,
             hws_status_name(status));
    CHECK_EQ(p->watch.interest, interest);
    if (interest)
        CHECK_EQ(p->watch.fd, fd);
}

void kit_probe_forget(struct kit_probe *p)
{
    kit_probe_set(p, p->watch.fd, 0);
}

/* ---- bells */

static void bell_due(struct hws_timer *timer, hws_time now)
{
    struct kit_bell *b = (struct kit_bell *)(void *)timer;
    if (b->deadline == HWS_NEVER)
        FAIL("a timer that is not armed was called");
    if (now < b->deadline || kit_now() < b->deadline)
        FAIL("a timer was called %lld ns before its deadline",
             (long long)(b->deadline - now));
    if (now > kit_now())
        FAIL("due() got a time that is still to come");
    if (b->calls > 0 && b->turn == b->k->turns)
        FAIL("a timer was called twice in one turn");
    CHECK_EQ(timer->deadline, HWS_NEVER);
    b->rang_for = b->deadline;
    b->deadline = HWS_NEVER;
    b->turn = b->k->turns;
    b->calls++;
    if (b->then)
        b->then(b);
}

void kit_bell_init(struct kit_bell *b, struct kit *k)
{
    *b =
        (struct kit_bell){.timer.due = bell_due, .k = k, .deadline = HWS_NEVER};
}

void kit_bell_set(struct kit_bell *b, hws_time deadline)
{
    unsigned calls = b->calls;
    b->deadline = deadline;
    CHECK_EQ(hws_loop_timer(b->k->loop, &b->timer, deadline), 0);
    if (b->calls != calls)
        FAIL("a timer was called within the call that armed it");
    CHECK_EQ(b->timer.deadline, deadline);
}

void kit_bell_after(struct kit_bell *b, hws_time delay)
{
    kit_bell_set(b, kit_now() + delay);
}

void kit_bell_off(struct kit_bell *b)
{
    kit_bell_set(b, HWS_NEVER);
}

#define IDLE_TURNS 20

void kit_expect_rest(struct kit *k, hws_time delay)
{
    struct kit_bell end;
    unsigned before = k->turns;
    kit_bell_init(&end, k);
    kit_bell_after(&end, delay);
    WAIT_UNTIL(k, end.calls == 1);
    if (k->turns - before > IDLE_TURNS)
        FAIL("%u wake-ups in %lld ms without a reason", k->turns - before,
             (long long)(delay / HWS_MS(1)));
}

/* ---- graves */

struct kit_grave {
    struct kit_grave *next;
    unsigned char *bytes;
    size_t offset, size; /* what must keep its value */
};

#define EARTH 0xDB

static void trap_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    (void)watch, (void)ready, (void)now;
    FAIL("a watch was called after it was forgotten and freed");
}

static void trap_due(struct hws_timer *timer, hws_time now)
{
    (void)timer, (void)now;
    FAIL("a timer was called after it was disarmed and freed");
}

/* All but the callback at the begin, which is a trap now. */
static void bury(struct kit *k, void *body, size_t offset, size_t size)
{
    struct kit_grave *grave = malloc(sizeof(*grave));
    *grave = (struct kit_grave){k->graves, body, offset, size};
    k->graves = grave;
    memset(grave->bytes + offset, EARTH, size - offset);
}

void kit_probe_bury(struct kit_probe *p)
{
    CHECK_EQ(p->watch.interest, 0);
    bury(p->k, p, sizeof(p->watch.ready), sizeof(*p));
    p->watch.ready = trap_ready;
}

void kit_bell_bury(struct kit_bell *b)
{
    CHECK_EQ(b->timer.deadline, HWS_NEVER);
    bury(b->k, b, sizeof(b->timer.due), sizeof(*b));
    b->timer.due = trap_due;
}

void kit_graves_check(struct kit *k)
{
    struct kit_grave *grave;
    while ((grave = k->graves) != NULL) {
        k->graves = grave->next;
        for (size_t i = grave->offset; i < grave->size; i++)
            if (grave->bytes[i] != EARTH)
                FAIL("a watch or timer was written to after it was freed");
        free(grave->bytes);
        free(grave);
    }
}

/* ---- descriptors */

void kit_pair(int ends[2])
{
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

void kit_unpair(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

void kit_put(int fd)
{
    CHECK_EQ(write(fd, "x", 1), 1);
}

void kit_take(int fd)
{
    char byte;
    CHECK_EQ(read(fd, &byte, 1), 1);
}

void kit_fill(int fd)
{
    static const char block[4096];
    while (write(fd, block, sizeof(block)) > 0)
        continue;
    CHECK(errno == EAGAIN || errno == EWOULDBLOCK);
}

void kit_drain(int fd)
{
    char block[4096];
    while (read(fd, block, sizeof(block)) > 0)
        continue;
}

bool kit_have_descriptors(struct kit *k, size_t count)
{
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur < count && limit.rlim_max >= count) {
        limit.rlim_cur = count;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= count)
        return true;
    kit_skip(k, "the limit of open descriptors is too low");
    return false;
}

void kit_skip(struct kit *k, const char *reason)
{
    k->skip_reason = reason;
}
