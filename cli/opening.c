#include "opening.h"

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_file(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode);
}

/* The whole of `path`, or NULL with errno. */
static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t room = 0, got = 1;
    *size = 0;
    if (!file)
        return NULL;
    while (got > 0) {
        if (room - *size < 4096)
            data = memory_resize(data, room = 2 * room + 8192);
        got = fread(data + *size, 1, room - *size, file);
        *size += got;
    }
    int error = ferror(file) ? errno : 0;
    fclose(file);
    if (!error)
        return data;
    memory_free(data);
    errno = error;
    return NULL;
}

static size_t without_line_end(const char *data, size_t size)
{
    if (size > 0 && data[size - 1] == '\n')
        size--;
    if (size > 0 && data[size - 1] == '\r')
        size--;
    return size;
}

static int read_opening(struct opening_list *list, size_t i,
                        const char *command, const char *value)
{
    const char *path = value + (value[0] == '@');
    struct hws_span data = hws_span_text(value + (value[0] == '='));
    size_t size = 0;
    if (value[0] == '@' || is_file(value)) {
        list->texts[i] = read_file(path, &size);
        if (!list->texts[i]) {
            options_complain(command,
                             "option '--on-open': cannot read '%s': "
                             "%s",
                             path, strerror(errno));
            return COMMAND_LOCAL;
        }
        data.data = (const uint8_t *)list->texts[i];
        data.size = without_line_end(list->texts[i], size);
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
