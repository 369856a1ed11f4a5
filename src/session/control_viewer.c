/*
 * One who looks in: words come as lines, each is answered before the next one
 * is read, so that nobody who does not listen makes us keep much.
 */
#include "session/control.h"

#include "base/buf.h"
#include "base/mem.h"
#include "health/json_write.h"
#include "health/secret.h"
#include "session/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_SIZE 128               /* of a word and its number */
#define ANSWER_MAX ((size_t)16 << 20)   /* bytes that wait for one viewer */
#define CLIENT_SIZE ((size_t)16 * 1024) /* more than one client ever takes */
#define PING "hawser control"

struct viewer {
    struct hwi_list link_of;
    struct hws_control *control;
    struct hws_link *link;
    struct hws_watch watch;
    struct hwi_buf out;
    char line[LINE_MAX_SIZE];
    size_t size;
    bool is_last; /* it goes once `out` is written */
};

static void viewer_free(struct viewer *v)
{
    hwi_list_remove(&v->link_of);
    v->control->viewer_count--;
    if (v->watch.interest)
        hws_loop_watch(v->control->loop, &v->watch, v->watch.fd, 0);
    hws_link_free(v->link);
    hwi_buf_release(&v->out);
    hwi_free(v);
}

/* ---- answers */

static int put_client(struct viewer *v, const struct hws_client *c)
{
    struct hws_snapshot snapshot;
    char url[512];
    int status = 0;
    char *room = (char *)hwi_buf_reserve(&v->out, CLIENT_SIZE, &status);
    if (!room)
        return status;
    struct hwi_json j = {.text = room, .size = CLIENT_SIZE};
    hwi_secret_mask(url, sizeof(url), hws_client_get_url(c));
    hws_client_snapshot(c, &snapshot);
    hwi_json_put(&j, "{");
    hwi_json_count(&j, "id", c->number);
    hwi_json_text(&j, "state", hws_client_state_name(c->state));
    hwi_json_bool(&j, "paused", c->paused);
    hwi_json_text(&j, "url", url);
    /* The snapshot's members follow in the same object. */
    size_t used = j.used;
    int size = hws_snapshot_json(&snapshot, room + used, CLIENT_SIZE - used);
    if (size < 0)
        return size;
    room[used] = ',';
    hwi_buf_wrote(&v->out, used + (size_t)size);
    return hwi_buf_text(&v->out, "\n");
}

static struct hws_client *client_at(struct hwi_list *link)
{
    return hwi_container(link, struct hws_client, in_loop);
}

static int look(struct viewer *v)
{
    struct hwi_list *all = &v->control->commons->clients;
    unsigned count = 0;
    for (struct hwi_list *at = all->next; at != all; at = at->next)
        count++;
    int status = hwi_buf_format(
        &v->out, "{\"hawser\":\"%s\",\"pid\":%ld,\"connections\":%u}\n",
        hws_version(), (long)getpid(), count);
    for (struct hwi_list *at = all->next; at != all && status == 0;
         at = at->next)
        status = put_client(v, client_at(at));
    return status;
}

static int refuse(struct viewer *v, const char *what)
{
    char text[LINE_MAX_SIZE * 3];
    struct hwi_json j = {.text = text, .size = sizeof(text)};
    hwi_json_put(&j, "{");
    hwi_json_text(&j, "error", what);
    hwi_json_close(&j);
    hwi_json_put(&j, "\n");
    return hwi_buf_text(&v->out, text);
}

/* ---- words */

static void do_ping(struct hws_client *c)
{
    hws_client_ping(c, hws_span_text(PING));
}
static void do_reconnect(struct hws_client *c)
{
    hws_client_reconnect(c);
}

static const struct {
    const char *name;
    void (*act)(struct hws_client *client);
} words[] = {
    {"ping", do_ping},
    {"pause", hws_client_pause},
    {"resume", hws_client_resume},
    {"reconnect", do_reconnect},
};

static struct hws_client *find(struct viewer *v, const char *number)
{
    struct hwi_list *all = &v->control->commons->clients;
    char *end;
    unsigned long long wanted = strtoull(number, &end, 10);
    if (end == number || *end != '\0')
        return NULL;
    for (struct hwi_list *at = all->next; at != all; at = at->next)
        if (client_at(at)->number == wanted)
            return client_at(at);
    return NULL;
}

static int obey(struct viewer *v, char *line)
{
    char why[LINE_MAX_SIZE + 80];
    if (strcmp(line, "look") == 0)
        return look(v);
    char *number = strchr(line, ' ');
    size_t size = number ? (size_t)(number - line) : strlen(line);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].name) != size ||
            memcmp(words[i].name, line, size) != 0)
            continue;
        struct hws_client *client = number ? find(v, number + 1) : NULL;
        if (!client) {
            snprintf(why, sizeof(why), "'%s': there is no such connection",
                     line);
            return refuse(v, why);
        }
        words[i].act(client);
        return hwi_buf_format(&v->out, "{\"done\":\"%s\"}\n", words[i].name);
    }
    snprintf(why, sizeof(why),
             "'%s': the words are look, ping ID, pause ID, resume ID and "
             "reconnect ID",
             line);
    return refuse(v, why);
}

/* ---- bytes */

/* The next whole line of what came. */
static int obey_next(struct viewer *v, bool *found)
{
    char *end = memchr(v->line, '\n', v->size);
    *found = end != NULL;
    if (!end && v->size < sizeof(v->line))
        return 0;
    if (!end) {
        v->is_last = true;
        v->size = 0;
        return refuse(v, "a line of more than 127 bytes");
    }
    char line[LINE_MAX_SIZE];
    size_t size = (size_t)(end - v->line);
    memcpy(line, v->line, size);
    line[size > 0 && line[size - 1] == '\r' ? size - 1 : size] = '\0';
    v->size -= size + 1;
    memmove(v->line, end + 1, v->size);
    return obey(v, line);
}

/* 0 while it stays. */
static int write_out(struct viewer *v)
{
    while (hwi_buf_size(&v->out) > 0) {
        struct hws_span rest = hwi_buf_span(&v->out);
        ptrdiff_t put = hws_link_write(v->link, rest.data, rest.size);
        if (put == HWS_E_AGAIN)
            return 0;
        if (put < 0)
            return (int)put;
        hwi_buf_take(&v->out, (size_t)put);
    }
    hwi_buf_trim(&v->out);
    return v->is_last ? HWS_E_EOF : 0;
}

static int read_in(struct viewer *v)
{
    ptrdiff_t got = hws_link_read(v->link, (uint8_t *)v->line + v->size,
                                  sizeof(v->line) - v->size);
    if (got == HWS_E_AGAIN)
        return 0;
    if (got < 0)
        return (int)got;
    v->size += (size_t)got;
    return 0;
}

static int serve(struct viewer *v, unsigned ready)
{
    bool found = true;
    int status = 0;
    if (ready & HWS_READ && hwi_buf_size(&v->out) == 0)
        status = read_in(v);
    if (status == 0)
        status = write_out(v);
    while (status == 0 && found && hwi_buf_size(&v->out) == 0) {
        status = obey_next(v, &found);
        if (status == 0)
            status = write_out(v);
    }
    if (status)
        return status;
    unsigned interest = hwi_buf_size(&v->out) ? HWS_WRITE : HWS_READ;
    return interest == v->watch.interest
               ? 0
               : hws_loop_watch(v->control->loop, &v->watch, v->watch.fd,
                                interest);
}

static void viewer_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct viewer *v = hwi_container(watch, struct viewer, watch);
    struct hws_commons *commons = v->control->commons;
    hwi_commons_enter(commons);
    commons->now = now;
    if (serve(v, ready) != 0)
        viewer_free(v);
    hwi_commons_leave(commons, now);
}

void hwi_viewer_new(struct hws_control *control, struct hws_link *link)
{
    struct hws_want wants[HWS_WANTS_MAX];
    struct viewer *v = hwi_alloc_zero(sizeof(*v));
    if (!v) {
        hws_link_free(link);
        return;
    }
    v->control = control;
    v->link = link;
    v->watch.ready = viewer_ready;
    v->watch.background = true;
    hwi_buf_init(&v->out, ANSWER_MAX);
    hwi_list_init(&v->link_of);
    hwi_list_push(&control->viewers, &v->link_of);
    control->viewer_count++;
    if (hws_link_wants(link, wants) != 1 ||
        hws_loop_watch(control->loop, &v->watch, wants[0].fd, HWS_READ) != 0)
        viewer_free(v);
}

void hwi_viewers_free(struct hws_control *control)
{
    while (!hwi_list_empty(&control->viewers))
        viewer_free(
            hwi_container(control->viewers.next, struct viewer, link_of));
}
