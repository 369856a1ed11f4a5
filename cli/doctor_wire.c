/*
 * A layer on top of the transport that changes nothing: it keeps the heads of
 * the handshake, counts what follows, and asks the layers below what they know
 * while they are there.
 */
#include "doctor.h"

#include <string.h>

struct wire {
    struct hws_link link;
    struct doctor_facts *facts;
};

static struct doctor_facts *facts_of(const struct hws_link *link)
{
    return ((const struct wire *)(const void *)link)->facts;
}

static hws_time now(void)
{
    return hws_clock_now(HWS_CLOCK_MONOTONIC);
}

static void look_at_tls(struct doctor_tls *tls, const struct hws_link *link)
{
    if (hws_link_tls_info(link, &tls->info) != 0)
        return;
    tls->known = true;
    tls->count = 0;
    while (tls->count < DOCTOR_CHAIN_MAX &&
           hws_link_tls_certificate(link, tls->count,
                                    &tls->chain[tls->count]) == 0)
        tls->count++;
}

void doctor_wire_look(struct doctor_facts *facts, const struct hws_link *link)
{
    struct hws_socket_info socket;
    if (hws_link_socket_info(link, &socket) != 0)
        return;
    facts->has_socket = true;
    facts->socket = socket;
    if (socket.receive_queue > facts->receive_queue_max)
        facts->receive_queue_max = socket.receive_queue;
}

static int wire_open(struct hws_link *link, hws_time at)
{
    struct doctor_facts *facts = facts_of(link);
    int status = hws_link_open(link->below, at);
    if (status == HWS_E_AGAIN)
        return status;
    link->fault = link->below->fault;
    look_at_tls(&facts->tls, link->below);
    doctor_wire_look(facts, link->below);
    if (status == 0)
        facts->wire.opened = now();
    return status;
}

/* Keep bytes up to the end of the answer's head; returns how many are of it. */
static size_t keep_answer(struct doctor_wire *wire, const uint8_t *bytes,
                          size_t size)
{
    size_t used = 0;
    while (used < size && !wire->answered &&
           wire->answer_size < DOCTOR_HEAD_MAX) {
        wire->answer[wire->answer_size++] = (char)bytes[used++];
        wire->answered =
            wire->answer_size >= 4 &&
            memcmp(wire->answer + wire->answer_size - 4, "\r\n\r\n", 4) == 0;
    }
    return used;
}

static ptrdiff_t wire_read(struct hws_link *link, uint8_t *bytes, size_t size)
{
    struct doctor_wire *wire = &facts_of(link)->wire;
    ptrdiff_t got = hws_link_read(link->below, bytes, size);
    link->ended = link->below->ended;
    link->truncated = link->below->truncated;
    if (got > 0) {
        size_t head = keep_answer(wire, bytes, (size_t)got);
        wire->bytes_in += (size_t)got - head;
        return got;
    }
    if (got == HWS_E_AGAIN)
        return got;
    link->fault = link->below->fault;
    if (wire->ended_at == HWS_NEVER)
        wire->ended_at = now();
    return got;
}

/* The request is the first that is written, and ends with an empty line. */
static void keep_request(struct doctor_wire *wire, const uint8_t *bytes,
                         size_t size)
{
    if (wire->answer_size)
        return;
    size_t room = DOCTOR_HEAD_MAX - wire->request_size;
    size = size < room ? size : room;
    memcpy(wire->request + wire->request_size, bytes, size);
    wire->request_size += size;
}

static ptrdiff_t wire_write(struct hws_link *link, const uint8_t *bytes,
                            size_t size)
{
    ptrdiff_t put = hws_link_write(link->below, bytes, size);
    if (put > 0)
        keep_request(&facts_of(link)->wire, bytes, (size_t)put);
    else if (put < 0)
        link->fault = link->below->fault;
    return put;
}

static int wire_shut(struct hws_link *link)
{
    return hws_link_shut(link->below);
}

static size_t wire_wants(const struct hws_link *link, struct hws_want *wants)
{
    return hws_link_wants(link->below, wants);
}

static hws_time wire_deadline(const struct hws_link *link)
{
    return hws_link_deadline(link->below);
}

static void wire_free(struct hws_link *link)
{
    hws_link_free(link->below);
    memory_free(link);
}

static const struct hws_link_ops wire_ops = {
    .name = "doctor",
    .open = wire_open,
    .read = wire_read,
    .write = wire_write,
    .shut = wire_shut,
    .wants = wire_wants,
    .deadline = wire_deadline,
    .free = wire_free,
};

struct hws_link *doctor_wire_new(struct doctor_visit *visit,
                                 struct hws_link *below)
{
    struct wire *wire = memory_new(1, sizeof *wire);
    struct doctor_facts *facts = visit->facts;
    wire->link.ops = &wire_ops;
    wire->link.below = below;
    wire->facts = facts;
    facts->wire =
        (struct doctor_wire){.opened = HWS_NEVER, .ended_at = HWS_NEVER};
    facts->tls = (struct doctor_tls){.known = false};
    facts->has_socket = false;
    return &wire->link;
}
