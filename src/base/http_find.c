/*
 * Where an HTTP head ends. Looks at every byte once, however the bytes are
 * cut, and refuses what a proxy could read in two ways: a bare CR or LF, NUL
 * and the other controls.
 */
#include "base/http.h"

/* Whether `c` breaks the head by itself; CR and LF are judged by place. */
static bool is_control(uint8_t c)
{
    return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

static const char *judge(uint8_t before, uint8_t c)
{
    if (c == '\n')
        return before == '\r' ? NULL : "line feed without carriage return";
    if (before == '\r')
        return "carriage return without line feed";
    if (!is_control(c))
        return NULL;
    return c ? "control byte in the head" : "NUL in the head";
}

static ptrdiff_t refuse(const char **why, const char *text, int status)
{
    *why = text;
    return status;
}

/* Note the line that ended before `end`. True when it was the empty one. */
static bool end_line(struct hwi_http_scan *scan, size_t end)
{
    bool empty = end - scan->line_at == 2;
    scan->line_at = end;
    scan->lines++;
    return empty;
}

ptrdiff_t hwi_http_find(struct hwi_http_scan *scan, struct hws_span bytes,
                        size_t size_max, unsigned header_max, const char **why)
{
    size_t end = bytes.size < size_max ? bytes.size : size_max;
    uint8_t before = scan->seen ? bytes.data[scan->seen - 1] : 0;
    while (scan->seen < end) {
        uint8_t c = bytes.data[scan->seen];
        const char *fault = judge(before, c);
        if (fault)
            return refuse(why, fault, HWS_E_HTTP);
        scan->seen++;
        before = c;
        if (c != '\n')
            continue;
        if (end_line(scan, scan->seen))
            return (ptrdiff_t)scan->seen;
        /* The start line is one more than the headers. */
        if (scan->lines - 1 > header_max)
            return refuse(why, "too many header lines", HWS_E_TOO_BIG);
    }
    if (bytes.size >= size_max)
        return refuse(why, "head too long", HWS_E_TOO_BIG);
    return HWS_E_AGAIN;
}
