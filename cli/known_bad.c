#include "known_bad.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct version {
    unsigned part[3];
};

static const struct {
    const char *library;
    struct version first, last;
    const char *text;
} list[] = {
    {"OpenSSL",
     {{3, 0, 0}},
     {{3, 0, 1}},
     "certificate checks can loop for ever (CVE-2022-0778)"},
    {"OpenSSL",
     {{3, 0, 4}},
     {{3, 0, 4}},
     "RSA corrupts memory on AVX-512 machines (CVE-2022-2274)"},
    {"c-ares",
     {{1, 32, 3}},
     {{1, 34, 4}},
     "answers can be read after they were freed (CVE-2025-31498)"},
};

static struct version version_of(const char *text)
{
    struct version v = {{0}};
    text += strcspn(text, "0123456789");
    sscanf(text, "%u.%u.%u", &v.part[0], &v.part[1], &v.part[2]);
    return v;
}

static int compare(const struct version *a, const struct version *b,
                   size_t parts)
{
    for (size_t i = 0; i < parts; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

const char *known_bad(const char *library, const char *version)
{
    const struct version v = version_of(version);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(list[i].library, library) == 0 &&
            compare(&v, &list[i].first, 3) >= 0 &&
            compare(&v, &list[i].last, 3) <= 0)
            return list[i].text;
    return NULL;
}

bool known_older(const char *loaded, const char *built)
{
    const struct version a = version_of(loaded), b = version_of(built);
    return compare(&a, &b, 2) < 0;
}
