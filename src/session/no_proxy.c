#include "session/no_proxy.h"

#include "base/host.h"
#include "base/span.h"
#include "base/status.h"
#include "link/address.h"

#include <stdio.h>

/* An address of either kind; ::ffff:a.b.c.d is IPv4. */
struct address {
    uint8_t bytes[16];
    bool v4; /* the last four count */
};

enum kind { ENTRY_ALL, ENTRY_NAME, ENTRY_BLOCK };

struct entry {
    enum kind kind;
    struct hws_span name;
    struct address address;
    unsigned bits; /* of `bytes` that count */
    uint16_t port; /* 0: all */
};

static bool read_address(struct hws_span text, struct address *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char copy[64];
    struct hwi_address a;
    size_t size;
    if (text.size == 0 || text.size >= sizeof(copy))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (!hwi_address_parse(&a, copy, 0))
        return false;
    const uint8_t *from = hwi_address_bytes(&a, &size);
    memcpy(address->bytes, mapped, sizeof(mapped));
    memcpy(address->bytes + 16 - size, from, size);
    address->v4 = memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
    return true;
}

/* The next entry, parted by commas or spaces. */
static bool next_entry(struct hws_span *list, struct hws_span *text)
{
    size_t begin = 0;
    while (begin < list->size && strchr(", \t\r\n", list->data[begin]))
        begin++;
    size_t end = begin;
    while (end < list->size && !strchr(", \t\r\n", list->data[end]))
        end++;
    *text = hwi_span_part(*list, begin, end - begin);
    *list = hwi_span_part(*list, end, list->size);
    return text->size > 0;
}

/* Take ":port" off the end; in brackets or with a single colon only, for
 * IPv6 has colons of its own. */
static bool take_port(struct hws_span *text, uint16_t *port)
{
    uint64_t number = 0;
    bool bracket = text->data[0] == '[';
    size_t end = hwi_span_find(*text, bracket ? ']' : ':');
    struct hws_span rest = hwi_span_part(*text, end + bracket, SIZE_MAX);
    if (bracket && end == text->size)
        return false;
    if (!bracket &&
        hwi_span_find(hwi_span_part(rest, 1, SIZE_MAX), ':') + 1 < rest.size)
        return true;
    *text = hwi_span_part(*text, bracket, end - bracket);
    if (rest.size == 0)
        return true;
    if (rest.data[0] != ':' ||
        !hwi_span_number(hwi_span_part(rest, 1, SIZE_MAX), 65535, &number))
        return false;
    *port = (uint16_t)number;
    return number > 0;
}

static bool read_block(struct entry *e, struct hws_span text, size_t slash)
{
    struct hws_span base = hwi_span_part(text, 0, slash);
    bool dotted = hwi_span_find(base, ':') == base.size;
    unsigned extra = dotted ? 96 : 0;
    uint64_t bits;
    if (!read_address(base, &e->address) ||
        !hwi_span_number(hwi_span_part(text, slash + 1, SIZE_MAX), 128 - extra,
                         &bits))
        return false;
    e->kind = ENTRY_BLOCK;
    e->bits = (unsigned)bits + extra;
    e->address.v4 = e->address.v4 && e->bits >= 96;
    return true;
}

/* ".example.com" and "*.example.com" say the same as "example.com". */
static bool read_name(struct entry *e, struct hws_span text)
{
    if (text.size > 2 && text.data[0] == '*' && text.data[1] == '.')
        text = hwi_span_part(text, 1, SIZE_MAX);
    if (text.size > 1 && text.data[0] == '.')
        text = hwi_span_part(text, 1, SIZE_MAX);
    if (text.size > 1 && text.data[text.size - 1] == '.')
        text.size--;
    e->kind = ENTRY_NAME;
    e->name = text;
    return text.size && text.data[0] != '.' && !hwi_host_refuse_name(text);
}

static bool read_entry(struct entry *e, struct hws_span text)
{
    *e = (struct entry){.kind = ENTRY_ALL};
    size_t slash = hwi_span_find(text, '/');
    if (slash < text.size)
        return read_block(e, text, slash);
    if (!take_port(&text, &e->port) || text.size == 0)
        return false;
    if (hwi_span_is(text, "*"))
        return true;
    if (!read_address(text, &e->address))
        return read_name(e, text);
    e->kind = ENTRY_BLOCK;
    e->bits = 128;
    return true;
}

int hwi_no_proxy_check(const char *list, const char *whose,
                       struct hws_fault *fault)
{
    struct hws_span rest = hws_span_text(list), text;
    struct entry e;
    while (next_entry(&rest, &text)) {
        if (!read_entry(&e, text))
            return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                                 "%s: '%.*s' is not a name, an address or a "
                                 "block of addresses such as 10.0.0.0/8",
                                 whose, text.size < 64 ? (int)text.size : 64,
                                 (const char *)text.data);
    }
    return 0;
}

static bool is_within(const struct address *a, const struct entry *e)
{
    const uint8_t *x = a->bytes, *y = e->address.bytes;
    unsigned bytes = e->bits / 8, rest = e->bits % 8;
    if (a->v4 != e->address.v4 || memcmp(x, y, bytes) != 0)
        return false;
    return rest == 0 || ((x[bytes] ^ y[bytes]) >> (8 - rest)) == 0;
}

/* The host itself, or what is below it: the part before is empty or ends with
 * a dot. */
static bool is_below(struct hws_span host, struct hws_span name)
{
    if (host.size < name.size)
        return false;
    size_t before = host.size - name.size;
    return hwi_span_equal_nocase(hwi_span_part(host, before, SIZE_MAX), name) &&
           (before == 0 || host.data[before - 1] == '.');
}

struct target {
    struct hws_span host; /* without the dot of a rooted name */
    uint16_t port;
    struct address address;
    bool is_address;
};

static struct target read_target(const char *host, uint16_t port)
{
    struct target t = {.host = hws_span_text(host), .port = port};
    t.is_address = read_address(t.host, &t.address);
    if (t.host.size > 1 && t.host.data[t.host.size - 1] == '.')
        t.host.size--;
    return t;
}

static bool fits(const struct entry *e, const struct target *t)
{
    if (e->port && e->port != t->port)
        return false;
    switch (e->kind) {
    case ENTRY_NAME:
        return !t->is_address && is_below(t->host, e->name);
    case ENTRY_BLOCK:
        return t->is_address && is_within(&t->address, e);
    case ENTRY_ALL:
        break;
    }
    return true;
}

bool hwi_no_proxy_has(const char *list, const char *host, uint16_t port)
{
    struct hws_span rest = hws_span_text(list), text;
    const struct target t = read_target(host, port);
    struct entry e;
    while (next_entry(&rest, &text)) {
        if (read_entry(&e, text) && fits(&e, &t))
            return true;
    }
    return false;
}

bool hwi_no_proxy_is_local(const char *host)
{
    return hwi_no_proxy_has("localhost,127.0.0.0/8,::1", host, 0);
}
