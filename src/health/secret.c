#include "secret.h"

#include <string.h>

/* What ends a value of a query, or an URL in a sentence. */
#define VALUE_END "&#; \t\r\n\"'<>),"
#define AUTHORITY_END "/?#& \t\r\n\"'<>),"
#define MASK "***"

struct copy {
    char *to;
    size_t room; /* without the NUL */
};

static void put(struct copy *c, const char *from, size_t size)
{
    size = size < c->room ? size : c->room;
    memcpy(c->to, from, size);
    c->to += size;
    c->room -= size;
}

/* How much of `text`, behind "://", is userinfo with its '@'; or 0. */
static size_t userinfo(const char *text)
{
    size_t authority = strcspn(text, AUTHORITY_END), size = 0;
    for (size_t i = 0; i < authority; i++)
        if (text[i] == '@')
            size = i + 1;
    return size;
}

/* How much of `text` is "?name=" or "&name=" with a value behind it; or 0. */
static size_t query_name(const char *text)
{
    if (*text != '?' && *text != '&')
        return 0;
    size_t name = strcspn(text + 1, "=" VALUE_END) + 1;
    return text[name] == '=' && name > 1 ? name + 1 : 0;
}

void hwi_secret_mask(char *to, size_t size, const char *text)
{
    struct copy c = {to, size - 1};
    while (*text && c.room) {
        size_t keep = 1, hide = 0;
        if (strncmp(text, "://", 3) == 0) {
            keep = 3;
            hide = userinfo(text + keep);
            hide -= hide > 0; /* the '@' stays */
        } else if (query_name(text)) {
            keep = query_name(text);
            hide = strcspn(text + keep, VALUE_END);
        }
        put(&c, text, keep);
        if (hide)
            put(&c, MASK, strlen(MASK));
        text += keep + hide;
    }
    *c.to = '\0';
}
