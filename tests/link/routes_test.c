/* Which of the kernel's news of addresses and routes may move a connection. */
#include "support/test.h"

#include "link/routes.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

struct news {
    uint8_t bytes[1024];
    size_t size;
};

static void add(struct news *n, uint16_t type, const void *body, size_t size)
{
    struct nlmsghdr head = {.nlmsg_len = (uint32_t)(sizeof(head) + size),
                            .nlmsg_type = type};
    memcpy(n->bytes + n->size, &head, sizeof(head));
    memcpy(n->bytes + n->size + sizeof(head), body, size);
    n->size += NLMSG_ALIGN(head.nlmsg_len);
}

static void add_link(struct news *n, unsigned change)
{
    struct ifinfomsg link = {.ifi_change = change};
    add(n, RTM_NEWLINK, &link, sizeof(link));
}

static void add_route(struct news *n, uint8_t table, unsigned flags)
{
    struct rtmsg route = {.rtm_table = table, .rtm_flags = flags};
    add(n, RTM_DELROUTE, &route, sizeof(route));
}

static bool is_change(const struct news *n)
{
    return hwi_routes_is_change((struct hws_span){n->bytes, n->size});
}

TEST(addresses_links_and_routes_are_changes)
{
    struct ifaddrmsg address = {0};
    struct news n = {.size = 0}, link = {.size = 0}, route = {.size = 0};
    assert_false(is_change(&n));
    add(&n, RTM_NEWADDR, &address, sizeof(address));
    assert_true(is_change(&n));
    add_link(&link, 1);
    assert_true(is_change(&link));
    add_route(&route, RT_TABLE_MAIN, 0);
    assert_true(is_change(&route));
}

TEST(counters_other_tables_and_copies_are_none)
{
    struct news n = {.size = 0};
    add_link(&n, 0);
    add_route(&n, RT_TABLE_LOCAL, 0);
    add_route(&n, RT_TABLE_MAIN, RTM_F_CLONED);
    add(&n, RTM_NEWNEIGH, "neighbour", 9);
    assert_false(is_change(&n));
    add_route(&n, RT_TABLE_MAIN, 0); /* behind them */
    assert_true(is_change(&n));
}

TEST(broken_news_are_read_to_their_end_only)
{
    struct news n = {.size = 0};
    add_link(&n, 1);
    for (size_t size = 0; size < n.size; size++) {
        uint8_t *exact = malloc(size + 1);
        memcpy(exact, n.bytes, size);
        assert_false(hwi_routes_is_change((struct hws_span){exact, size}));
        free(exact);
    }
    struct nlmsghdr head = {.nlmsg_len = 3, .nlmsg_type = RTM_NEWADDR};
    assert_false(hwi_routes_is_change(
        (struct hws_span){(const uint8_t *)&head, sizeof(head)}));
    struct news stub = {.size = 0};
    add(&stub, RTM_NEWROUTE, "x", 1);
    add(&stub, RTM_NEWLINK, "x", 1);
    assert_false(is_change(&stub));
}

TEST(nothing_new_is_no_change)
{
    int fd = hwi_routes_open();
    if (fd < 0)
        skip();
    hwi_routes_changed(fd); /* whatever happens on this machine */
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN(addresses_links_and_routes_are_changes),
        RUN(counters_other_tables_and_copies_are_none),
        RUN(broken_news_are_read_to_their_end_only),
        RUN(nothing_new_is_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
