/* Calls of other threads, through the mailbox that a loop watches. */
#include "line.h"

#include <stdio.h>

struct helper {
    pthread_t thread;
    struct kit_line *line;
    unsigned number;
    unsigned count;
};

static void start(struct helper *h, void *(*body)(void *helper))
{
    CHECK_EQ(pthread_create(&h->thread, NULL, body, h), 0);
}

static void begin(struct kit *k, struct kit_server *s, struct kit_line *line)
{
    kit_server_start(s, k);
    kit_line_open(line, k, s);
    WAIT_UNTIL(k, line->is_up);
}

static void end(struct kit_server *s, struct kit_line *line)
{
    if (line->client)
        kit_line_free(line);
    kit_server_end(s);
}

static void *send_once(void *helper)
{
    kit_line_send(((struct helper *)helper)->line, "hello");
    return NULL;
}

/* Before the wait or during it: either way the loop wakes. */
SCENARIO(send_of_another_thread_wakes_the_loop)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    for (unsigned i = 1; i <= 50; i++) {
        struct helper h = {.line = &line};
        start(&h, send_once);
        WAIT_UNTIL(k, line.messages == i);
        pthread_join(h.thread, NULL);
    }
    end(&s, &line);
}

#define SENDERS 4
#define SENDS 500

static void *send_many(void *helper)
{
    struct helper *h = helper;
    for (unsigned i = 0; i < SENDS; i++) {
        char text[32];
        snprintf(text, sizeof(text), "%u %u", h->number, i);
        kit_line_send(h->line, text);
    }
    return NULL;
}

static unsigned next_of[SENDERS];

static void expect_order(struct kit_line *line, const struct hws_event *e)
{
    char *rest;
    if (e->kind != HWS_MESSAGE)
        return;
    unsigned long sender = strtoul(line->last, &rest, 10);
    CHECK(sender < SENDERS);
    if (strtoul(rest, NULL, 10) != next_of[sender]++)
        FAIL("'%s' came out of order", line->last);
}

SCENARIO(sends_of_four_threads_arrive_in_their_order)
{
    struct kit_server s;
    struct kit_line line = {.then = expect_order};
    struct helper helpers[SENDERS];
    memset(next_of, 0, sizeof(next_of));
    begin(k, &s, &line);
    for (unsigned i = 0; i < SENDERS; i++) {
        helpers[i] = (struct helper){.line = &line, .number = i};
        start(&helpers[i], send_many);
    }
    WAIT_UNTIL(k, line.messages == SENDERS * SENDS);
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(helpers[i].thread, NULL);
    end(&s, &line);
}

static void *close_it(void *helper)
{
    struct helper *h = helper;
    hws_client_close(h->line->client, 1000, hws_span_text("elsewhere"));
    return NULL;
}

SCENARIO(client_is_closed_by_another_thread)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    struct helper h = {.line = &line};
    begin(k, &s, &line);
    start(&h, close_it);
    WAIT_UNTIL(k, line.is_final);
    pthread_join(h.thread, NULL);
    end(&s, &line);
}

static void *free_it(void *helper)
{
    struct helper *h = helper;
    struct hws_client *client = h->line->client;
    hws_client_free(client);
    return NULL;
}

SCENARIO(client_is_freed_by_another_thread)
{
    struct kit_server s;
    kit_server_start(&s, k);
    for (int i = 0; i < 5; i++) {
        struct kit_line line = {.number = 0};
        struct helper h = {.line = &line};
        kit_line_open(&line, k, &s);
        WAIT_UNTIL(k, line.is_up);
        start(&h, free_it);
        pthread_join(h.thread, NULL);
        kit_look_around(k);
    }
    kit_server_end(&s);
}

static void *pause_send_resume(void *helper)
{
    struct helper *h = helper;
    for (int i = 0; i < 20; i++) {
        hws_client_pause(h->line->client);
        kit_line_send(h->line, "hello");
        hws_client_resume(h->line->client);
    }
    return NULL;
}

SCENARIO(client_is_paused_and_resumed_by_another_thread)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    struct helper h = {.line = &line};
    begin(k, &s, &line);
    start(&h, pause_send_resume);
    WAIT_UNTIL(k, line.messages == 20);
    pthread_join(h.thread, NULL);
    end(&s, &line);
}

static void *reconnect_it(void *helper)
{
    struct helper *h = helper;
    hws_client_reconnect(h->line->client);
    return NULL;
}

SCENARIO(client_is_reconnected_by_another_thread)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    for (unsigned i = 2; i <= 6; i++) {
        struct helper h = {.line = &line};
        start(&h, reconnect_it);
        WAIT_UNTIL(k, line.ups == i && line.is_up);
        pthread_join(h.thread, NULL);
    }
    end(&s, &line);
}

/* A timer is not held up by posts that never end. */
SCENARIO(posts_of_another_thread_do_not_starve_a_timer)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    struct helper h = {.line = &line};
    struct kit_bell b;
    begin(k, &s, &line);
    kit_bell_init(&b, k);
    start(&h, send_many);
    for (unsigned i = 1; i <= 20; i++) {
        kit_bell_after(&b, HWS_US(500));
        WAIT_UNTIL(k, b.calls == i);
    }
    WAIT_UNTIL(k, line.messages == SENDS);
    pthread_join(h.thread, NULL);
    end(&s, &line);
}

/* ---- loops on threads of their own */

struct runner {
    pthread_t thread;
    struct kit k;
    const struct kit_server *server;
    unsigned messages;
};

static void ask_again(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_UP || (e->kind == HWS_MESSAGE && line->messages < 200))
        kit_line_send(line, "round");
}

static void *run_a_loop(void *runner)
{
    struct runner *r = runner;
    struct kit_line line = {.then = ask_again};
    r->k.loop = r->k.host->open(r->k.host->user);
    CHECK(r->k.loop != NULL);
    kit_line_open(&line, &r->k, r->server);
    while (line.messages < 200)
        kit_turn(&r->k);
    kit_line_free(&line);
    r->k.host->close(r->k.loop, r->k.host->user);
    return NULL;
}

SCENARIO(loops_on_four_threads_do_not_meet)
{
    struct kit_server s;
    struct runner runners[4];
    kit_server_start(&s, k);
    kit_waits_for(__FILE__, __LINE__, "four loops with 200 messages each");
    for (size_t i = 0; i < 4; i++) {
        runners[i] = (struct runner){.k = {.host = k->host}, .server = &s};
        CHECK_EQ(
            pthread_create(&runners[i].thread, NULL, run_a_loop, &runners[i]),
            0);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(runners[i].thread, NULL);
    kit_server_end(&s);
}

extern const struct kit_scenario kit_threads[];
const struct kit_scenario kit_threads[] = {
    LIST_TLS(send_of_another_thread_wakes_the_loop),
    LIST_TLS(sends_of_four_threads_arrive_in_their_order),
    LIST(client_is_closed_by_another_thread),
    LIST(client_is_freed_by_another_thread),
    LIST(client_is_paused_and_resumed_by_another_thread),
    LIST(client_is_reconnected_by_another_thread),
    LIST(posts_of_another_thread_do_not_starve_a_timer),
    LIST(loops_on_four_threads_do_not_meet),
    LIST_END,
};
