#include "time_binary.h"

#include <stdlib.h>
#include <string.h>

#define OFFSET_MAX 16777216 /* no message is larger by default */

static const struct {
    const char *name;
    uint8_t size;
    enum hwi_number_kind kind;
} types[] = {
    {"u32", 4, HWI_UNSIGNED}, {"u64", 8, HWI_UNSIGNED}, {"i32", 4, HWI_SIGNED},
    {"i64", 8, HWI_SIGNED},   {"f32", 4, HWI_FLOAT},    {"f64", 8, HWI_FLOAT},
};

static const char *parse_offset(struct hwi_time_binary *b, const char *text,
                                size_t *end)
{
    const char *at = text + 1;
    b->from_end = *at == '-';
    at += b->from_end;
    *end = (size_t)(at - text);
    if (*at < '0' || *at > '9')
        return "offset is no number";
    char *rest;
    unsigned long long offset = strtoull(at, &rest, 10);
    if (offset > OFFSET_MAX)
        return "offset is above 16777216";
    b->offset = (size_t)offset;
    *end = (size_t)(rest - text);
    return NULL;
}

const char *hwi_time_binary_parse(struct hwi_time_binary *b, const char *text,
                                  size_t *end)
{
    static const char why[] =
        "type is not u32, u64, i32, i64, f32 or f64 with be or le";
    const char *wrong = parse_offset(b, text, end);
    if (wrong)
        return wrong;
    const char *type = text + *end;
    if (*type != ':')
        return why;
    *end += 1;
    type++;
    if (strlen(type) < 5)
        return why;
    b->is_big_endian = memcmp(type + 3, "be", 2) == 0;
    if (!b->is_big_endian && memcmp(type + 3, "le", 2) != 0)
        return why;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (memcmp(type, types[i].name, 3) != 0)
            continue;
        b->size = types[i].size;
        b->kind = types[i].kind;
        *end += 5;
        return NULL;
    }
    return why;
}

static uint64_t bits_at(const struct hwi_time_binary *b, const uint8_t *at)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < b->size; i++)
        bits = bits << 8 | at[b->is_big_endian ? i : b->size - 1u - i];
    return bits;
}

static double float_of(uint64_t bits, uint8_t size)
{
    double wide;
    float narrow;
    uint32_t half = (uint32_t)bits;
    memcpy(&wide, &bits, sizeof(wide));
    memcpy(&narrow, &half, sizeof(narrow));
    return size == 4 ? (double)narrow : wide;
}

static int64_t power_of_ten(int power)
{
    int64_t factor = 1;
    while (power-- > 0)
        factor *= 10;
    return factor;
}

static bool scale_float(double number, int64_t factor, hws_time *value)
{
    number *= (double)factor;
    /* Not true for what is no number. */
    if (!(number > -9.2e18 && number < 9.2e18))
        return false;
    *value = (hws_time)number;
    return true;
}

bool hwi_time_binary_read(const struct hwi_time_binary *b,
                          struct hws_span message, int power, hws_time *value)
{
    int64_t factor = power_of_ten(power);
    size_t at = b->from_end ? message.size - b->offset : b->offset;
    if (b->offset > message.size || message.size - at < b->size)
        return false;
    uint64_t bits = bits_at(b, message.data + at);
    if (b->kind == HWI_FLOAT)
        return scale_float(float_of(bits, b->size), factor, value);
    if (b->kind == HWI_UNSIGNED && bits > INT64_MAX)
        return false;
    int64_t number = (int64_t)bits;
    if (b->kind == HWI_SIGNED && b->size == 4)
        number = (int32_t)(uint32_t)bits;
    if (number > INT64_MAX / factor || number < INT64_MIN / factor)
        return false;
    *value = number * factor;
    return true;
}
