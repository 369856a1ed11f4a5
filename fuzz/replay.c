/*
 * Run a fuzz target over files, without libFuzzer: what was once found, and
 * the seeds, stay tested by every compiler and sanitizer.
 *
 *     http_fuzz fuzz/seeds/http_fuzz
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)1 << 20)

static unsigned replayed;

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    if (!file || !data) {
        fprintf(stderr, "cannot read '%s'\n", path);
        return -1;
    }
    size_t size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    /* Exactly as long as the input, so that one byte too far is seen. */
    uint8_t *exact = realloc(data, size ? size : 1);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    replayed++;
    return 0;
}

static int replay_folder(DIR *folder, const char *path)
{
    char name[4096];
    int status = 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        status = replay_file(name);
    }
    closedir(folder);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc && status == 0; i++) {
        DIR *folder = opendir(argv[i]);
        status = folder ? replay_folder(folder, argv[i]) : replay_file(argv[i]);
    }
    printf("%u passed, %d failed\n", replayed, status != 0 || replayed == 0);
    return status != 0 || replayed == 0;
}
