#include "output.h"

#include "memory.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Above this a flush comes before the end of the wake-up. */
#define FLUSH_SIZE ((size_t)256 * 1024)

void output_init(struct output *out, int fd)
{
    const char *no_colour = getenv("NO_COLOR");
    *out = (struct output){.fd = fd};
    out->terminal = isatty(fd) == 1;
    out->colour = out->terminal && !(no_colour && *no_colour);
}

void output_release(struct output *out)
{
    output_flush(out);
    memory_free(out->data);
    out->data = NULL;
    out->capacity = 0;
}

/* The descriptor may be shared with somebody who made it non-blocking. */
static bool wait_writable(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

bool output_takes(const struct output *out)
{
    struct pollfd p = {.fd = out->fd, .events = POLLOUT};
    return out->size == 0 || poll(&p, 1, 0) != 0;
}

bool output_flush(struct output *out)
{
    size_t done = 0;
    while (done < out->size && !out->error) {
        ssize_t n = write(out->fd, out->data + done, out->size - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno == EAGAIN && wait_writable(out->fd))
            continue;
        else if (errno != EINTR)
            out->error = errno;
    }
    out->size = 0;
    return out->error == 0;
}

static char *output_reserve(struct output *out, size_t size)
{
    if (out->size >= FLUSH_SIZE)
        output_flush(out);
    if (size > out->capacity - out->size) {
        size_t wanted = out->capacity ? out->capacity : 4096;
        while (wanted - out->size < size)
            wanted *= 2;
        out->data = memory_resize(out->data, wanted);
        out->capacity = wanted;
    }
    return out->data + out->size;
}

void output_bytes(struct output *out, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy(output_reserve(out, size), bytes, size);
    out->size += size;
}

void output_text(struct output *out, const char *text)
{
    output_bytes(out, text, strlen(text));
}

void output_format(struct output *out, const char *format, ...)
{
    char line[1024];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (size > 0 && (size_t)size >= sizeof line)
        size = (int)sizeof line - 1;
    if (size > 0)
        output_bytes(out, line, (size_t)size);
}

/* Bytes of the character that `lead` begins, and the bits it contributes;
 * 0 for a byte that begins none. */
static size_t lead_size(uint8_t lead, long *bits)
{
    static const struct {
        uint8_t mask, value;
    } forms[] = {{0x80, 0}, {0xe0, 0xc0}, {0xf0, 0xe0}, {0xf8, 0xf0}};
    for (size_t i = 0; i < 4; i++) {
        if ((lead & forms[i].mask) == forms[i].value) {
            *bits = lead & ~forms[i].mask & 0xff;
            return i + 1;
        }
    }
    return 0;
}

long output_next_point(struct hws_span *text)
{
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    long point = text->data[0];
    if (point < 0x80) {
        text->data++;
        text->size--;
        return point;
    }
    size_t size = lead_size(text->data[0], &point);
    bool good = size > 0 && size <= text->size;
    for (size_t i = 1; good && i < size; i++) {
        good = (text->data[i] & 0xc0) == 0x80;
        point = (point << 6) | (text->data[i] & 0x3f);
    }
    good = good && point >= least[size] && point <= 0x10ffff &&
           !(point >= 0xd800 && point <= 0xdfff);
    size = good ? size : 1;
    text->data += size;
    text->size -= size;
    return good ? point : -1;
}

bool output_is_hostile(long point)
{
    /* Controls; direction and line marks; interlinear and tag characters. */
    static const struct {
        long first, last;
    } ranges[] = {
        {-1, 0x1f},       {0x7f, 0x9f},     {0x61c, 0x61c},
        {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };
    if (point >= 0x20 && point < 0x7f)
        return false;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

static void escape_point(struct output *out, long point, uint8_t byte)
{
    if (point == '\n')
        output_text(out, "\\n");
    else if (point == '\r')
        output_text(out, "\\r");
    else if (point < 0x80)
        output_format(out, "\\x%02x", byte);
    else if (point < 0x10000)
        output_format(out, "\\u%04lx", (unsigned long)point);
    else
        output_format(out, "\\U%08lx", (unsigned long)point);
}

void output_escaped(struct output *out, struct hws_span text)
{
    const uint8_t *plain = text.data; /* begin of what needs no escape */
    while (text.size > 0) {
        const uint8_t *at = text.data;
        long point = output_next_point(&text);
        if (point == '\t' || !output_is_hostile(point))
            continue;
        output_bytes(out, plain, (size_t)(at - plain));
        escape_point(out, point, *at);
        plain = text.data;
    }
    if (plain)
        output_bytes(out, plain, (size_t)(text.data - plain));
}

void output_colour(struct output *out, const char *sgr)
{
    if (out->colour)
        output_format(out, "\x1b[%sm", sgr);
}

void output_plain(struct output *out)
{
    if (out->colour)
        output_text(out, "\x1b[0m");
}
