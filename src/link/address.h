/*
 * One address to connect to or to show: IPv4 or IPv6 with its port, as the
 * kernel takes it. Knows text and bytes, no socket and no DNS.
 */
#ifndef HWI_ADDRESS_H
#define HWI_ADDRESS_H

#include "hawser/types.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct hwi_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    };
    socklen_t size;
};

/* Room for "[v6 with scope]:port" as hws_fault.peer has it. */
#define HWI_ADDRESS_TEXT 64

/* Parse an IP literal without brackets, scope ("fe80::1%eth0") allowed. */
bool hwi_address_parse(struct hwi_address *a, const char *text, uint16_t port);
/* Copy what the kernel or the resolver gave. False: neither IPv4 nor IPv6. */
bool hwi_address_copy(struct hwi_address *a, const struct sockaddr *from);
static inline int hwi_address_family(const struct hwi_address *a)
{
    return a->any.sa_family;
}
/* The address alone, as the network has it: 4 or 16 bytes. Lends: from `a`. */
const uint8_t *hwi_address_bytes(const struct hwi_address *a, size_t *size);
uint16_t hwi_address_port(const struct hwi_address *a);
void hwi_address_set_port(struct hwi_address *a, uint16_t port);
/* "1.2.3.4:443", "[::1]:443", a Unix path ("@name" when abstract), or "". */
void hwi_address_text(const struct sockaddr *any, socklen_t size,
                      char text[HWI_ADDRESS_TEXT]);

#endif
