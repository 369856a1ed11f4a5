#include "base/cookie.h"

/* A century, so that a far date and a huge Max-Age fit any clock. */
#define AGE_MAX_S ((uint64_t)100 * 365 * 86400)
#define TIME_MAX_S (INT64_C(9000000000)) /* in the year 2255 */

/* Take up to the next semicolon off `rest`, and the semicolon. */
static struct hws_span take_part(struct hws_span *rest)
{
    size_t end = hwi_span_find(*rest, ';');
    struct hws_span part = hwi_span_part(*rest, 0, end);
    *rest = hwi_span_part(*rest, end + 1, rest->size);
    return part;
}

/* "name = value"; without an equals sign all of it is the name. */
static void split(struct hws_span part, struct hws_span *name,
                  struct hws_span *value)
{
    size_t equals = hwi_span_find(part, '=');
    *name = hwi_span_trim(hwi_span_part(part, 0, equals));
    *value = hwi_span_trim(hwi_span_part(part, equals + 1, part.size));
}

hws_time hwi_cookie_time(int64_t seconds)
{
    if (seconds < 0)
        return 0;
    return HWS_S(seconds < TIME_MAX_S ? seconds : TIME_MAX_S);
}

/* Digits, or a minus and digits. False: neither, the attribute is void. */
static bool read_age(struct hws_span s, hws_time realtime, hws_time *expires)
{
    uint64_t age = 0;
    bool minus = s.size && s.data[0] == '-';
    struct hws_span digits = hwi_span_part(s, minus, s.size);
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
    }
    if (digits.size == 0)
        return false;
    if (!hwi_span_number(digits, AGE_MAX_S, &age))
        age = AGE_MAX_S;
    *expires = minus || age == 0 ? 0 : realtime + HWS_S((hws_time)age);
    return true;
}

static void read_domain(struct hwi_cookie_words *w, struct hws_span value)
{
    bool dot = value.size && value.data[0] == '.';
    w->domain = hwi_span_part(value, dot, value.size);
}

/* What stands for when the cookie ends; Max-Age weighs more. */
struct ends {
    hws_time by_date, by_age;
    bool has_date, has_age;
};

static void read_expires(struct ends *ends, struct hws_span value)
{
    int64_t seconds;
    if (!hwi_cookie_date(value, &seconds))
        return;
    ends->has_date = true;
    ends->by_date = hwi_cookie_time(seconds);
}

static void read_attribute(struct hwi_cookie_words *w, struct ends *ends,
                           struct hws_span part, hws_time realtime)
{
    struct hws_span name, value;
    split(part, &name, &value);
    if (value.size > HWI_COOKIE_ATTRIBUTE_MAX)
        return;
    if (hwi_span_is_nocase(name, "expires"))
        read_expires(ends, value);
    else if (hwi_span_is_nocase(name, "max-age"))
        ends->has_age |= read_age(value, realtime, &ends->by_age);
    else if (hwi_span_is_nocase(name, "domain"))
        read_domain(w, value);
    else if (hwi_span_is_nocase(name, "path"))
        w->path = value.size && value.data[0] == '/' ? value : hwi_span("", 0);
    else if (hwi_span_is_nocase(name, "secure"))
        w->secure = true;
    else if (hwi_span_is_nocase(name, "httponly"))
        w->http_only = true;
}

/* A tab may stand in a value alone: files of cookies divide their columns by
 * tabs, and the value is the last one. */
static bool is_clean(struct hws_span s, bool tab)
{
    for (size_t i = 0; i < s.size; i++) {
        uint8_t c = s.data[i];
        if ((c < 0x20 && (c != '\t' || !tab)) || c == 0x7f)
            return false;
    }
    return true;
}

bool hwi_cookie_read(struct hwi_cookie_words *w, struct hws_span text,
                     hws_time realtime)
{
    struct ends ends = {0};
    struct hws_span pair = take_part(&text);
    *w = (struct hwi_cookie_words){.expires = HWS_NEVER};
    split(pair, &w->name, &w->value);
    if (hwi_span_find(pair, '=') == pair.size || w->name.size == 0 ||
        w->name.size + w->value.size > HWI_COOKIE_SIZE_MAX)
        return false;
    while (text.size)
        read_attribute(w, &ends, take_part(&text), realtime);
    if (ends.has_age)
        w->expires = ends.by_age;
    else if (ends.has_date)
        w->expires = ends.by_date;
    return is_clean(w->name, false) && is_clean(w->value, true) &&
           is_clean(w->domain, false) && is_clean(w->path, false);
}

bool hwi_cookie_path_matches(struct hws_span cookie, struct hws_span path)
{
    struct hws_span begin = hwi_span_part(path, 0, cookie.size);
    if (!hwi_span_equal(begin, cookie))
        return false;
    return path.size == cookie.size ||
           (cookie.size && cookie.data[cookie.size - 1] == '/') ||
           path.data[cookie.size] == '/';
}

struct hws_span hwi_cookie_default_path(struct hws_span path)
{
    while (path.size && path.data[path.size - 1] != '/')
        path.size--;
    return path.size > 1 ? hwi_span_part(path, 0, path.size - 1)
                         : hwi_span("/", 1);
}
