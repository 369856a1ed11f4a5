#include "header.h"

#include "command.h"
#include "content.h"
#include "options.h"

#include <string.h>

/* Split "Name: value" in place. */
static bool split(char *text, struct hws_header *header)
{
    char *colon = strchr(text, ':');
    if (!colon || colon == text)
        return false;
    *colon = '\0';
    header->name = text;
    header->value = colon + 1 + strspn(colon + 1, " \t");
    return true;
}

static void push(struct header_list *list, struct hws_header header)
{
    size_t size = (list->count + 1) * sizeof *list->items;
    list->items = memory_resize(list->items, size);
    list->items[list->count++] = header;
}

/* A line may hold a secret: it is named by its number. */
static int read_lines(struct header_list *list, const char *command,
                      const char *path, char *text)
{
    unsigned number = 0;
    for (char *line = text; line; number++) {
        struct hws_header header;
        char *end = strchr(line, '\n');
        char *next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (*line && !split(line, &header))
            return options_complain(command,
                                    "option '--header': line %u of '%s' has "
                                    "no name and colon, write 'Name: value'",
                                    number + 1, path);
        if (*line)
            push(list, header);
        line = next;
    }
    return 0;
}

static int read_value(struct header_list *list, const char *command,
                      const char *value)
{
    struct hws_header header;
    const char *text;
    char *owned;
    int code = content_of(command, "header", value, &owned, &text);
    bool is_file = owned != NULL;
    if (!is_file && code == 0)
        owned = memory_copy(text);
    list->texts[list->text_count++] = owned;
    if (code)
        return code;
    if (is_file)
        return read_lines(list, command, value + 1, owned);
    if (!split(owned, &header))
        return options_complain(command,
                                "option '--header': '%s' has no name and "
                                "colon, write 'Name: value'",
                                value);
    push(list, header);
    return 0;
}

int header_list_read(struct header_list *list, const char *command,
                     const struct text_list *values)
{
    int code = 0;
    list->texts = memory_new(values->count, sizeof *list->texts);
    for (size_t i = 0; i < values->count && code == 0; i++)
        code = read_value(list, command, values->items[i]);
    return code;
}

void header_list_release(struct header_list *list)
{
    for (size_t i = 0; i < list->text_count; i++)
        memory_free(list->texts[i]);
    memory_free(list->texts);
    memory_free(list->items);
    *list = (struct header_list){0};
}
