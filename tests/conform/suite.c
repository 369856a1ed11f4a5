#include "suite.h"

#include "lines.h"

#include <ctype.h>
#include <stdlib.h>

#define LINE_MAX 2048
#define NAMES_MAX 8  /* of the tables of one case */
#define TABLES_MAX 3 /* of one case */
#define ROWS_MAX 300 /* of one table */
#define LINES_MAX 64 /* of one case */

struct table {
    char names[NAMES_MAX][32];
    size_t name_count;
    char *rows[ROWS_MAX];
    size_t row_count;
};

/* A case as it stands in the file. */
struct draft {
    char title[TITLE_MAX];
    char *lines[LINES_MAX]; /* limits, delays and the script */
    size_t line_count;
    struct table tables[TABLES_MAX];
    size_t table_count;
    bool client, server, handshake;
};

/* What $NAME stands for in one case. */
struct values {
    char names[NAMES_MAX][32];
    char *texts[NAMES_MAX];
    size_t count;
};

struct reader {
    const char *path;
    unsigned line_number;
    unsigned number; /* of the group */
    struct conform_group *group;
    struct draft draft;
    bool drafting;
};

static _Noreturn void refuse(const struct reader *r, const char *what,
                             const char *line)
{
    fprintf(stderr, "%s:%u: %s: %s\n", r->path, r->line_number, what, line);
    exit(2);
}

static void *grow(void *old, size_t size)
{
    void *memory = realloc(old, size);
    if (!memory)
        abort();
    return memory;
}

/* Whether `line` begins with the word; then `rest` is what follows it. */
static bool begins(const char *line, const char *word, const char **rest)
{
    size_t size = strlen(word);
    if (strncmp(line, word, size) != 0 || (line[size] && line[size] != ' '))
        return false;
    *rest = line + size + (line[size] == ' ');
    return true;
}

/* -- one case out of a draft and a choice of rows -- */

static const char *value_of(const struct values *v, const char **at)
{
    for (size_t i = 0; i < v->count; i++) {
        size_t size = strlen(v->names[i]);
        if (strncmp(*at, v->names[i], size) == 0 &&
            !isalnum((unsigned char)(*at)[size])) {
            *at += size;
            return v->texts[i];
        }
    }
    return NULL;
}

static void fill_in(const struct reader *r, struct paper *out, const char *text,
                    const struct values *v)
{
    paper_clear(out);
    paper_add(out, "", 0);
    for (const char *at = text; *at;) {
        if (*at != '$') {
            paper_add(out, at++, 1);
            continue;
        }
        at++;
        const char *value = value_of(v, &at);
        if (!value)
            refuse(r, "no table has this name", at);
        paper_add(out, value, strlen(value));
    }
}

static bool set_limit(struct hws_limits *l, const char *name, size_t value)
{
    const struct {
        const char *name;
        size_t *member;
    } sizes[] = {
        {"message_size_max", &l->message_size_max},
        {"chunk_size", &l->chunk_size},
        {"head_size_max", &l->head_size_max},
        {"body_size_max", &l->body_size_max},
        {"send_queue_max", &l->send_queue_max},
    };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (strcmp(name, sizes[i].name) == 0) {
            *sizes[i].member = value;
            return true;
        }
    }
    if (strcmp(name, "fragment_max") == 0)
        l->fragment_max = (uint32_t)value;
    else if (strcmp(name, "header_max") == 0)
        l->header_max = (unsigned)value;
    else
        return false;
    return true;
}

static bool set_delay(struct hws_delays *d, const char *name, size_t value)
{
    const struct {
        const char *name;
        hws_time *member;
    } delays[] = {
        {"handshake", &d->handshake},
        {"close", &d->close},
        {"ping", &d->ping},
        {"silent", &d->silent},
    };
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        if (strcmp(name, delays[i].name) == 0) {
            *delays[i].member = HWS_MS(value);
            return true;
        }
    }
    return false;
}

static bool set_compression(struct hws_deflate *d, const char *name,
                            size_t value)
{
    const struct {
        const char *name;
        int *member;
    } numbers[] = {
        {"window_bits", &d->window_bits},
        {"peer_window_bits", &d->peer_window_bits},
        {"level", &d->level},
        {"memory_level", &d->memory_level},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].member = (int)value;
            return true;
        }
    }
    if (strcmp(name, "threshold") == 0)
        d->threshold = value;
    else if (strcmp(name, "no_context_takeover") == 0)
        d->no_context_takeover = value;
    else if (strcmp(name, "peer_no_context_takeover") == 0)
        d->peer_no_context_takeover = value;
    else
        return false;
    return true;
}

static bool set_value(struct conform_case *c, const char *kind,
                      const char *name, size_t value)
{
    if (strcmp(kind, "limit") == 0)
        return set_limit(&c->limits, name, value);
    if (strcmp(kind, "delay") == 0)
        return set_delay(&c->delays, name, value);
    return set_compression(&c->deflate, name, value);
}

/* A line that says how the case is set up; false: it belongs to the script. */
static bool take_setting(const struct reader *r, struct conform_case *c,
                         const char *line)
{
    static const char *const kinds[] = {"limit", "delay", "compress"};
    char name[32];
    const char *rest;
    if (begins(line, "deflate", &rest)) {
        struct paper words = {0};
        words_payload(&rest, &words);
        c->words = (char *)words.bytes;
        return true;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!begins(line, kinds[i], &rest))
            continue;
        if (!word_next(&rest, name, sizeof(name)) ||
            !set_value(c, kinds[i], name, strtoul(rest, NULL, 10)))
            refuse(r, "unknown name", line);
        return true;
    }
    return false;
}

static void add_case(struct reader *r, const struct values *v)
{
    struct conform_group *g = r->group;
    struct draft *d = &r->draft;
    struct paper line = {0}, script = {0};
    struct hws_proto_options defaults;

    script_options(&defaults, HWS_CLIENT);
    g->cases = grow(g->cases, (g->count + 1) * sizeof(*g->cases));
    struct conform_case *c = &g->cases[g->count++];
    *c = (struct conform_case){.limits = defaults.limits,
                               .delays = defaults.delays,
                               .deflate = defaults.deflate,
                               .client = d->client,
                               .server = d->server,
                               .handshake = d->handshake};
    fill_in(r, &line, d->title, v);
    snprintf(c->title, sizeof(c->title), "%u.%zu %.140s", r->number, g->count,
             (const char *)line.bytes);
    for (size_t i = 0; i < d->line_count; i++) {
        fill_in(r, &line, d->lines[i], v);
        if (!take_setting(r, c, (const char *)line.bytes))
            conform_line(&script, (const char *)line.bytes);
    }
    paper_free(&line);
    c->script = (char *)script.bytes;
}

/* The next value of a row: up to a blank outside of quotes. */
static char *take_value(const char **row)
{
    while (**row == ' ')
        ++*row;
    const char *begin = *row;
    for (bool quoted = false; **row && (quoted || **row != ' '); ++*row) {
        if (quoted && **row == '\\')
            ++*row;
        else if (**row == '\'')
            quoted = !quoted;
    }
    return strndup(begin, (size_t)(*row - begin));
}

static void add_row(const struct reader *r, struct values *v,
                    const struct table *t, const char *row)
{
    for (size_t i = 0; i < t->name_count; i++) {
        if (v->count == NAMES_MAX)
            refuse(r, "too many names", t->names[i]);
        snprintf(v->names[v->count], sizeof(v->names[0]), "%s", t->names[i]);
        v->texts[v->count] = take_value(&row);
        if (!*v->texts[v->count++])
            refuse(r, "a row lacks a value", t->names[i]);
    }
    if (*row)
        refuse(r, "a row has a value too many", row);
}

static void drop_row(struct values *v, const struct table *t)
{
    for (size_t i = 0; i < t->name_count; i++)
        free(v->texts[--v->count]);
}

/* Every choice of one row of each table from `at` on. */
static void multiply(struct reader *r, struct values *v, size_t at)
{
    if (at == r->draft.table_count) {
        add_case(r, v);
        return;
    }
    const struct table *t = &r->draft.tables[at];
    if (t->row_count == 0)
        refuse(r, "a table has no rows", r->draft.title);
    for (size_t i = 0; i < t->row_count; i++) {
        add_row(r, v, t, t->rows[i]);
        multiply(r, v, at + 1);
        drop_row(v, t);
    }
}

/* -- drafts out of lines -- */

static void end_draft(struct reader *r)
{
    struct draft *d = &r->draft;
    struct values values = {.count = 0};
    if (r->drafting && d->line_count == 0)
        refuse(r, "a case has no script", d->title);
    if (r->drafting)
        multiply(r, &values, 0);
    for (size_t i = 0; i < d->line_count; i++)
        free(d->lines[i]);
    for (size_t i = 0; i < d->table_count; i++) {
        for (size_t k = 0; k < d->tables[i].row_count; k++)
            free(d->tables[i].rows[k]);
    }
    *d = (struct draft){.client = true, .server = true};
}

static void begin_draft(struct reader *r, const char *title)
{
    end_draft(r);
    r->drafting = true;
    snprintf(r->draft.title, sizeof(r->draft.title), "%s", title);
}

static void take_role(struct reader *r, const char *role)
{
    r->draft.client = strcmp(role, "client") == 0;
    r->draft.server = strcmp(role, "server") == 0;
    if (!r->draft.client && !r->draft.server)
        refuse(r, "unknown role", role);
}

static void begin_table(struct reader *r, const char *names)
{
    struct draft *d = &r->draft;
    if (d->table_count == TABLES_MAX)
        refuse(r, "too many tables", names);
    struct table *t = &d->tables[d->table_count++];
    while (t->name_count < NAMES_MAX &&
           word_next(&names, t->names[t->name_count], sizeof(t->names[0])))
        t->name_count++;
}

static void take_row(struct reader *r, const char *line)
{
    struct draft *d = &r->draft;
    struct table *t = d->table_count ? &d->tables[d->table_count - 1] : NULL;
    if (!t || t->row_count == ROWS_MAX)
        refuse(r, "a row without a table, or too many", line);
    t->rows[t->row_count++] = strdup(line + 2);
}

static void take_case_line(struct reader *r, const char *line)
{
    struct draft *d = &r->draft;
    const char *rest;
    if (begins(line, "role", &rest))
        take_role(r, rest);
    else if (strcmp(line, "handshake") == 0)
        d->handshake = true;
    else if (begins(line, "for", &rest))
        begin_table(r, rest);
    else if (strncmp(line, "  ", 2) == 0)
        take_row(r, line);
    else if (d->line_count == LINES_MAX)
        refuse(r, "too many lines", line);
    else
        d->lines[d->line_count++] = strdup(line);
}

static void take_line(struct reader *r, const char *line)
{
    const char *rest;
    if (!*line || *line == '#')
        return;
    if (begins(line, "group", &rest))
        snprintf(r->group->title, sizeof(r->group->title), "%s", rest);
    else if (begins(line, "case", &rest))
        begin_draft(r, rest);
    else if (r->drafting)
        take_case_line(r, line);
    else
        refuse(r, "no case has begun", line);
}

void conform_read(struct conform_group *group, const char *path,
                  unsigned number)
{
    struct reader r = {.path = path, .number = number, .group = group};
    char line[LINE_MAX];
    FILE *file = fopen(path, "r");
    *group = (struct conform_group){.count = 0};
    if (!file)
        refuse(&r, "cannot be opened", "");
    end_draft(&r);
    while (fgets(line, sizeof(line), file)) {
        r.line_number++;
        line[strcspn(line, "\n")] = 0;
        take_line(&r, line);
    }
    end_draft(&r);
    fclose(file);
    if (group->count == 0)
        refuse(&r, "no case", "");
}

void conform_free(struct conform_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->cases[i].script);
        free(group->cases[i].words);
    }
    free(group->cases);
}
