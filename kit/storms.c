/* Many lines that are lost at once, and come back. */
#include "line.h"

#define CROWD 50

static struct kit_line lines[CROWD];

static void open_crowd(struct kit *k, const struct kit_server *s,
                       void (*then)(struct kit_line *line,
                                    const struct hws_event *e))
{
    for (size_t i = 0; i < CROWD; i++) {
        lines[i] = (struct kit_line){.then = then};
        kit_line_open(&lines[i], k, s);
    }
}

static void free_crowd(void)
{
    for (size_t i = 0; i < CROWD; i++)
        if (lines[i].client)
            kit_line_free(&lines[i]);
}

static void send_hello(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
}

SCENARIO(fifty_clients_come_up_together)
{
    struct kit_server s;
    kit_server_start(&s, k);
    open_crowd(k, &s, send_hello);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].messages == 1);
    free_crowd();
    kit_server_end(&s);
}

SCENARIO(fifty_clients_come_back_with_their_server)
{
    struct kit_server s;
    kit_server_start(&s, k);
    open_crowd(k, &s, send_hello);
    for (unsigned round = 1; round <= 2; round++) {
        for (size_t i = 0; i < CROWD; i++)
            WAIT_UNTIL(k, lines[i].messages >= round);
        kit_server_stop(&s);
        for (size_t i = 0; i < CROWD; i++)
            WAIT_UNTIL(k, !lines[i].is_up && lines[i].downs >= round);
        kit_server_restart(&s);
    }
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].messages == 3);
    free_crowd();
    kit_server_end(&s);
}

static void ask_for_the_cut(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_UP && line->ups <= 5)
        kit_line_send(line, "cut");
    else if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
}

SCENARIO(fifty_clients_are_cut_five_times_each)
{
    struct kit_server s;
    kit_server_start(&s, k);
    open_crowd(k, &s, ask_for_the_cut);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].messages == 1);
    for (size_t i = 0; i < CROWD; i++)
        CHECK(lines[i].ups >= 6 && lines[i].downs >= 5);
    free_crowd();
    kit_server_end(&s);
}

/* The first that falls frees all the others, which fall with it. */
static void free_all_others(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind != HWS_DOWN)
        return;
    for (size_t i = 0; i < CROWD; i++)
        if (&lines[i] != line && lines[i].client)
            kit_line_free(&lines[i]);
}

SCENARIO(clients_are_freed_while_their_server_falls)
{
    struct kit_server s;
    unsigned left = 0;
    kit_server_start(&s, k);
    open_crowd(k, &s, free_all_others);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].is_up);
    kit_server_stop(&s);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, !lines[i].client || lines[i].downs > 0);
    for (size_t i = 0; i < CROWD; i++)
        left += lines[i].client != NULL;
    CHECK_EQ(left, 1);
    free_crowd();
    kit_server_end(&s);
}

SCENARIO(clients_knock_until_their_server_is_there)
{
    struct kit_server s;
    kit_server_start(&s, k);
    kit_server_stop(&s);
    open_crowd(k, &s, send_hello);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].downs >= 2);
    kit_server_restart(&s);
    for (size_t i = 0; i < CROWD; i++)
        WAIT_UNTIL(k, lines[i].messages == 1);
    free_crowd();
    kit_server_end(&s);
}

extern const struct kit_scenario kit_storms[];
const struct kit_scenario kit_storms[] = {
    LIST_TLS(fifty_clients_come_up_together),
    LIST_TLS(fifty_clients_come_back_with_their_server),
    LIST_TLS(fifty_clients_are_cut_five_times_each),
    LIST_TLS(clients_are_freed_while_their_server_falls),
    LIST(clients_knock_until_their_server_is_there),
    LIST_END,
};
