#include "words.h"

#include "zpeer.h"

#include <ctype.h>
#include <stdlib.h>

void paper_free(struct paper *p)
{
    free(p->bytes);
    *p = (struct paper){0};
}

void paper_clear(struct paper *p)
{
    p->size = 0;
    if (p->bytes)
        p->bytes[0] = 0;
}

static void make_room(struct paper *p, size_t size)
{
    if (p->size + size + 1 <= p->room)
        return;
    p->room = 2 * (p->size + size + 1);
    p->bytes = realloc(p->bytes, p->room);
    assert_non_null(p->bytes);
}

void paper_add(struct paper *p, const void *bytes, size_t size)
{
    make_room(p, size);
    if (size)
        memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
    p->bytes[p->size] = 0;
}

void paper_print(struct paper *p, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    assert_in_range(size, 0, sizeof(line) - 1);
    paper_add(p, line, (size_t)size);
}

/* A payload of one repeated character is written as it is in scripts:
 * 'a'*1000. How many bytes it has, or `size`. */
static size_t period_of(const uint8_t *bytes, size_t size)
{
    for (size_t period = 1; period <= 4; period++) {
        if (size > 20 * period && size % period == 0 &&
            memcmp(bytes, bytes + period, size - period) == 0)
            return period;
    }
    return size;
}

void paper_quote(struct paper *p, const uint8_t *bytes, size_t size)
{
    size_t period = period_of(bytes, size);
    paper_print(p, "'");
    for (size_t i = 0; i < period; i++) {
        uint8_t c = bytes[i];
        if (c == '\'' || c == '\\')
            paper_print(p, "\\%c", c);
        else if (c < 0x20 || c > 0x7e)
            paper_print(p, "\\x%02x", c);
        else
            paper_add(p, &c, 1);
    }
    paper_print(p, "'");
    if (period < size)
        paper_print(p, "*%zu", size / period);
}

static void skip_blanks(const char **text)
{
    while (**text == ' ')
        ++*text;
}

bool word_next(const char **text, char *word, size_t room)
{
    size_t size = 0;
    skip_blanks(text);
    while (**text && **text != ' ' && **text != '\'') {
        assert_true(size + 1 < room);
        word[size++] = *(*text)++;
    }
    word[size] = 0;
    return size > 0;
}

bool word_is(const char **text, const char *word)
{
    char next[64];
    const char *at = *text;
    if (!word_next(&at, next, sizeof(next)) || strcmp(next, word) != 0)
        return false;
    *text = at;
    return true;
}

static unsigned hex_byte(const char *text)
{
    char digits[3] = {text[0], text[0] ? text[1] : (char)0, 0};
    char *end;
    unsigned long value = strtoul(digits, &end, 16);
    assert_true(end == digits + 2);
    return (unsigned)value;
}

/* One character of a quoted text, escapes resolved. */
static uint8_t quoted_byte(const char **text)
{
    uint8_t c = (uint8_t) * (*text)++;
    if (c != '\\')
        return c;
    c = (uint8_t) * (*text)++;
    if (c != 'x')
        return c;
    c = (uint8_t)hex_byte(*text);
    *text += 2;
    return c;
}

static void add_repeated(struct paper *out, const struct paper *once,
                         unsigned long times)
{
    make_room(out, once->size * times);
    if (once->size == 1) {
        memset(out->bytes + out->size, once->bytes[0], times);
        out->size += times;
        out->bytes[out->size] = 0;
        return;
    }
    for (unsigned long i = 0; i < times; i++)
        paper_add(out, once->bytes, once->size);
}

static void read_quoted(const char **text, struct paper *out)
{
    struct paper once = {0};
    ++*text;
    while (**text && **text != '\'') {
        uint8_t c = quoted_byte(text);
        paper_add(&once, &c, 1);
    }
    assert_int_equal(**text, '\'');
    ++*text;
    unsigned long times = 1;
    if (**text == '*')
        times = strtoul(*text + 1, (char **)text, 10);
    add_repeated(out, &once, times);
    paper_free(&once);
}

void words_payload(const char **text, struct paper *out)
{
    skip_blanks(text);
    while (**text == '\'') {
        read_quoted(text, out);
        skip_blanks(text);
    }
}

static void add_byte(struct paper *p, unsigned byte)
{
    uint8_t b = (uint8_t)byte;
    paper_add(p, &b, 1);
}

static void add_length(struct paper *out, uint64_t length, unsigned mask)
{
    int bytes = length > 0xffff ? 8 : length > 125 ? 2 : 0;
    unsigned code = bytes == 8 ? 127 : bytes == 2 ? 126 : (unsigned)length;
    add_byte(out, mask | code);
    for (int i = bytes - 1; i >= 0; i--)
        add_byte(out, (unsigned)(length >> (8 * i)));
}

static void add_frame(struct paper *out, unsigned first, bool masked,
                      const struct paper *payload)
{
    static const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
    add_byte(out, first);
    add_length(out, payload->size, masked ? 0x80 : 0);
    if (masked)
        paper_add(out, key, 4);
    size_t at = out->size;
    paper_add(out, payload->bytes, payload->size);
    for (size_t i = 0; masked && i < payload->size; i++)
        out->bytes[at + i] ^= key[i & 3];
}

/* The first byte of a frame named by a word; 0xff for another word. */
static unsigned first_byte(const char *word)
{
    static const struct {
        const char *word;
        unsigned first;
    } words[] = {
        {"text", 0x81},   {"text...", 0x01}, {"binary", 0x82},
        {"binary...", 2}, {"more", 0x80},    {"more...", 0x00},
        {"close", 0x88},  {"ping", 0x89},    {"pong", 0x8a},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i].word) == 0)
            return words[i].first;
    }
    return 0xff;
}

static void read_hex(const char *text, struct paper *out)
{
    char word[16];
    while (*text) {
        words_payload(&text, out);
        if (word_next(&text, word, sizeof(word)))
            add_byte(out, hex_byte(word));
    }
}

static void read_http(const char *text, struct paper *out)
{
    skip_blanks(&text);
    for (; *text; text++) {
        if (*text == '|')
            paper_add(out, "\r\n", 2);
        else
            add_byte(out, (uint8_t)*text);
    }
}

/* `deflated text 'a'`, or `afresh ...`: RSV1 stands on a first frame. */
static void read_deflated(const char *text, bool afresh, bool masked,
                          struct zpeer *z, struct paper *out)
{
    char word[64];
    struct paper plain = {0}, payload = {0};
    assert_true(word_next(&text, word, sizeof(word)));
    unsigned first = first_byte(word);
    assert_int_not_equal(first, 0xff);
    words_payload(&text, &plain);
    zpeer_deflate(z, &plain, (first & 0x80) != 0, afresh, &payload);
    add_frame(out, first | (first & 0x0f ? 0x40 : 0), masked, &payload);
    paper_free(&plain);
    paper_free(&payload);
}

void words_bytes(const char *text, bool masked, struct zpeer *z,
                 struct paper *out)
{
    char word[64], code[16];
    struct paper payload = {0};
    assert_true(word_next(&text, word, sizeof(word)));
    if (strcmp(word, "deflated") == 0 || strcmp(word, "afresh") == 0) {
        read_deflated(text, word[0] == 'a', masked, z, out);
        return;
    }
    if (strcmp(word, "hex") == 0) {
        read_hex(text, out);
        return;
    }
    if (strcmp(word, "http") == 0) {
        read_http(text, out);
        return;
    }
    if (strcmp(word, "raw") == 0) {
        words_payload(&text, out);
        return;
    }
    unsigned first = first_byte(word);
    if (strcmp(word, "frame") == 0 && word_next(&text, code, sizeof(code)))
        first = hex_byte(code);
    else
        assert_int_not_equal(first, 0xff);
    if (first == 0x88 && word_next(&text, code, sizeof(code))) {
        unsigned value = (unsigned)strtoul(code, NULL, 10);
        add_byte(&payload, value >> 8);
        add_byte(&payload, value);
    }
    words_payload(&text, &payload);
    add_frame(out, first, masked, &payload);
    paper_free(&payload);
}

static void drop_front(struct paper *p, size_t size)
{
    memmove(p->bytes, p->bytes + size, p->size - size + 1);
    p->size -= size;
}

/* The head, and all that came with it: nothing else is sent so early. */
static bool write_http(struct paper *bytes, struct paper *out)
{
    if (!bytes->size || !strstr((const char *)bytes->bytes, "\r\n\r\n"))
        return false;
    paper_print(out, "http ");
    for (size_t i = 0; i < bytes->size; i++) {
        if (bytes->bytes[i] == '\r')
            paper_print(out, "|");
        else if (bytes->bytes[i] != '\n')
            paper_add(out, bytes->bytes + i, 1);
    }
    drop_front(bytes, bytes->size);
    return true;
}

static const char *word_of(unsigned first)
{
    static const char *const words[] = {
        [0x00] = "more...", [0x01] = "text...", [0x02] = "binary...",
        [0x80] = "more",    [0x81] = "text",    [0x82] = "binary",
        [0x88] = "close",   [0x89] = "ping",    [0x8a] = "pong",
    };
    assert_true(first < sizeof(words) / sizeof(words[0]) && words[first]);
    return words[first];
}

/* Size of the header at the front, its payload's length and key; 0: partial. */
static size_t read_header(const struct paper *bytes, uint64_t *length,
                          uint8_t key[4])
{
    const uint8_t *b = bytes->bytes;
    if (bytes->size < 2)
        return 0;
    size_t extra = (b[1] & 0x7f) == 127 ? 8 : (b[1] & 0x7f) == 126 ? 2 : 0;
    size_t size = 2 + extra + (b[1] & 0x80 ? 4 : 0);
    if (bytes->size < size)
        return 0;
    *length = extra ? 0 : b[1] & 0x7fU;
    for (size_t i = 0; i < extra; i++)
        *length = *length << 8 | b[2 + i];
    memset(key, 0, 4);
    if (b[1] & 0x80)
        memcpy(key, b + 2 + extra, 4);
    return size;
}

/* What a data frame carries, inflated if its message is compressed. */
static void write_payload(struct zpeer *z, unsigned first,
                          const uint8_t *payload, size_t size,
                          struct paper *out)
{
    struct paper plain = {0};
    bool deflated = zpeer_take(z, first, payload, size, &plain);
    paper_print(out, "%s%s ", deflated ? "deflated " : "",
                word_of(first & ~0x40U));
    paper_quote(out, plain.bytes, plain.size);
    paper_free(&plain);
}

static void write_control(unsigned first, const uint8_t *payload, size_t size,
                          struct paper *out)
{
    paper_print(out, "%s", word_of(first));
    if (first == 0x88 && size >= 2) {
        paper_print(out, " %u", payload[0] * 256U + payload[1]);
        payload += 2;
        size -= 2;
    }
    if (size || first != 0x88) {
        paper_print(out, " ");
        paper_quote(out, payload, size);
    }
}

bool words_frame(struct paper *bytes, bool http, struct zpeer *z,
                 struct paper *out)
{
    uint8_t key[4];
    uint64_t length = 0;
    if (http)
        return write_http(bytes, out);
    size_t head = read_header(bytes, &length, key);
    if (head == 0 || bytes->size - head < length)
        return false;
    uint8_t *payload = bytes->bytes + head;
    for (size_t i = 0; i < length; i++)
        payload[i] ^= key[i & 3];
    unsigned first = bytes->bytes[0];
    if (first & 0x08)
        write_control(first, payload, (size_t)length, out);
    else
        write_payload(z, first, payload, (size_t)length, out);
    drop_front(bytes, head + (size_t)length);
    return true;
}
