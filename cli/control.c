#include "control.h"

#include "command.h"
#include "options.h"

#include <stdio.h>

int control_begin(struct hws_control **control, const char *path,
                  const char *command, struct hws_loop *loop)
{
    struct hws_fault fault = {0};
    *control = NULL;
    if (!path)
        return OPTIONS_GOOD;
    *control = hws_control_new(loop, path, &fault);
    if (*control)
        return OPTIONS_GOOD;
    fprintf(stderr, "hawser %s: %s\n", command, fault.text);
    return COMMAND_LOCAL;
}
