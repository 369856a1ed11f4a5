/* hawser top: connections, live, on a terminal. */
#include "top.h"

#include "access.h"
#include "attach.h"
#include "command.h"
#include "control.h"
#include "memory.h"
#include "metrics.h"
#include "opening.h"
#include "options.h"
#include "stopper.h"
#include "target.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERIOD HWS_S(1)
#define PING "hawser top"

struct top_options {
    struct text_list on_open;
    const char *lag;
    hws_time stale_delay;
    hws_time for_delay;
    const char *attach;
    const char *control;
    struct metrics_options metrics;
};

struct top_program {
    struct top_options options;
    struct target target;
    struct opening_list openings;
    struct hws_loop *loop;
    struct stopper stopper;
    struct top top;
    struct hws_watch keys;
    struct hws_timer tick;
    struct hws_signal resized;
    struct metrics *metrics; /* NULL: not served */
    struct hws_control *control;
    struct attach *attach; /* NULL: the connections are ours */
    const char *gone;      /* why the other program shows nothing more */
    size_t lines, finals;
    bool is_drawn;
};

/* Of one connection: its place, for the callback. */
struct top_user {
    struct top_program *program;
    struct top_row *row;
};

static const struct option_row top_rows[] = {
    {"on-open", "FILE|TEXT", OPTION_LIST, offsetof(struct top_options, on_open),
     "send this after every connect (repeatable, in order), as in tail"},
    {"lag", "/POINTER:UNIT", OPTION_TEXT, offsetof(struct top_options, lag),
     "the event time in each message is at this JSON pointer; units: s, ms, "
     "us, ns, iso; or @OFFSET:TYPE:UNIT, as in tail. Without it network and "
     "total lag are not known"},
    {"stale", "DURATION", OPTION_DELAY,
     offsetof(struct top_options, stale_delay),
     "give a connection up that is alive, but brought no message for so long"},
    {"attach", "SOCKET", OPTION_TEXT, offsetof(struct top_options, attach),
     "show the connections of a program that opened this control socket, in "
     "place of own ones"},
    {"control", "SOCKET", OPTION_TEXT, offsetof(struct top_options, control),
     "open a control socket here, an absolute path, for --attach"},
    {"for", "DURATION", OPTION_DELAY, offsetof(struct top_options, for_delay),
     "end after this time"},
    {0},
};

static void show(struct top_program *p)
{
    if (p->is_drawn)
        top_view_show(&p->top);
}

/* ---- events */

static void note_down(struct top_program *p, unsigned number,
                      const struct hws_event *e, hws_time realtime)
{
    double wait = (double)(e->down.retry_at - e->at) / 1e9;
    if (e->down.final)
        top_log(&p->top, realtime, number, "down for good: %s",
                e->down.fault->text);
    else
        top_log(&p->top, realtime, number, "down: %s, retry in %.1f s",
                e->down.fault->text, wait > 0 ? wait : 0);
    p->finals += e->down.final;
}

/* The answer to a ping of 'p', and not to one of the library's. */
static bool is_ours(const struct hws_event *pong)
{
    return pong->control.round_trip != HWS_NEVER &&
           pong->control.data.size == strlen(PING) &&
           memcmp(pong->control.data.data, PING, strlen(PING)) == 0;
}

static void note(struct top_program *p, const struct top_row *row,
                 const struct hws_event *e)
{
    hws_time realtime = hws_loop_clock(p->loop, HWS_CLOCK_REALTIME);
    unsigned number = row->number;
    switch (e->kind) {
    case HWS_UP:
        top_log(&p->top, realtime, number, "up: %s, connection %u", e->up.peer,
                e->up.connection);
        break;
    case HWS_DOWN:
        note_down(p, number, e, realtime);
        break;
    case HWS_VERDICT:
        top_log(&p->top, realtime, number, "verdict %s%s%s",
                hws_verdict_name(e->verdict.now),
                e->verdict.text[0] ? ": " : "", e->verdict.text);
        break;
    case HWS_PONG:
        if (is_ours(e))
            top_log(&p->top, realtime, number, "pong after %.3f ms",
                    (double)e->control.round_trip / 1e6);
        break;
    case HWS_REDIRECT:
        top_log(&p->top, realtime, number, "redirect to %s", e->redirect.url);
        break;
    case HWS_WARNING:
        top_log(&p->top, realtime, number, "warning: %s",
                e->warning.fault->text);
        break;
    default:
        return;
    }
    top_look(&p->top);
    show(p);
}

static void top_event(struct hws_client *client, const struct hws_event *e,
                      void *user)
{
    const struct top_user *u = user;
    target_note(&u->program->target, u->program->loop, client, u->row->number,
                e);
    if (e->kind != HWS_MESSAGE)
        note(u->program, u->row, e);
}

/* ---- keys */

/* What a key does to a connection: "ping", "pause", "resume", "reconnect". */
static void act(struct top_program *p, const char *word)
{
    struct top_row *row = top_selected(&p->top);
    if (!row)
        return;
    if (p->attach)
        attach_say(p->attach, word, row->id);
    else if (strcmp(word, "ping") == 0)
        hws_client_ping(row->client, hws_span_text(PING));
    else if (strcmp(word, "pause") == 0)
        hws_client_pause(row->client);
    else if (strcmp(word, "resume") == 0)
        hws_client_resume(row->client);
    else
        hws_client_reconnect(row->client);
}

static void pause_or_resume(struct top_program *p)
{
    struct top_row *row = top_selected(&p->top);
    if (!row)
        return;
    row->paused = !row->paused;
    act(p, row->paused ? "pause" : "resume");
}

static void press(struct top_program *p, int key)
{
    struct top *top = &p->top;
    switch (key) {
    case 'q':
        stopper_stop(&p->stopper);
        break;
    case 's':
        top->by = (enum top_order)((top->by + 1) % TOP_ORDERS);
        break;
    case 'S':
        top->reversed = !top->reversed;
        break;
    case ' ':
        pause_or_resume(p);
        break;
    case 'p':
        act(p, "ping");
        break;
    case 'r':
        act(p, "reconnect");
        break;
    case 'l':
        top->shows_log = !top->shows_log;
        top->shows_help = false;
        break;
    case 'h':
    case '?':
        top->shows_help = !top->shows_help;
        break;
    case 'k':
    case TOP_KEY_UP:
        top_move(top, -1);
        break;
    case 'j':
    case TOP_KEY_DOWN:
        top_move(top, 1);
        break;
    default:
        break;
    }
}

static void keys_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct top_program *p =
        (void *)((char *)watch - offsetof(struct top_program, keys));
    int key;
    (void)ready;
    (void)now;
    while ((key = top_view_key()) != 0)
        press(p, key);
    top_sort(&p->top);
    show(p);
}

static void tick_due(struct hws_timer *timer, hws_time now)
{
    struct top_program *p =
        (void *)((char *)timer - offsetof(struct top_program, tick));
    if (p->attach)
        attach_look(p->attach);
    else
        top_look(&p->top);
    show(p);
    hws_loop_timer(p->loop, timer, now + PERIOD);
}

static void resized(struct hws_signal *signal, int number, hws_time now)
{
    struct top_program *p =
        (void *)((char *)signal - offsetof(struct top_program, resized));
    (void)number;
    (void)now;
    top_view_resize();
    show(p);
}

/* ---- the life */

static void top_stop(struct stopper *stopper)
{
    struct top_program *p =
        (void *)((char *)stopper - offsetof(struct top_program, stopper));
    for (size_t i = 0; i < p->lines; i++)
        hws_client_close(p->top.rows[i].client, HWS_CLOSE_GOING_AWAY,
                         (struct hws_span){0});
}

static int configure(struct top_program *p, struct hws_client_options *options,
                     const struct text_list *urls)
{
    if (p->options.attach && urls->count > 0)
        return options_complain("top",
                                "--attach shows another program's "
                                "connections: no URL goes with it");
    if (urls->count == 0 && !p->options.attach)
        return options_complain("top", "no URL is given");
    int code = opening_list_read(&p->openings, "top", &p->options.on_open);
    if (code)
        return code;
    hws_client_options_init(options);
    options->openings = p->openings.items;
    options->opening_count = p->openings.count;
    options->retry.enabled = !p->target.no_reconnect;
    options->stale_delay = p->options.stale_delay;
    options->stale_reconnect = true;
    options->lag_field = p->options.lag;
    options->judge = true;
    options->on_event = top_event;
    return target_apply(&p->target, options);
}

static int make_clients(struct top_program *p, struct top_user *users,
                        struct hws_client_options *options,
                        const struct text_list *urls)
{
    int code = OPTIONS_GOOD;
    for (size_t i = 0; i < urls->count; i++) {
        struct top_row *row = &p->top.rows[i];
        users[i] = (struct top_user){p, row};
        row->number = (unsigned)i + 1;
        options->url = urls->items[i];
        options->user = &users[i];
        row->client = target_client(&p->target, p->loop, options, &code);
        if (!row->client)
            return code;
        p->lines++;
    }
    return OPTIONS_GOOD;
}

static int begin_view(struct top_program *p)
{
    if (!top_view_begin()) {
        fprintf(stderr,
                "hawser top: needs a terminal that can be drawn on "
                "(standard input and output, TERM), and a build with "
                "ncurses; 'hawser tail --verdict' does without\n");
        return COMMAND_LOCAL;
    }
    p->is_drawn = true;
    p->keys.ready = keys_ready;
    p->keys.background = true;
    p->tick.due = tick_due;
    p->tick.deadline = HWS_NEVER;
    p->resized.caught = resized;
    hws_loop_watch(p->loop, &p->keys, STDIN_FILENO, HWS_READ);
    hws_signal_watch(p->loop, &p->resized, SIGWINCH);
    hws_loop_timer(p->loop, &p->tick,
                   hws_loop_clock(p->loop, HWS_CLOCK_MONOTONIC) + PERIOD);
    return OPTIONS_GOOD;
}

static void end_view(struct top_program *p)
{
    if (!p->is_drawn)
        return;
    p->is_drawn = false;
    top_view_end();
    hws_loop_watch(p->loop, &p->keys, STDIN_FILENO, 0);
    hws_signal_forget(&p->resized);
    hws_loop_timer(p->loop, &p->tick, HWS_NEVER);
}

static int live(struct top_program *p)
{
    int status = 0;
    for (size_t i = 0; i < p->lines; i++)
        hws_client_open(p->top.rows[i].client);
    if (p->attach)
        attach_look(p->attach);
    top_look(&p->top);
    show(p);
    while (status == 0 && !(p->stopper.stopped && p->finals >= p->lines))
        status = hws_loop_run_once(p->loop, HWS_NEVER);
    end_view(p);
    if (p->gone && !p->stopper.signal) {
        fprintf(stderr, "hawser top: the program at '%s' %s\n",
                p->options.attach, p->gone);
        return COMMAND_LOCAL;
    }
    return stopper_exit_code(&p->stopper, status ? COMMAND_LOCAL : COMMAND_OK);
}

static int serve_metrics(struct top_program *p)
{
    int code =
        metrics_begin(&p->metrics, &p->options.metrics, "top", p->loop, NULL);
    for (size_t i = 0; i < p->lines; i++)
        metrics_add(p->metrics, p->top.rows[i].client, p->options.stale_delay);
    if (p->metrics)
        top_log(&p->top, hws_loop_clock(p->loop, HWS_CLOCK_REALTIME), 0,
                "metrics: http://%s:%u/", p->options.metrics.address.host,
                (unsigned)metrics_port(p->metrics));
    return code;
}

static void attach_told(void *user, const char *why)
{
    struct top_program *p = user;
    if (why) {
        p->gone = why;
        stopper_stop(&p->stopper);
    }
    show(p);
}

static int open_doors(struct top_program *p)
{
    int code = serve_metrics(p);
    if (code == OPTIONS_GOOD)
        code = control_begin(&p->control, p->options.control, "top", p->loop);
    if (code == OPTIONS_GOOD && p->options.attach) {
        code = attach_begin(&p->attach, p->loop, p->options.attach, &p->top);
        attach_tell(p->attach, attach_told, p);
    }
    return code;
}

static int begin(struct top_program *p, struct top_user *users,
                 struct hws_client_options *options,
                 const struct text_list *urls)
{
    int code = COMMAND_LOCAL;
    p->loop = target_loop(&p->target, &code);
    if (!p->loop)
        return code;
    p->stopper.stop = top_stop;
    if (stopper_init(&p->stopper, p->loop, p->options.for_delay))
        return COMMAND_LOCAL;
    code = make_clients(p, users, options, urls);
    if (code == OPTIONS_GOOD)
        code = open_doors(p);
    return code == OPTIONS_GOOD ? begin_view(p) : code;
}

static void end(struct top_program *p)
{
    metrics_free(p->metrics);
    hws_control_free(p->control);
    attach_free(p->attach);
    for (size_t i = 0; i < p->lines; i++)
        hws_client_free(p->top.rows[i].client);
    if (p->stopper.loop)
        stopper_release(&p->stopper);
    if (p->loop)
        hws_loop_free(p->loop);
    opening_list_release(&p->openings);
    text_list_release(&p->options.on_open);
    target_release(&p->target);
    top_release(&p->top);
}

static int top_main(int argc, char **argv)
{
    static struct top_program p;
    struct hws_client_options options;
    struct text_list urls = {0};
    p.options.for_delay = p.options.stale_delay = HWS_NEVER;
    const struct option_group groups[] = {
        {"view", top_rows, &p.options},
        {NULL, metrics_rows, &p.options.metrics},
        {"connection", target_rows, &p.target},
        {"tls", target_tls_rows, &p.target.tls},
        {"redirects, login and cookies", access_rows, &p.target.access},
        {"proxy", route_rows, &p.target.route},
        {"limits and retries", target_size_rows, &p.target},
        {NULL, target_no_retry_rows, &p.target},
        {0},
    };
    const struct option_form form = {
        "top", "URL... | --attach SOCKET",
        "Watch connections live on a terminal: state, rates, round trip, lag "
        "with a line of its history, queues, reconnects with their reason, "
        "and who holds the data back. 'h' shows the keys.",
        groups};
    target_init(&p.target, "top");
    int code = options_parse(&form, argc, argv, &urls);
    if (code == OPTIONS_GOOD)
        code = configure(&p, &options, &urls);
    top_init(&p.top, urls.count);
    struct top_user *users = memory_new(urls.count, sizeof(*users));
    if (code == OPTIONS_GOOD)
        code = begin(&p, users, &options, &urls);
    if (code == OPTIONS_GOOD)
        code = live(&p);
    end(&p);
    memory_free(users);
    text_list_release(&urls);
    return code;
}

const struct command top_command = {
    "top", "watch connections live on a terminal", top_main};
