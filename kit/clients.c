/* The long-lived client, end to end, on the loop under test. */
#include "line.h"

#include <stdio.h>

static void send_hello(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
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

SCENARIO(client_opens_and_is_answered)
{
    struct kit_server s;
    struct kit_line line = {.then = send_hello};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    WAIT_UNTIL(k, line.messages == 1);
    CHECK(strcmp(line.last, "hello") == 0);
    CHECK_EQ(line.ups, 1);
    CHECK_EQ(line.downs, 0);
    end(&s, &line);
}

static void expect_next(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE &&
        strtoul(line->last, NULL, 10) != ++line->number)
        FAIL("message '%s' came in the place of %u", line->last, line->number);
}

SCENARIO(thousand_messages_are_answered_in_order)
{
    struct kit_server s;
    struct kit_line line = {.then = expect_next};
    begin(k, &s, &line);
    for (unsigned i = 1; i <= 1000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%u", i);
        kit_line_send(&line, text);
    }
    WAIT_UNTIL(k, line.messages == 1000);
    end(&s, &line);
}

/* Far more than the socket takes: the rest waits for WRITE. */
SCENARIO(megabyte_is_sent_and_answered)
{
    enum { SIZE = 1 << 20 };
    struct kit_server s;
    struct kit_line line = {.number = 0};
    uint8_t *bytes = calloc(1, SIZE);
    begin(k, &s, &line);
    for (unsigned i = 1; i <= 5; i++) {
        struct hws_span data = {bytes, SIZE};
        CHECK_EQ(hws_client_send(line.client, HWS_BINARY, data), 0);
        WAIT_UNTIL(k, line.messages == i);
        CHECK_EQ(line.size, SIZE);
    }
    free(bytes);
    end(&s, &line);
}

/* Nothing follows that could make the descriptor ready again: what is left in
 * the kernel, in TLS or in the decoder must come out by itself. */
SCENARIO(burst_is_drained_to_the_end)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    for (unsigned i = 1; i <= 20; i++) {
        kit_line_send(&line, "burst 500");
        WAIT_UNTIL(k, line.messages == 500 * i);
    }
    end(&s, &line);
}

/* Several budgets of one wake-up: the client goes on by a timer for "now". */
SCENARIO(more_than_a_budget_is_drained_to_the_end)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    kit_line_send(&line, "burst 80000");
    WAIT_UNTIL(k, line.messages == 80000);
    kit_line_send(&line, "hello");
    WAIT_UNTIL(k, line.messages == 80001);
    end(&s, &line);
}

SCENARIO(paused_client_delivers_nothing_until_it_resumes)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    hws_client_pause(line.client);
    kit_line_send(&line, "burst 2000");
    kit_look_around(k);
    CHECK_EQ(line.messages, 0);
    hws_client_resume(line.client);
    WAIT_UNTIL(k, line.messages == 2000);
    end(&s, &line);
}

static void pause_at_tenth(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE && line->messages == 10)
        hws_client_pause(line->client);
}

SCENARIO(client_pauses_inside_its_callback)
{
    struct kit_server s;
    struct kit_line line = {.then = pause_at_tenth};
    begin(k, &s, &line);
    kit_line_send(&line, "burst 2000");
    WAIT_UNTIL(k, line.messages == 10);
    kit_look_around(k);
    CHECK_EQ(line.messages, 10);
    hws_client_resume(line.client);
    WAIT_UNTIL(k, line.messages == 2000);
    end(&s, &line);
}

SCENARIO(client_closes_in_order)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    CHECK_EQ(hws_client_close(line.client, 1000, hws_span_text("done")), 0);
    WAIT_UNTIL(k, line.is_final);
    CHECK_EQ(hws_client_get_state(line.client), HWS_CLIENT_STOPPED);
    kit_look_around(k);
    end(&s, &line);
}

/* Close or free inside the callback of the kind that `number` names. */
static void close_at(struct kit_line *line, const struct hws_event *e)
{
    if ((unsigned)e->kind == line->number)
        hws_client_close(line->client, 1000, hws_span_text("enough"));
    else if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
}

static void free_at(struct kit_line *line, const struct hws_event *e)
{
    if ((unsigned)e->kind == line->number)
        kit_line_free(line);
    else if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
    else if (e->kind == HWS_MESSAGE)
        kit_line_send(line, line->number == HWS_CLOSING ? "close" : "cut");
}

SCENARIO(client_closes_inside_up)
{
    struct kit_server s;
    struct kit_line line = {.then = close_at, .number = HWS_UP};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    WAIT_UNTIL(k, line.is_final);
    end(&s, &line);
}

SCENARIO(client_closes_inside_message)
{
    struct kit_server s;
    struct kit_line line = {.then = close_at, .number = HWS_MESSAGE};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    WAIT_UNTIL(k, line.is_final);
    end(&s, &line);
}

static void free_inside(struct kit *k, enum hws_event_kind kind)
{
    struct kit_server s;
    kit_server_start(&s, k);
    for (int i = 0; i < 5; i++) {
        struct kit_line line = {.then = free_at, .number = kind};
        kit_line_open(&line, k, &s);
        WAIT_UNTIL(k, !line.client);
        kit_look_around(k);
    }
    kit_server_end(&s);
}

SCENARIO(client_is_freed_inside_up)
{
    free_inside(k, HWS_UP);
}

SCENARIO(client_is_freed_inside_message)
{
    free_inside(k, HWS_MESSAGE);
}

SCENARIO(client_is_freed_inside_closing)
{
    free_inside(k, HWS_CLOSING);
}

SCENARIO(client_is_freed_inside_down)
{
    free_inside(k, HWS_DOWN);
}

static void free_other(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE && line->other->client)
        kit_line_free(line->other);
}

/* Both have messages waiting; the first that is called frees the other. */
SCENARIO(client_frees_another_that_is_ready)
{
    struct kit_server s;
    struct kit_line a = {.then = free_other}, b = {.then = free_other};
    a.other = &b;
    b.other = &a;
    kit_server_start(&s, k);
    kit_line_open(&a, k, &s);
    kit_line_open(&b, k, &s);
    WAIT_UNTIL(k, a.is_up && b.is_up);
    kit_line_send(&a, "burst 50");
    kit_line_send(&b, "burst 50");
    WAIT_UNTIL(k, a.messages == 50 || b.messages == 50);
    CHECK((a.client != NULL) != (b.client != NULL));
    if (a.client)
        kit_line_free(&a);
    end(&s, &b);
}

SCENARIO(client_is_freed_while_it_dials)
{
    struct kit_server s;
    kit_server_start(&s, k);
    for (unsigned i = 0; i < 20; i++) {
        struct kit_line line = {.number = 0};
        kit_line_open(&line, k, &s);
        for (unsigned turns = 0; turns < i && !line.is_up; turns++)
            kit_look(k);
        kit_line_free(&line);
        kit_look(k);
    }
    kit_server_end(&s);
}

static void answer(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE && line->messages < 500)
        kit_line_send(line, "again");
}

SCENARIO(client_answers_inside_its_callback)
{
    struct kit_server s;
    struct kit_line line = {.then = answer};
    begin(k, &s, &line);
    kit_line_send(&line, "again");
    WAIT_UNTIL(k, line.messages == 500);
    end(&s, &line);
}

static void reconnect_at_message(struct kit_line *line,
                                 const struct hws_event *e)
{
    if (e->kind == HWS_UP)
        kit_line_send(line, "hello");
    if (e->kind == HWS_MESSAGE && line->ups < 5)
        hws_client_reconnect(line->client);
}

SCENARIO(client_reconnects_inside_its_callback)
{
    struct kit_server s;
    struct kit_line line = {.then = reconnect_at_message};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    WAIT_UNTIL(k, line.ups == 5 && line.messages == 5);
    CHECK_EQ(line.downs, 4);
    end(&s, &line);
}

SCENARIO(stopped_client_opens_again)
{
    struct kit_server s;
    struct kit_line line = {.then = send_hello};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    for (unsigned i = 1; i <= 3; i++) {
        WAIT_UNTIL(k, line.messages == i);
        hws_client_close(line.client, 1000, hws_span_text(""));
        WAIT_UNTIL(k, line.is_final);
        line.is_final = false;
        CHECK_EQ(hws_client_open(line.client), 0);
    }
    WAIT_UNTIL(k, line.messages == 4);
    end(&s, &line);
}

SCENARIO(pings_are_answered)
{
    struct kit_server s;
    struct kit_line line = {.number = 0};
    begin(k, &s, &line);
    for (unsigned i = 1; i <= 20; i++) {
        CHECK_EQ(hws_client_ping(line.client, hws_span_text("life")), 0);
        WAIT_UNTIL(k, line.pongs == i);
    }
    end(&s, &line);
}

SCENARIO(idle_client_wakes_nobody)
{
    struct kit_server s;
    struct kit_line line = {.then = send_hello};
    kit_server_start(&s, k);
    kit_line_open(&line, k, &s);
    WAIT_UNTIL(k, line.messages == 1);
    /* What TLS 1.3 sends after its handshake may still be under way. */
    kit_look_around(k);
    kit_expect_rest(k, HWS_MS(60));
    end(&s, &line);
}

#define QUIET 20

static void ask_twenty_times(struct kit_line *line, const struct hws_event *e)
{
    if (e->kind == HWS_MESSAGE && line->messages < 20)
        kit_line_send(line, "quiet one");
}

SCENARIO(firehose_client_does_not_starve_quiet_ones)
{
    static struct kit_line quiet[QUIET];
    struct kit_server s;
    struct kit_line hose = {.number = 0};
    begin(k, &s, &hose);
    for (size_t i = 0; i < QUIET; i++) {
        quiet[i] = (struct kit_line){.then = ask_twenty_times};
        kit_line_open(&quiet[i], k, &s);
    }
    for (size_t i = 0; i < QUIET; i++)
        WAIT_UNTIL(k, quiet[i].is_up);
    kit_line_send(&hose, "burst 100000000");
    WAIT_UNTIL(k, hose.messages > 0);
    for (size_t i = 0; i < QUIET; i++)
        kit_line_send(&quiet[i], "quiet one");
    for (size_t i = 0; i < QUIET; i++) {
        WAIT_UNTIL(k, quiet[i].messages == 20);
        kit_line_free(&quiet[i]);
    }
    CHECK(hose.is_up);
    end(&s, &hose);
}

extern const struct kit_scenario kit_clients[];
const struct kit_scenario kit_clients[] = {
    LIST_TLS(client_opens_and_is_answered),
    LIST_TLS(thousand_messages_are_answered_in_order),
    LIST_TLS(megabyte_is_sent_and_answered),
    LIST_TLS(burst_is_drained_to_the_end),
    LIST_TLS(more_than_a_budget_is_drained_to_the_end),
    LIST_TLS(paused_client_delivers_nothing_until_it_resumes),
    LIST_TLS(client_pauses_inside_its_callback),
    LIST_TLS(client_closes_in_order),
    LIST_TLS(client_closes_inside_up),
    LIST_TLS(client_closes_inside_message),
    LIST_TLS(client_is_freed_inside_up),
    LIST_TLS(client_is_freed_inside_message),
    LIST_TLS(client_is_freed_inside_closing),
    LIST_TLS(client_is_freed_inside_down),
    LIST_TLS(client_frees_another_that_is_ready),
    LIST_TLS(client_is_freed_while_it_dials),
    LIST_TLS(client_answers_inside_its_callback),
    LIST_TLS(client_reconnects_inside_its_callback),
    LIST_TLS(stopped_client_opens_again),
    LIST_TLS(pings_are_answered),
    LIST_TLS(idle_client_wakes_nobody),
    LIST_TLS(firehose_client_does_not_starve_quiet_ones),
    LIST_END,
};
