/*
 * A jar in a file: Netscape's cookies.txt, one cookie a line, seven columns
 * with tabs between them. Written beside its place and moved there, so that
 * nobody ever reads half of it.
 */
#include "base/host.h"
#include "base/mem.h"
#include "base/status.h"
#include "session/cookies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define COLUMNS 7
/* Two attributes, a cookie at its largest, and what stands between. */
#define LINE_MAX_SIZE (HWI_COOKIE_SIZE_MAX + 2 * HWI_COOKIE_ATTRIBUTE_MAX + 128)
/* HttpOnly has no column: other tools put this before the domain, too. */
static const char http_only_mark[] = "#HttpOnly_";

static int bad_line(struct hws_fault *fault, const char *path, unsigned number,
                    const char *why)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "cannot use cookies of '%.100s': line %u %s", path,
                         number, why);
}

/* ---- reading */

static bool starts_with(struct hws_span line, const char *text)
{
    return hwi_span_is(hwi_span_part(line, 0, strlen(text)), text);
}

/* The last column takes what is left: a value may hold a tab. */
static bool split_columns(struct hws_span line, struct hws_span *columns)
{
    for (size_t i = 0; i < COLUMNS - 1; i++) {
        size_t tab = hwi_span_find(line, '\t');
        if (tab == line.size)
            return false;
        columns[i] = hwi_span_part(line, 0, tab);
        line = hwi_span_part(line, tab + 1, line.size);
    }
    columns[COLUMNS - 1] = line;
    return true;
}

static bool read_flag(struct hws_span column, bool *flag)
{
    *flag = hwi_span_is_nocase(column, "TRUE");
    return *flag || hwi_span_is_nocase(column, "FALSE");
}

static bool is_clean(struct hws_span line)
{
    for (size_t i = 0; i < line.size; i++) {
        uint8_t c = line.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* What is wrong with the line, or NULL. */
static const char *read_cookie(struct hwi_cookie *c, struct hws_span line)
{
    struct hws_span at[COLUMNS];
    uint64_t expires = 0;
    bool under;
    *c = (struct hwi_cookie){.http_only = starts_with(line, http_only_mark)};
    if (c->http_only)
        line = hwi_span_part(line, sizeof(http_only_mark) - 1, line.size);
    if (!split_columns(line, at))
        return "has not seven columns with tabs between them";
    if (!read_flag(at[1], &under) || !read_flag(at[3], &c->secure))
        return "has neither TRUE nor FALSE in column 2 or 4";
    if (!hwi_span_number(at[4], INT64_MAX, &expires))
        return "has no time in column 5";
    bool dot = at[0].size && at[0].data[0] == '.';
    c->domain = hwi_span_part(at[0], dot, at[0].size);
    c->path = at[2];
    c->name = at[5];
    c->value = at[6];
    c->host_only = !under || hwi_host_is_literal(c->domain);
    c->expires = expires ? hwi_cookie_time((int64_t)expires) : HWS_NEVER;
    if (!c->domain.size || !c->name.size || !c->path.size ||
        c->path.data[0] != '/' || !is_clean(line))
        return "lacks a domain, path or name, or has a control byte";
    return NULL;
}

/* A line without its end. */
static struct hws_span line_of(const char *text)
{
    size_t size = strcspn(text, "\r\n");
    return hwi_span(text, size);
}

static bool is_comment(struct hws_span line)
{
    return line.size == 0 ||
           (line.data[0] == '#' && !starts_with(line, http_only_mark));
}

static int load_line(struct hwi_cookie_jar *jar, const char *text,
                     hws_time realtime, const char **why)
{
    struct hws_span line = line_of(text);
    struct hwi_cookie cookie;
    if (strlen(text) == line.size && line.size == LINE_MAX_SIZE - 1)
        *why = "is longer than a cookie can be";
    else if (!is_comment(line))
        *why = read_cookie(&cookie, line);
    if (*why || is_comment(line))
        return 0;
    return hwi_cookie_jar_put(jar, &cookie, realtime);
}

static int load_lines(struct hwi_cookie_jar *jar, FILE *file, const char *path,
                      hws_time realtime, struct hws_fault *fault)
{
    char *text = hwi_alloc(LINE_MAX_SIZE);
    const char *why = NULL;
    unsigned number = 0;
    int status = text ? 0 : HWS_E_MEMORY;
    while (status == 0 && !why && fgets(text, LINE_MAX_SIZE, file)) {
        number++;
        status = load_line(jar, text, realtime, &why);
    }
    hwi_free(text);
    if (status)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, status,
                             "cannot load cookies: no memory");
    if (why)
        return bad_line(fault, path, number, why);
    if (ferror(file))
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot read cookies from '%.100s'", path);
    return 0;
}

int hws_cookies_load(struct hws_cookies *c, const char *path, hws_time realtime,
                     struct hws_fault *fault)
{
    FILE *file = fopen(path, "re");
    if (!file && errno == ENOENT)
        return 0;
    if (!file)
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, errno,
                            "cannot read cookies from '%.100s'", path);
    pthread_mutex_lock(&c->lock);
    bool changed = c->jar.changed;
    int status = load_lines(&c->jar, file, path, realtime, fault);
    c->jar.changed = changed;
    pthread_mutex_unlock(&c->lock);
    fclose(file);
    return status;
}

/* ---- writing */

static void put(FILE *file, struct hws_span s)
{
    if (s.size)
        fwrite(s.data, 1, s.size, file);
}

static void write_cookie(FILE *file, const struct hwi_cookie *c)
{
    hws_time seconds = c->expires == HWS_NEVER ? 0 : c->expires / HWS_S(1);
    fprintf(file, "%s%s", c->http_only ? http_only_mark : "",
            c->host_only ? "" : ".");
    put(file, c->domain);
    fprintf(file, "\t%s\t", c->host_only ? "FALSE" : "TRUE");
    put(file, c->path);
    fprintf(file, "\t%s\t%lld\t", c->secure ? "TRUE" : "FALSE",
            (long long)seconds);
    put(file, c->name);
    fputc('\t', file);
    put(file, c->value);
    fputc('\n', file);
}

static int write_all(FILE *file, struct hwi_cookie_jar *jar)
{
    fputs("# Netscape HTTP Cookie File\n", file);
    for (struct hwi_list *l = jar->cookies.next; l != &jar->cookies;
         l = l->next)
        write_cookie(file, hwi_container(l, struct hwi_cookie, link));
    int error = 0;
    if (fflush(file) != 0 || ferror(file))
        error = errno ? errno : EIO;
    if (fclose(file) != 0 && error == 0)
        error = errno;
    return error;
}

/* Write to `beside`, a template of mkstemp(), and move it to `path`. 0 or
 * errno. */
static int replace(struct hwi_cookie_jar *jar, const char *path, char *beside)
{
    int fd = mkstemp(beside); /* its owner's alone */
    if (fd < 0)
        return errno;
    FILE *file = fdopen(fd, "w");
    int error = file ? write_all(file, jar) : errno;
    if (!file)
        close(fd);
    if (error == 0 && rename(beside, path) != 0)
        error = errno;
    if (error)
        unlink(beside);
    return error;
}

static int save(struct hwi_cookie_jar *jar, const char *path,
                struct hws_fault *fault)
{
    struct stat about;
    size_t size = strlen(path) + sizeof(".XXXXXX");
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_SYSTEM,
                             "cannot write cookies to '%.100s': no regular "
                             "file",
                             path);
    char *beside = hwi_alloc(size);
    if (!beside)
        return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                             "cannot write cookies: no memory");
    snprintf(beside, size, "%s.XXXXXX", path);
    int error = replace(jar, path, beside);
    hwi_free(beside);
    if (error)
        return hwi_fault_os(fault, HWS_PHASE_LOCAL, error,
                            "cannot write cookies to '%.100s'", path);
    jar->changed = false;
    return 0;
}

int hws_cookies_save(struct hws_cookies *c, const char *path, hws_time realtime,
                     struct hws_fault *fault)
{
    pthread_mutex_lock(&c->lock);
    hwi_cookie_jar_expire(&c->jar, realtime);
    int status = save(&c->jar, path, fault);
    pthread_mutex_unlock(&c->lock);
    return status;
}
