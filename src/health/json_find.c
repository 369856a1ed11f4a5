#include "json_find.h"

struct cursor {
    const uint8_t *at, *end;
};

/* ---- names ---- */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of "\uXXXX" at the cursor, or -1. */
static int32_t take_unit(struct cursor *c)
{
    int32_t unit = 0;
    if (c->end - c->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*c->at++);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* The character of a "\u" escape, its second half included; -1: bad. */
static int32_t take_character(struct cursor *c)
{
    int32_t high = take_unit(c);
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || c->end - c->at < 6)
        return -1;
    if (*c->at++ != '\\' || *c->at++ != 'u')
        return -1;
    int32_t low = take_unit(c);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static size_t encode_utf8(int32_t character, uint8_t out[4])
{
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = character < 0x80      ? 1
                  : character < 0x800   ? 2
                  : character < 0x10000 ? 3
                                        : 4;
    for (size_t i = size; i-- > 1; character >>= 6)
        out[i] = (uint8_t)(0x80 | (character & 0x3f));
    out[0] = (uint8_t)(marks[size] | character);
    return size;
}

/* Decode one character of a name, escaped or not, into `out`. Returns its
 * size in bytes, 0 when the escape is bad. Call with at < end. */
static size_t take_decoded(struct cursor *c, uint8_t out[4])
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    out[0] = *c->at++;
    if (out[0] != '\\')
        return 1;
    if (c->at == c->end)
        return 0;
    uint8_t letter = *c->at++;
    if (letter == 'u') {
        int32_t character = take_character(c);
        return character < 0 ? 0 : encode_utf8(character, out);
    }
    const char *found = letter ? strchr(letters, letter) : NULL;
    if (!found)
        return 0;
    out[0] = (uint8_t)meanings[found - letters];
    return 1;
}

static bool same_escaped(struct hws_span raw, const struct hwi_json_step *step)
{
    struct cursor c = {raw.data, raw.data + raw.size};
    size_t seen = 0;
    while (c.at < c.end) {
        uint8_t bytes[4];
        size_t size = take_decoded(&c, bytes);
        if (size == 0 || size > step->size - seen)
            return false;
        if (memcmp(step->name + seen, bytes, size) != 0)
            return false;
        seen += size;
    }
    return seen == step->size;
}

/* ---- walking ---- */

/* Skip white space. Returns the byte there, or -1 at the end. */
static inline int next_byte(struct cursor *c)
{
    for (; c->at < c->end; c->at++) {
        uint8_t byte = *c->at;
        if (byte > ' ' ||
            (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r'))
            return byte;
    }
    return -1;
}

static bool take_byte(struct cursor *c, char byte)
{
    if (next_byte(c) != byte)
        return false;
    c->at++;
    return true;
}

/* From behind the opening quote to behind the closing one. */
static bool take_string(struct cursor *c, struct hws_span *raw, bool *escaped)
{
    const uint8_t *begin = c->at;
    const uint8_t *p = begin;
    *escaped = false;
    for (; p < c->end && *p != '"'; p++) {
        if (*p != '\\')
            continue;
        *escaped = true;
        if (++p == c->end)
            break;
    }
    if (p == c->end)
        return false;
    *raw = hwi_span(begin, (size_t)(p - begin));
    c->at = p + 1;
    return true;
}

static bool skip_string(struct cursor *c)
{
    struct hws_span raw;
    bool escaped;
    return take_string(c, &raw, &escaped);
}

/* What a byte means while a nested value is skipped. */
enum { PLAIN, QUOTE, OPENS, CLOSES };

/* From the opening bracket to behind the closing one. Only the depth is
 * counted; which bracket closes which is not looked at. */
static bool skip_nested(struct cursor *c)
{
    static const uint8_t meaning[256] = {['"'] = QUOTE,
                                         ['{'] = OPENS,
                                         ['['] = OPENS,
                                         ['}'] = CLOSES,
                                         [']'] = CLOSES};
    size_t depth = 0;
    while (c->at < c->end) {
        switch (meaning[*c->at++]) {
        case QUOTE:
            if (!skip_string(c))
                return false;
            break;
        case OPENS:
            depth++;
            break;
        case CLOSES:
            if (--depth == 0)
                return true;
            break;
        default:
            break;
        }
    }
    return false;
}

static bool ends_scalar(uint8_t byte)
{
    return byte == ',' || byte == '}' || byte == ']' || byte <= ' ';
}

static void skip_scalar(struct cursor *c)
{
    while (c->at < c->end && !ends_scalar(*c->at))
        c->at++;
}

static bool skip_value(struct cursor *c)
{
    int first = next_byte(c);
    if (first == '{' || first == '[')
        return skip_nested(c);
    const uint8_t *begin = c->at;
    if (first == '"') {
        c->at++;
        return skip_string(c);
    }
    skip_scalar(c);
    return c->at > begin;
}

/* From behind '{' to the begin of the member's value. */
static bool enter_member(struct cursor *c, const struct hwi_json_step *step)
{
    struct hws_span raw;
    bool escaped;
    do {
        if (!take_byte(c, '"') || !take_string(c, &raw, &escaped))
            return false;
        if (!take_byte(c, ':'))
            return false;
        if (escaped ? same_escaped(raw, step)
                    : raw.size == step->size &&
                          memcmp(raw.data, step->name, raw.size) == 0)
            return true;
    } while (skip_value(c) && take_byte(c, ','));
    return false;
}

/* From behind '[' to the begin of the element. */
static bool enter_element(struct cursor *c, const struct hwi_json_step *step)
{
    if (step->index == HWI_JSON_NO_INDEX)
        return false;
    for (uint32_t i = 0; i < step->index; i++) {
        if (!skip_value(c) || !take_byte(c, ','))
            return false;
    }
    return true;
}

static bool enter(struct cursor *c, const struct hwi_json_step *step)
{
    if (take_byte(c, '{'))
        return enter_member(c, step);
    return take_byte(c, '[') && enter_element(c, step);
}

bool hwi_json_find(struct hws_span json, const struct hwi_json_step *steps,
                   size_t step_count, struct hwi_json_value *value)
{
    if (json.size == 0)
        return false;
    struct cursor c = {json.data, json.data + json.size};
    for (size_t i = 0; i < step_count; i++) {
        if (!enter(&c, &steps[i]))
            return false;
    }
    bool escaped;
    value->is_string = take_byte(&c, '"');
    if (value->is_string)
        return take_string(&c, &value->text, &escaped);
    int first = next_byte(&c);
    const uint8_t *begin = c.at;
    if (first == '{' || first == '[')
        return false;
    skip_scalar(&c);
    value->text = hwi_span(begin, (size_t)(c.at - begin));
    return value->text.size > 0;
}
