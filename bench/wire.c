#include "wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int wire_listen(uint16_t *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address, size) != 0 ||
        listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int wire_connect(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

int wire_write(const struct wire *wire, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size) {
        ssize_t n = wire->tls
                        ? SSL_write(wire->tls, at,
                                    size > INT32_MAX ? INT32_MAX : (int)size)
                        : send(wire->fd, at, size, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

ssize_t wire_read(const struct wire *wire, void *bytes, size_t size)
{
    if (wire->tls)
        return SSL_read(wire->tls, bytes, (int)size);
    return recv(wire->fd, bytes, size, 0);
}

/* Byte by byte, so that nothing behind the head is taken. */
static int read_head(const struct wire *wire, char *head, size_t room)
{
    size_t used = 0;
    while (used + 1 < room) {
        if (wire_read(wire, head + used, 1) != 1)
            return -1;
        head[++used] = '\0';
        if (used >= 4 && memcmp(head + used - 4, "\r\n\r\n", 4) == 0)
            return 0;
    }
    return -1;
}

int wire_upgrade_client(const struct wire *wire)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    char head[2048];
    if (wire_write(wire, request, sizeof(request) - 1) != 0 ||
        read_head(wire, head, sizeof(head)) != 0)
        return -1;
    return strncmp(head, "HTTP/1.1 101 ", 13) == 0 ? 0 : -1;
}

void wire_accept_key(const char *key, size_t size, char *accept)
{
    uint8_t joined[128];
    uint8_t digest[SHA_DIGEST_LENGTH];
    if (size > sizeof(joined) - sizeof(GUID))
        size = 0;
    memcpy(joined, key, size);
    memcpy(joined + size, GUID, sizeof(GUID) - 1);
    SHA1(joined, size + sizeof(GUID) - 1, digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
}

int wire_upgrade_server(const struct wire *wire)
{
    static const char name[] = "sec-websocket-key:";
    char head[4096];
    char accept[32] = "";
    char answer[256];
    if (read_head(wire, head, sizeof(head)) != 0)
        return -1;
    for (const char *line = head; (line = strstr(line, "\r\n")); line++) {
        if (strncasecmp(line + 2, name, sizeof(name) - 1) != 0)
            continue;
        const char *key = line + 2 + sizeof(name) - 1;
        key += strspn(key, " ");
        wire_accept_key(key, strcspn(key, " \r"), accept);
    }
    int size = snprintf(answer, sizeof(answer),
                        "HTTP/1.1 101 Switching Protocols\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
    return wire_write(wire, answer, (size_t)size);
}

/* ---- frames ---- */

size_t wire_header(uint8_t *out, size_t size, bool masked)
{
    size_t used = 2;
    out[0] = 0x81;
    if (size < 126) {
        out[1] = (uint8_t)size;
    } else if (size < 65536) {
        out[1] = 126;
        out[2] = (uint8_t)(size >> 8);
        out[3] = (uint8_t)size;
        used = 4;
    } else {
        out[1] = 127;
        for (int i = 0; i < 8; i++)
            out[2 + i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
        used = 10;
    }
    if (!masked)
        return used;
    out[1] |= 0x80;
    memset(out + used, 0, 4);
    return used + 4;
}

size_t wire_frame_size(size_t size, bool masked)
{
    uint8_t header[14];
    return wire_header(header, size, masked) + size;
}

size_t wire_frames(uint8_t *out, size_t room, size_t size, bool masked)
{
    static const char text[] = "{\"e\":\"trade\",\"price\":\"64123.45\"} ";
    size_t used = 0;
    while (wire_frame_size(size, masked) <= room - used) {
        used += wire_header(out + used, size, masked);
        for (size_t i = 0; i < size; i++)
            out[used++] = (uint8_t)text[i % (sizeof(text) - 1)];
    }
    return used;
}

/* ---- stepping over frames ---- */

/* The header's size, or 0 while too little of it is there. */
static size_t parse_header(const uint8_t *p, size_t size, uint64_t *payload)
{
    if (size < 2)
        return 0;
    *payload = p[1] & 0x7f;
    if (*payload < 126)
        return 2;
    size_t whole = *payload == 126 ? 4 : 10;
    if (size < whole)
        return 0;
    *payload = 0;
    for (size_t i = 2; i < whole; i++)
        *payload = *payload << 8 | p[i];
    return whole;
}

/* A header that lies across two pieces: fill it up byte by byte. Returns how
 * many bytes of this piece were used. */
static size_t finish_header(struct walker *w, const uint8_t *bytes, size_t size)
{
    size_t used = 0;
    while (used < size) {
        w->header[w->have++] = bytes[used++];
        if (parse_header(w->header, w->have, &w->left)) {
            w->have = 0;
            break;
        }
    }
    return used;
}

uint64_t walker_step(struct walker *walker, const uint8_t *bytes, size_t size)
{
    uint64_t frames = 0;
    size_t at = walker->have ? finish_header(walker, bytes, size) : 0;
    while (!walker->have) {
        if (walker->left) {
            if (walker->left > size - at) {
                walker->left -= size - at;
                return frames;
            }
            at += (size_t)walker->left;
            walker->left = 0;
            frames++;
        }
        size_t header = parse_header(bytes + at, size - at, &walker->left);
        if (header == 0) {
            walker->left = 0;
            walker->have = size - at;
            memcpy(walker->header, bytes + at, walker->have);
            return frames;
        }
        at += header;
    }
    return frames;
}
