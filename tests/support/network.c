#define _GNU_SOURCE /* unshare(), setns() */
#include "support/network.h"

#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static int open_here(void)
{
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void stand_in(int place)
{
    assert_int_equal(setns(place, CLONE_NEWNET), 0);
}

void network_enter(struct network *n, enum network_place place)
{
    stand_in(n->places[place]);
}

/* A child of the shell stands where this thread does. */
static bool run(int place, const char *command)
{
    int before = open_here();
    stand_in(place);
    int status = system(command);
    stand_in(before);
    close(before);
    return status == 0;
}

bool network_try(struct network *n, enum network_place place,
                 const char *format, ...)
{
    char command[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    assert_in_range(size, 1, sizeof(command) - 1);
    if (run(n->places[place], command))
        return true;
    print_message("no success of '%s'\n", command);
    return false;
}

void network_do(struct network *n, enum network_place place,
                const char *command)
{
    if (!network_try(n, place, "%s", command))
        fail();
}

static void forget(struct network *n)
{
    for (int i = 0; i < NETWORK_PLACES; i++)
        if (n->places[i] >= 0)
            close(n->places[i]);
    close(n->home);
}

static bool make_places(struct network *n)
{
    for (int i = 0; i < NETWORK_PLACES; i++) {
        if (unshare(CLONE_NEWNET) != 0) {
            print_message("cannot make a network namespace: %s\n",
                          strerror(errno));
            return false;
        }
        n->places[i] = open_here();
    }
    return true;
}

/* A cable from the router to a place. */
static bool lay(struct network *n, const char *from, enum network_place place)
{
    return network_try(n, NETWORK_ROUTER,
                       "ip link add %s type veth peer name wire "
                       "netns /proc/%d/fd/%d",
                       from, (int)getpid(), n->places[place]);
}

static void give_addresses(struct network *n)
{
    network_do(n, NETWORK_ROUTER,
               "ip addr add 10.0.1.1/24 dev left && "
               "ip addr add 10.0.2.1/24 dev right && "
               "ip link set left up && ip link set right up && "
               "echo 1 >/proc/sys/net/ipv4/ip_forward");
    network_do(n, NETWORK_CLIENT,
               "ip link set lo up && ip link set wire up && "
               "ip addr add 10.0.1.2/24 dev wire && "
               "ip route add default via 10.0.1.1");
    network_do(n, NETWORK_SERVER_SIDE,
               "ip link set lo up && ip link set wire up && "
               "ip addr add 10.0.2.2/24 dev wire && "
               "ip route add default via 10.0.2.1");
}

bool network_begin(struct network *n)
{
    *n = (struct network){.home = open_here(), .places = {-1, -1, -1}};
    assert_true(n->home >= 0);
    if (make_places(n) && lay(n, "left", NETWORK_CLIENT) &&
        lay(n, "right", NETWORK_SERVER_SIDE)) {
        give_addresses(n);
        network_enter(n, NETWORK_CLIENT);
        return true;
    }
    network_end(n);
    return false;
}

void network_end(struct network *n)
{
    stand_in(n->home);
    forget(n);
}
