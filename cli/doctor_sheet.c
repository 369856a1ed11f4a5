#include "doctor_sheet.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *doctor_mark_name(enum doctor_mark mark)
{
    static const char *const names[] = {
        [DOCTOR_NONE] = "none",
        [DOCTOR_GOOD] = "good",
        [DOCTOR_WARN] = "warn",
        [DOCTOR_BAD] = "bad",
    };
    return names[mark];
}

struct doctor_finding *doctor_begin(struct doctor_sheet *sheet,
                                    const char *name, const char *key)
{
    assert(sheet->count < DOCTOR_FINDINGS_MAX);
    struct doctor_finding *f = &sheet->items[sheet->count++];
    *f = (struct doctor_finding){.name = name, .key = key};
    return f;
}

/* What does not fit is cut off. */
static void append(char *text, size_t size, const char *format, va_list list)
{
    size_t used = strlen(text);
    vsnprintf(text + used, size - used, format, list);
}

static void append_line(char *text, size_t size, const char *format,
                        va_list list)
{
    size_t used = strlen(text);
    if (used && used + 1 < size) {
        text[used] = '\n';
        text[used + 1] = '\0';
    }
    append(text, size, format, list);
}

void doctor_say(struct doctor_finding *f, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    append(f->text, sizeof f->text, format, list);
    va_end(list);
}

void doctor_raise(struct doctor_finding *f, enum doctor_mark mark)
{
    if (mark > f->mark)
        f->mark = mark;
}

void doctor_advise(struct doctor_finding *f, enum doctor_mark mark,
                   const char *format, ...)
{
    va_list list;
    doctor_raise(f, mark);
    va_start(list, format);
    append_line(f->advice, sizeof f->advice, format, list);
    va_end(list);
}

void doctor_detail(struct doctor_finding *f, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    append_line(f->details, sizeof f->details, format, list);
    va_end(list);
}

static struct doctor_figure *add_figure(struct doctor_finding *f,
                                        const char *key, enum doctor_kind kind)
{
    assert(f->figure_count < DOCTOR_FIGURES_MAX);
    struct doctor_figure *figure = &f->figures[f->figure_count++];
    *figure = (struct doctor_figure){.key = key, .kind = kind};
    return figure;
}

void doctor_count(struct doctor_finding *f, const char *key, int64_t count)
{
    add_figure(f, key, DOCTOR_COUNT)->count = count;
}

void doctor_ms(struct doctor_finding *f, const char *key, hws_time delay)
{
    add_figure(f, key, DOCTOR_MS)->count = delay;
}

void doctor_number(struct doctor_finding *f, const char *key, double number)
{
    add_figure(f, key, DOCTOR_NUMBER)->number = number;
}

void doctor_text(struct doctor_finding *f, const char *key, const char *text)
{
    struct doctor_figure *figure = add_figure(f, key, DOCTOR_TEXT);
    snprintf(figure->text, sizeof figure->text, "%s", text);
}

size_t doctor_tally(const struct doctor_sheet *sheet, enum doctor_mark mark)
{
    size_t count = 0;
    for (size_t i = 0; i < sheet->count; i++)
        count += sheet->items[i].mark == mark;
    return count;
}

enum doctor_mark doctor_worst(const struct doctor_sheet *sheet)
{
    enum doctor_mark worst = DOCTOR_NONE;
    for (size_t i = 0; i < sheet->count; i++)
        if (sheet->items[i].mark > worst)
            worst = sheet->items[i].mark;
    return worst;
}
