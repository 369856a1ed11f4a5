#include "opening.h"

#include "command.h"
#include "content.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_file(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

static int read_opening(struct opening_list *list, size_t i,
                        const char *command, const char *value)
{
    const char *path = value + (value[0] == '@');
    struct hws_span data = hws_span_text(value + (value[0] == '='));
    size_t size = 0;
    if (value[0] == '@' || is_file(value)) {
        list->texts[i] = content_read(path, &size);
        if (!list->texts[i]) {
            options_complain(command,
                             "option '--on-open': cannot read '%s': "
                             "%s",
                             path, strerror(errno));
            return COMMAND_LOCAL;
        }
        data.data = (const uint8_t *)list->texts[i];
        data.size = size;
    }
    list->items[i] = (struct hws_opening){.opcode = HWS_TEXT, .data = data};
    return 0;
}

int opening_list_read(struct opening_list *list, const char *command,
                      const struct text_list *values)
{
    int code = 0;
    list->items = memory_new(values->count, sizeof *list->items);
    list->texts = memory_new(values->count, sizeof *list->texts);
    list->count = values->count;
    for (size_t i = 0; i < values->count && code == 0; i++)
        code = read_opening(list, i, command, values->items[i]);
    return code;
}

void opening_list_release(struct opening_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        memory_free(list->texts[i]);
    memory_free(list->texts);
    memory_free(list->items);
    *list = (struct opening_list){0};
}
