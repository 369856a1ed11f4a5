/*
 * Unix socket names as the kernel takes them; '@' begins an abstract one.
 */
#ifndef HWI_UNIX_H
#define HWI_UNIX_H

#include "hawser/types.h"

#include <sys/socket.h>
#include <sys/un.h>

/* False: empty, or longer than the kernel's field. */
bool hwi_unix_address(const char *path, struct sockaddr_un *un,
                      socklen_t *size);

#endif
