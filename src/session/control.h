/*
 * What the door (control.c) and those who came in (control_viewer.c) share.
 */
#ifndef HWI_CONTROL_H
#define HWI_CONTROL_H

#include "base/list.h"
#include "hawser/control.h"
#include "session/commons.h"

struct hws_control {
    struct hws_loop *loop;
    struct hws_commons *commons;
    struct hws_listener *listener;
    struct hws_watch watch;
    struct hwi_list viewers;
    unsigned viewer_count;
};

/* Takes `link`, also on failure: then it is closed. */
void hwi_viewer_new(struct hws_control *control, struct hws_link *link);
/* Every viewer of `control` goes. */
void hwi_viewers_free(struct hws_control *control);

#endif
