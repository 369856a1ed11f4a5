#include "meter.h"

static struct meter *meter_of(struct hws_link *link)
{
    return (struct meter *)link;
}

static void turn(struct meter *m, int direction)
{
    m->flights += m->direction != direction;
    m->direction = direction;
}

static int meter_open(struct hws_link *link, hws_time now)
{
    return hws_link_open(link->below, now);
}

static ptrdiff_t meter_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct meter *m = meter_of(link);
    ptrdiff_t got = hws_link_read(link->below, bytes, size);
    if (got <= 0)
        return got;
    turn(m, 1);
    m->received += (size_t)got;
    return got;
}

static ptrdiff_t meter_write(struct hws_link *link, const uint8_t *bytes,
                             size_t size)
{
    struct meter *m = meter_of(link);
    ptrdiff_t put = hws_link_write(link->below, bytes, size);
    if (put <= 0)
        return put;
    turn(m, 2);
    m->sent += (size_t)put;
    return put;
}

static int meter_shut(struct hws_link *link)
{
    return hws_link_shut(link->below);
}

static size_t meter_wants(const struct hws_link *link, struct hws_want *wants)
{
    return hws_link_wants(link->below, wants);
}

static hws_time meter_deadline(const struct hws_link *link)
{
    return hws_link_deadline(link->below);
}

static void meter_free(struct hws_link *link)
{
    hws_link_free(link->below);
}

struct hws_link *meter_init(struct meter *m, struct hws_link *below)
{
    static const struct hws_link_ops ops = {
        .name = "meter",
        .open = meter_open,
        .read = meter_read,
        .write = meter_write,
        .shut = meter_shut,
        .wants = meter_wants,
        .deadline = meter_deadline,
        .free = meter_free,
    };
    *m = (struct meter){.link = {.ops = &ops, .below = below}};
    return &m->link;
}
