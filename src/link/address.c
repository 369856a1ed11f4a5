#include "link/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static bool parse_v4(struct hwi_address *a, const char *text, uint16_t port)
{
    memset(a, 0, sizeof(*a));
    if (inet_pton(AF_INET, text, &a->v4.sin_addr) != 1)
        return false;
    a->v4.sin_family = AF_INET;
    a->v4.sin_port = htons(port);
    a->size = sizeof(a->v4);
    return true;
}

static bool parse_v6(struct hwi_address *a, const char *text, uint16_t port)
{
    char plain[INET6_ADDRSTRLEN];
    const char *scope = strchr(text, '%');
    size_t length = scope ? (size_t)(scope - text) : strlen(text);
    if (length >= sizeof(plain))
        return false;
    memcpy(plain, text, length);
    plain[length] = '\0';

    memset(a, 0, sizeof(*a));
    if (inet_pton(AF_INET6, plain, &a->v6.sin6_addr) != 1)
        return false;
    a->v6.sin6_family = AF_INET6;
    a->v6.sin6_port = htons(port);
    a->size = sizeof(a->v6);
    if (!scope)
        return true;
    a->v6.sin6_scope_id = if_nametoindex(scope + 1);
    return a->v6.sin6_scope_id != 0;
}

bool hwi_address_parse(struct hwi_address *a, const char *text, uint16_t port)
{
    return parse_v4(a, text, port) || parse_v6(a, text, port);
}

bool hwi_address_copy(struct hwi_address *a, const struct sockaddr *from)
{
    memset(a, 0, sizeof(*a));
    if (from->sa_family == AF_INET)
        a->size = sizeof(a->v4);
    else if (from->sa_family == AF_INET6)
        a->size = sizeof(a->v6);
    else
        return false;
    memcpy(a, from, a->size);
    return true;
}

const uint8_t *hwi_address_bytes(const struct hwi_address *a, size_t *size)
{
    bool v4 = hwi_address_family(a) == AF_INET;
    *size = v4 ? sizeof(a->v4.sin_addr) : sizeof(a->v6.sin6_addr);
    return v4 ? (const uint8_t *)&a->v4.sin_addr
              : (const uint8_t *)&a->v6.sin6_addr;
}

uint16_t hwi_address_port(const struct hwi_address *a)
{
    return ntohs(hwi_address_family(a) == AF_INET ? a->v4.sin_port
                                                  : a->v6.sin6_port);
}

void hwi_address_set_port(struct hwi_address *a, uint16_t port)
{
    if (hwi_address_family(a) == AF_INET)
        a->v4.sin_port = htons(port);
    else
        a->v6.sin6_port = htons(port);
}

static void text_of_ip(const struct hwi_address *a, char *text)
{
    char plain[INET6_ADDRSTRLEN] = "";
    unsigned port = hwi_address_port(a);
    if (hwi_address_family(a) == AF_INET) {
        inet_ntop(AF_INET, &a->v4.sin_addr, plain, sizeof(plain));
        snprintf(text, HWI_ADDRESS_TEXT, "%s:%u", plain, port);
    } else {
        inet_ntop(AF_INET6, &a->v6.sin6_addr, plain, sizeof(plain));
        snprintf(text, HWI_ADDRESS_TEXT, "[%s]:%u", plain, port);
    }
}

/* An abstract name begins with NUL and is not terminated. */
static void text_of_unix(const struct sockaddr *any, socklen_t size, char *text)
{
    struct sockaddr_un un = {0};
    if (size > sizeof(un))
        size = sizeof(un);
    memcpy(&un, any, size);
    size_t head = offsetof(struct sockaddr_un, sun_path);
    size_t length = size > head ? size - head : 0;
    if (length == 0) {
        snprintf(text, HWI_ADDRESS_TEXT, "unix");
        return;
    }
    if (un.sun_path[0] == '\0')
        un.sun_path[0] = '@';
    snprintf(text, HWI_ADDRESS_TEXT, "%.*s", (int)length, un.sun_path);
}

void hwi_address_text(const struct sockaddr *any, socklen_t size,
                      char text[HWI_ADDRESS_TEXT])
{
    struct hwi_address a;
    text[0] = '\0';
    if (any->sa_family == AF_UNIX)
        text_of_unix(any, size, text);
    else if (hwi_address_copy(&a, any))
        text_of_ip(&a, text);
}
