#include "content.h"

#include "command.h"
#include "memory.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t without_line_end(const char *data, size_t size)
{
    if (size > 0 && data[size - 1] == '\n')
        size--;
    if (size > 0 && data[size - 1] == '\r')
        size--;
    return size;
}

char *content_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t room = 0, got = 1, all = 0;
    if (!file)
        return NULL;
    while (got > 0) {
        if (room - all < 4096)
            data = memory_resize(data, room = 2 * room + 8192);
        got = fread(data + all, 1, room - all - 1, file);
        all += got;
    }
    int error = ferror(file) ? errno : 0;
    fclose(file);
    if (error) {
        memory_free(data);
        errno = error;
        return NULL;
    }
    *size = without_line_end(data, all);
    data[*size] = '\0';
    return data;
}

int content_of(const char *command, const char *option, const char *value,
               char **owned, const char **text)
{
    size_t size = 0;
    *owned = NULL;
    *text = value + (value[0] == '=');
    if (value[0] != '@')
        return 0;
    *owned = content_read(value + 1, &size);
    *text = *owned;
    if (!*owned) {
        options_complain(command, "option '--%s': cannot read '%s': %s", option,
                         value + 1, strerror(errno));
        return COMMAND_LOCAL;
    }
    if (strlen(*owned) == size)
        return 0;
    return options_complain(command, "option '--%s': '%s' holds a zero byte",
                            option, value + 1);
}
