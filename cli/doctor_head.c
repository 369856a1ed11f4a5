#include "doctor_head.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool doctor_head_line(const char **head, struct hws_span *line)
{
    if (**head == '\0')
        return false;
    size_t size = strcspn(*head, "\n");
    const char *next = *head + size + ((*head)[size] == '\n');
    size_t shown = size && (*head)[size - 1] == '\r' ? size - 1 : size;
    *line = (struct hws_span){(const uint8_t *)*head, shown};
    *head = next;
    return true;
}

static bool is_named(struct hws_span line, const char *name)
{
    size_t size = strlen(name);
    return line.size > size && line.data[size] == ':' &&
           strncasecmp((const char *)line.data, name, size) == 0;
}

static struct hws_span value_of(struct hws_span line, size_t name)
{
    struct hws_span value = {line.data + name + 1, line.size - name - 1};
    while (value.size && (*value.data == ' ' || *value.data == '\t')) {
        value.data++;
        value.size--;
    }
    return value;
}

size_t doctor_head_get(const char *head, const char *name, char *value,
                       size_t size)
{
    size_t count = 0;
    struct hws_span line;
    value[0] = '\0';
    while (doctor_head_line(&head, &line)) {
        if (!is_named(line, name))
            continue;
        struct hws_span got = value_of(line, strlen(name));
        size_t used = strlen(value);
        snprintf(value + used, size - used, "%s%.*s", count ? ", " : "",
                 (int)got.size, (const char *)got.data);
        count++;
    }
    return count;
}

bool doctor_head_is_open(struct hws_span line)
{
    static const char *const names[] = {
        "Host",
        "Upgrade",
        "Connection",
        "Origin",
        "User-Agent",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Date",
        "Server",
        "Via",
        "Allow",
        "Retry-After",
        "WWW-Authenticate",
        "Content-Type",
        "Content-Length",
        "Transfer-Encoding",
    };
    if (!memchr(line.data, ':', line.size))
        return true; /* the first line */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_named(line, names[i]))
            return true;
    return false;
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March, so
 * that a leap day is the last of its year. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era_year = year % 400;
    int64_t month_day = (153 * ((month + 9) % 12) + 2) / 5;
    return year / 400 * 146097 + era_year * 365 + era_year / 4 -
           era_year / 100 + month_day + day - 1 - 719468;
}

static int month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (strncmp(names + 3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

bool doctor_date_read(const char *text, hws_time *date)
{
    char name[4];
    int day, year, hour, minute, second, used = 0;
    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT%n", &day, name, &year,
               &hour, &minute, &second, &used) != 6 ||
        used == 0 || year < 1970 || day < 1)
        return false;
    int month = month_of(name);
    if (!month)
        return false;
    int64_t days = days_of(year, month, day);
    int64_t seconds = (int64_t)hour * 3600 + minute * 60 + second;
    *date = HWS_S(days * 86400 + seconds);
    return true;
}

bool doctor_accept_of(const char *key, char accept[32])
{
    static const char constant[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[128];
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int length = snprintf(text, sizeof text, "%.60s%s", key, constant);
    if (EVP_Digest(text, (size_t)length, sum, &size, EVP_sha1(), NULL) != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)accept, sum, (int)size);
    return true;
}
