/*
 * --control SOCKET: a door for `hawser top --attach`.
 */
#ifndef CLI_CONTROL_H
#define CLI_CONTROL_H

#include "hawser/control.h"

/* Nothing is opened for a `path` of NULL. OPTIONS_GOOD, or an exit code after
 * a complaint. */
int control_begin(struct hws_control **control, const char *path,
                  const char *command, struct hws_loop *loop);

#endif
