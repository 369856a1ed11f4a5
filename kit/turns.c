/*
 * Where the host says that a turn begins and ends, what is sent in between
 * leaves in one write at its end. A link that counts its writes stands between
 * the client and its server.
 */
#include "line.h"

static unsigned writes; /* with bytes, by the client */
static int client_end;

static int count_open(struct hws_link *l, hws_time now)
{
    return hws_link_open(l->below, now);
}

static ptrdiff_t count_read(struct hws_link *l, uint8_t *bytes, size_t size)
{
    return hws_link_read(l->below, bytes, size);
}

static ptrdiff_t count_write(struct hws_link *l, const uint8_t *bytes,
                             size_t size)
{
    writes += size > 0;
    return hws_link_write(l->below, bytes, size);
}

static int count_shut(struct hws_link *l)
{
    return hws_link_shut(l->below);
}

static size_t count_wants(const struct hws_link *l, struct hws_want *wants)
{
    return hws_link_wants(l->below, wants);
}

static hws_time count_deadline(const struct hws_link *l)
{
    return hws_link_deadline(l->below);
}

static void count_free(struct hws_link *l)
{
    hws_link_free(l->below);
    free(l);
}

static const struct hws_link_ops count_ops = {
    .name = "count",
    .open = count_open,
    .read = count_read,
    .write = count_write,
    .shut = count_shut,
    .wants = count_wants,
    .deadline = count_deadline,
    .free = count_free,
};

static struct hws_link *on_link(struct hws_client *client, const char *url,
                                void *user)
{
    struct hws_link *l = calloc(1, sizeof(*l));
    (void)client, (void)url, (void)user;
    l->ops = &count_ops;
    l->below = hws_socket_new(client_end);
    return l;
}

/* The server's end, on the same loop: it counts what it hears. */
static unsigned heard;

static void hear(struct hws_conn *conn, const struct hws_event *e, void *user)
{
    (void)conn, (void)user;
    heard += e->kind == HWS_MESSAGE;
}

static struct hws_conn *begin(struct kit *k, struct kit_line *line)
{
    struct hws_conn_options options;
    int ends[2];
    heard = 0;
    kit_pair(ends);
    client_end = ends[0];
    hws_conn_options_init(&options);
    options.proto.role = HWS_SERVER;
    options.on_event = hear;
    struct hws_conn *conn =
        hws_conn_new(k->loop, hws_socket_new(ends[1]), &options, NULL);
    CHECK(conn != NULL);
    kit_line_open_over(line, k, on_link);
    WAIT_UNTIL(k, line->downs || (line->is_up && hws_conn_is_up(conn)));
    if (line->downs) /* there is but one pair: no other attempt can do */
        FAIL("the connection failed: %s", line->fault.text);
    writes = 0;
    return conn;
}

static void send_ten(struct kit_line *line)
{
    for (int i = 0; i < 10; i++)
        kit_line_send(line, "one of ten");
}

SCENARIO(sends_outside_a_turn_leave_at_once)
{
    struct kit_line line = {.number = 0};
    struct hws_conn *conn = begin(k, &line);
    send_ten(&line);
    CHECK_EQ(writes, 10);
    LOOK_UNTIL(k, heard == 10);
    kit_line_free(&line);
    hws_conn_free(conn);
}

static void send_ten_at_message(struct kit_line *line,
                                const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE)
        send_ten(line);
}

SCENARIO(sends_of_a_clients_callback_leave_in_one_write)
{
    struct kit_line line = {.then = send_ten_at_message};
    struct hws_conn *conn = begin(k, &line);
    hws_conn_send(conn, HWS_TEXT, hws_span_text("now"), true);
    LOOK_UNTIL(k, heard == 10);
    CHECK_EQ(writes, 1);
    kit_line_free(&line);
    hws_conn_free(conn);
}

static struct kit_line *sender;
static bool turn_is_told;

static void send_ten_at_bell(struct kit_bell *b)
{
    turn_is_told = b->k->loop->in_turn;
    send_ten(sender);
}

SCENARIO(sends_of_a_timer_leave_in_one_write)
{
    struct kit_line line = {.number = 0};
    struct hws_conn *conn = begin(k, &line);
    struct kit_bell b;
    sender = &line;
    kit_bell_init(&b, k);
    b.then = send_ten_at_bell;
    kit_bell_set(&b, 1);
    LOOK_UNTIL(k, heard == 10);
    if (turn_is_told)
        CHECK_EQ(writes, 1);
    else
        kit_skip(k, "the host does not say where a turn ends");
    kit_line_free(&line);
    hws_conn_free(conn);
}

static void send_ten_at_probe(struct kit_probe *p)
{
    kit_take(p->watch.fd);
    turn_is_told = p->k->loop->in_turn;
    send_ten(sender);
}

SCENARIO(sends_of_a_watch_leave_in_one_write)
{
    struct kit_line line = {.number = 0};
    struct hws_conn *conn = begin(k, &line);
    struct kit_probe p;
    int ends[2];
    sender = &line;
    kit_pair(ends);
    kit_put(ends[1]);
    kit_probe_init(&p, k);
    p.then = send_ten_at_probe;
    kit_probe_set(&p, ends[0], READ);
    LOOK_UNTIL(k, heard == 10);
    if (turn_is_told)
        CHECK_EQ(writes, 1);
    else
        kit_skip(k, "the host does not say where a turn ends");
    kit_probe_forget(&p);
    kit_unpair(ends);
    kit_line_free(&line);
    hws_conn_free(conn);
}

/* Without a word of the host: the user says where it begins and ends. */
SCENARIO(sends_of_a_batch_leave_in_one_write)
{
    struct kit_line line = {.number = 0};
    struct hws_conn *conn = begin(k, &line);
    hws_batch_begin(k->loop);
    send_ten(&line);
    CHECK_EQ(writes, 0);
    hws_batch_end(k->loop);
    CHECK_EQ(writes, 1);
    LOOK_UNTIL(k, heard == 10);
    kit_line_free(&line);
    hws_conn_free(conn);
}

extern const struct kit_scenario kit_turns[];
const struct kit_scenario kit_turns[] = {
    LIST(sends_outside_a_turn_leave_at_once),
    LIST(sends_of_a_clients_callback_leave_in_one_write),
    LIST(sends_of_a_timer_leave_in_one_write),
    LIST(sends_of_a_watch_leave_in_one_write),
    LIST(sends_of_a_batch_leave_in_one_write),
    LIST_END,
};
