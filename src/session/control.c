/*
 * The door: a listening socket that only its owner may open.
 */
#include "session/control.h"

#include "base/mem.h"
#include "base/status.h"
#include "link/link.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define VIEWERS_MAX 8
#define BACKLOG 8

static void control_ready(struct hws_watch *watch, unsigned ready, hws_time now)
{
    struct hws_control *control =
        hwi_container(watch, struct hws_control, watch);
    struct hws_link *link;
    (void)ready;
    (void)now;
    while (hws_listener_accept(control->listener, &link) == 0) {
        bool is_welcome = control->viewer_count < VIEWERS_MAX &&
                          hwi_link_is_of_own_user(link);
        if (is_welcome)
            hwi_viewer_new(control, link);
        else
            hws_link_free(link);
    }
}

/* ---- the place of the socket */

static bool is_socket(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

/* Whether a program listens there; when not, errno says why. */
static bool is_alive(struct hws_loop *loop, const char *path)
{
    struct hws_link *link = hws_unix_new(path);
    hws_time now = hws_loop_clock(loop, HWS_CLOCK_MONOTONIC);
    int status = link ? hws_link_open(link, now) : HWS_E_MEMORY;
    bool is_refused = link && link->fault.os_error == ECONNREFUSED;
    hws_link_free(link);
    return status == 0 || !is_refused;
}

/* Remove what a program left that is gone. False, with `fault`: nothing is to
 * be removed. */
static bool clear(struct hws_loop *loop, const char *path,
                  struct hws_fault *fault)
{
    if (fault->os_error != EADDRINUSE)
        return false;
    if (!is_socket(path)) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_STATE,
                      "cannot open '%s': it exists and is no socket", path);
        return false;
    }
    if (is_alive(loop, path)) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_STATE,
                      "cannot open '%s': a program listens there", path);
        return false;
    }
    return unlink(path) == 0;
}

static struct hws_listener *listen_at(struct hws_loop *loop, const char *path,
                                      struct hws_fault *fault)
{
    struct hws_fault first = {0};
    struct hws_listener *l = hws_listener_new(path, 0, BACKLOG, &first);
    if (!l && clear(loop, path, &first)) {
        first = (struct hws_fault){0};
        l = hws_listener_new(path, 0, BACKLOG, &first);
    }
    if (l && chmod(path, S_IRUSR | S_IWUSR) != 0) {
        hwi_fault_os(&first, HWS_PHASE_LOCAL, errno, "cannot protect '%s'",
                     path);
        hws_listener_free(l);
        l = NULL;
    }
    if (!l && fault)
        *fault = first;
    return l;
}

/* ---- its life */

static bool open_door(struct hws_control *c, const char *path,
                      struct hws_fault *fault)
{
    c->listener = listen_at(c->loop, path, fault);
    if (!c->listener)
        return false;
    int status = hws_loop_watch(c->loop, &c->watch,
                                hws_listener_fd(c->listener), HWS_READ);
    if (status)
        hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                      "cannot watch the control socket '%s': %s", path,
                      hws_status_name(status));
    return status == 0;
}

struct hws_control *hws_control_new(struct hws_loop *loop, const char *path,
                                    struct hws_fault *fault)
{
    if (path[0] != '/') {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                      "control socket '%s': the path is not absolute", path);
        return NULL;
    }
    struct hws_commons *commons = hwi_commons_of(loop, fault);
    if (!commons)
        return NULL;
    struct hws_control *c = hwi_alloc_zero(sizeof(*c));
    if (!c) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a control socket");
        return NULL;
    }
    c->loop = loop;
    c->commons = commons;
    hwi_list_init(&c->viewers);
    c->watch.ready = control_ready;
    c->watch.background = true;
    if (open_door(c, path, fault))
        return c;
    hws_control_free(c);
    return NULL;
}

void hws_control_free(struct hws_control *c)
{
    if (!c)
        return;
    hwi_viewers_free(c);
    if (c->watch.interest)
        hws_loop_watch(c->loop, &c->watch, c->watch.fd, 0);
    hws_listener_free(c->listener);
    hwi_free(c);
}
