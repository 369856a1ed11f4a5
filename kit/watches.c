/* Readiness: what is reported, how often, and what is not. */
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

SCENARIO(nothing_is_reported_before_there_is_something)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], READ);
    kit_look_around(k);
    CHECK_EQ(p.calls, 0);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(readable_is_reported)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], READ);
    kit_put(ends[1]);
    LOOK_UNTIL(k, p.calls == 1);
    CHECK_EQ(p.ready, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(readable_before_the_watch_is_reported)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_put(ends[1]);
    kit_look_around(k);
    kit_probe_set(&p, ends[0], READ);
    LOOK_UNTIL(k, p.calls == 1);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

/* Level-triggered: the state counts, not its change. */
SCENARIO(readable_is_reported_again_until_it_is_read)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], READ);
    kit_put(ends[1]);
    LOOK_UNTIL(k, p.calls >= 10);
    kit_take(ends[0]);
    unsigned calls = p.calls;
    kit_look_around(k);
    CHECK_EQ(p.calls, calls);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

static void take_one(struct kit_probe *p)
{
    kit_take(p->watch.fd);
}

SCENARIO(what_is_left_unread_is_reported_again)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.then = take_one;
    kit_probe_set(&p, ends[0], READ);
    for (int i = 0; i < 20; i++)
        kit_put(ends[1]);
    LOOK_UNTIL(k, p.calls == 20);
    kit_look_around(k);
    CHECK_EQ(p.calls, 20);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(readable_is_reported_after_every_refill)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.then = take_one;
    kit_probe_set(&p, ends[0], READ);
    for (unsigned i = 1; i <= 200; i++) {
        kit_put(ends[1]);
        LOOK_UNTIL(k, p.calls == i);
    }
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(writable_is_reported_on_and_on)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_probe_set(&p, ends[0], WRITE);
    LOOK_UNTIL(k, p.calls >= 10);
    CHECK_EQ(p.ready, WRITE);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(full_is_not_writable_until_the_peer_reads)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_probe_init(&p, k);
    kit_fill(ends[0]);
    kit_probe_set(&p, ends[0], WRITE);
    kit_look_around(k);
    CHECK_EQ(p.calls, 0);
    kit_drain(ends[1]);
    LOOK_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(only_the_interest_is_reported)
{
    struct kit_probe p;
    int ends[2];
    kit_pair(ends);
    kit_put(ends[1]);
    const unsigned interests[] = {READ, WRITE, READ, WRITE};
    for (size_t i = 0; i < 4; i++) {
        kit_probe_init(&p, k);
        kit_probe_set(&p, ends[0], interests[i]);
        LOOK_UNTIL(k, p.calls == 3);
        CHECK_EQ(p.ready, interests[i]);
        kit_probe_forget(&p);
    }
    kit_unpair(ends);
}

static unsigned seen;

static void note_ready(struct kit_probe *p)
{
    seen |= p->ready;
}

SCENARIO(both_interests_are_reported)
{
    struct kit_probe p;
    int ends[2];
    seen = 0;
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    p.then = note_ready;
    kit_probe_set(&p, ends[0], BOTH);
    LOOK_UNTIL(k, seen == BOTH);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

SCENARIO(of_both_interests_only_the_ready_one_is_reported)
{
    struct kit_probe p;
    int ends[2];
    seen = 0;
    kit_pair(ends);
    kit_probe_init(&p, k);
    p.then = note_ready;
    kit_probe_set(&p, ends[0], BOTH);
    kit_look_around(k);
    CHECK_EQ(seen, WRITE);
    kit_fill(ends[0]);
    kit_put(ends[1]);
    seen = 0;
    kit_look_around(k);
    CHECK_EQ(seen, READ);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

/* Errors and hang-ups are all of the interest. */
static void expect_end(struct kit *k, int fd, unsigned interest)
{
    struct kit_probe p;
    seen = 0;
    kit_probe_init(&p, k);
    p.then = note_ready;
    kit_probe_set(&p, fd, interest);
    LOOK_UNTIL(k, seen == interest && p.calls >= 5);
    kit_probe_forget(&p);
}

SCENARIO(hang_up_is_all_of_the_interest)
{
    int ends[2];
    kit_pair(ends);
    close(ends[1]);
    for (unsigned interest = 1; interest <= BOTH; interest++)
        expect_end(k, ends[0], interest);
    close(ends[0]);
}

SCENARIO(broken_pipe_is_all_of_the_interest)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    close(ends[0]);
    for (unsigned interest = 1; interest <= BOTH; interest++)
        expect_end(k, ends[1], interest);
    close(ends[1]);
}

SCENARIO(end_of_a_pipe_is_readable)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    close(ends[1]);
    expect_end(k, ends[0], READ);
    close(ends[0]);
}

SCENARIO(half_close_is_readable)
{
    int ends[2];
    kit_pair(ends);
    CHECK_EQ(shutdown(ends[1], SHUT_WR), 0);
    expect_end(k, ends[0], READ);
    kit_unpair(ends);
}

/* ---- TCP */

static int listen_on_any_port(struct sockaddr_in *at)
{
    socklen_t size = sizeof(*at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    memset(at, 0, sizeof(*at));
    at->sin_family = AF_INET;
    at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_EQ(bind(fd, (struct sockaddr *)at, size), 0);
    CHECK_EQ(listen(fd, 8), 0);
    CHECK_EQ(getsockname(fd, (struct sockaddr *)at, &size), 0);
    return fd;
}

static int dial(const struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    CHECK_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0)
        CHECK(errno == EINPROGRESS || errno == ECONNREFUSED);
    return fd;
}

SCENARIO(listener_is_readable_when_a_peer_waits)
{
    struct sockaddr_in at;
    struct kit_probe p;
    int listener = listen_on_any_port(&at);
    kit_probe_init(&p, k);
    kit_probe_set(&p, listener, READ);
    kit_look_around(k);
    CHECK_EQ(p.calls, 0);
    int peer = dial(&at);
    WAIT_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    close(peer);
    close(listener);
}

SCENARIO(finished_connect_is_writable)
{
    struct sockaddr_in at;
    struct kit_probe p;
    int listener = listen_on_any_port(&at), peer = dial(&at);
    kit_probe_init(&p, k);
    kit_probe_set(&p, peer, WRITE);
    WAIT_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    close(peer);
    close(listener);
}

SCENARIO(refused_connect_is_reported)
{
    struct sockaddr_in at;
    struct kit_probe p;
    close(listen_on_any_port(&at));
    int peer = dial(&at);
    kit_probe_init(&p, k);
    kit_probe_set(&p, peer, WRITE);
    WAIT_UNTIL(k, p.calls > 0);
    kit_probe_forget(&p);
    close(peer);
}

SCENARIO(reset_is_all_of_the_interest)
{
    struct sockaddr_in at;
    struct linger linger = {1, 0};
    int listener = listen_on_any_port(&at), peer = dial(&at);
    int guest = accept(listener, NULL, NULL);
    CHECK(guest >= 0);
    CHECK_EQ(setsockopt(guest, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
             0);
    close(guest);
    expect_end(k, peer, BOTH);
    close(peer);
    close(listener);
}

SCENARIO(datagrams_are_readable)
{
    struct kit_probe p;
    int ends[2];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    kit_probe_init(&p, k);
    p.then = take_one;
    kit_probe_set(&p, ends[0], READ);
    for (int i = 0; i < 3; i++)
        kit_put(ends[1]);
    LOOK_UNTIL(k, p.calls == 3);
    kit_probe_forget(&p);
    kit_unpair(ends);
}

/* ---- many */

#define MANY 400

SCENARIO(many_descriptors_are_all_served)
{
    static struct kit_probe probes[MANY];
    static int ends[MANY][2];
    if (!kit_have_descriptors(k, 2 * MANY + 100))
        return;
    for (size_t i = 0; i < MANY; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&probes[i], k);
        probes[i].then = take_one;
        kit_probe_set(&probes[i], ends[i][0], READ);
    }
    for (unsigned round = 1; round <= 3; round++) {
        for (size_t i = 0; i < MANY; i++)
            kit_put(ends[i][1]);
        for (size_t i = 0; i < MANY; i++)
            LOOK_UNTIL(k, probes[i].calls == round);
    }
    for (size_t i = 0; i < MANY; i++) {
        kit_probe_forget(&probes[i]);
        kit_unpair(ends[i]);
    }
}

SCENARIO(one_among_many_is_found)
{
    static struct kit_probe probes[MANY];
    static int ends[MANY][2];
    if (!kit_have_descriptors(k, 2 * MANY + 100))
        return;
    for (size_t i = 0; i < MANY; i++) {
        kit_pair(ends[i]);
        kit_probe_init(&probes[i], k);
        kit_probe_set(&probes[i], ends[i][0], READ);
    }
    kit_put(ends[MANY / 3][1]);
    LOOK_UNTIL(k, probes[MANY / 3].calls == 5);
    for (size_t i = 0; i < MANY; i++) {
        CHECK(i == MANY / 3 || probes[i].calls == 0);
        kit_probe_forget(&probes[i]);
        kit_unpair(ends[i]);
    }
}

/* Above FD_SETSIZE a loop on select() has to refuse, and to say so. */
SCENARIO(high_descriptor_is_served_or_refused)
{
    struct kit_probe p;
    int ends[2];
    if (!kit_have_descriptors(k, 1600))
        return;
    kit_pair(ends);
    int high = fcntl(ends[0], F_DUPFD, 1500);
    CHECK(high >= 1500);
    kit_probe_init(&p, k);
    kit_put(ends[1]);
    int status = hws_loop_watch(k->loop, &p.watch, high, READ);
    if (status) {
        CHECK_EQ(status, HWS_E_SUPPORT);
        CHECK_EQ(p.watch.interest, 0);
    } else {
        LOOK_UNTIL(k, p.calls == 2);
        kit_probe_forget(&p);
    }
    close(high);
    kit_unpair(ends);
}

extern const struct kit_scenario kit_watches[];
const struct kit_scenario kit_watches[] = {
    LIST(nothing_is_reported_before_there_is_something),
    LIST(readable_is_reported),
    LIST(readable_before_the_watch_is_reported),
    LIST(readable_is_reported_again_until_it_is_read),
    LIST(what_is_left_unread_is_reported_again),
    LIST(readable_is_reported_after_every_refill),
    LIST(writable_is_reported_on_and_on),
    LIST(full_is_not_writable_until_the_peer_reads),
    LIST(only_the_interest_is_reported),
    LIST(both_interests_are_reported),
    LIST(of_both_interests_only_the_ready_one_is_reported),
    LIST(hang_up_is_all_of_the_interest),
    LIST(broken_pipe_is_all_of_the_interest),
    LIST(end_of_a_pipe_is_readable),
    LIST(half_close_is_readable),
    LIST(listener_is_readable_when_a_peer_waits),
    LIST(finished_connect_is_writable),
    LIST(refused_connect_is_reported),
    LIST(reset_is_all_of_the_interest),
    LIST(datagrams_are_readable),
    LIST(many_descriptors_are_all_served),
    LIST(one_among_many_is_found),
    LIST(high_descriptor_is_served_or_refused),
    LIST_END,
};
