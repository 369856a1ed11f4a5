/* The findings, for people and for programs. */
#include "doctor_sheet.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

/* Where the sentences begin, and where lines end. */
enum { PRINT_INDENT = 21, PRINT_WIDTH = 79 };

static const char *const colours[] = {
    [DOCTOR_NONE] = "2",
    [DOCTOR_GOOD] = "32",
    [DOCTOR_WARN] = "33",
    [DOCTOR_BAD] = "31",
};

/* ---- for people */

/* Blanks and the next word of `text`, or all that a line can hold of it. */
static struct hws_span take_word(struct hws_span *text, size_t room)
{
    struct hws_span word = {text->data, 0};
    while (word.size < text->size && text->data[word.size] == ' ')
        word.size++;
    while (word.size < text->size && text->data[word.size] != ' ')
        word.size++;
    if (word.size > room)
        word.size = room;
    text->data += word.size;
    text->size -= word.size;
    return word;
}

static struct hws_span without_blanks(struct hws_span word)
{
    while (word.size && word.data[0] == ' ') {
        word.data++;
        word.size--;
    }
    return word;
}

/* One line of text from column `indent` on, wrapped there. */
static void print_wrapped(struct output *out, struct hws_span text,
                          size_t indent)
{
    size_t at = indent;
    while (text.size) {
        struct hws_span word = take_word(&text, PRINT_WIDTH - indent);
        if (at > indent && at + word.size > PRINT_WIDTH) {
            output_format(out, "\n%*s", (int)indent, "");
            at = indent;
            word = without_blanks(word);
        }
        output_escaped(out, word);
        at += word.size;
    }
    output_text(out, "\n");
}

/* Take a line off `text`. */
static bool next_line(const char **text, struct hws_span *line)
{
    if (**text == '\0')
        return false;
    size_t size = strcspn(*text, "\n");
    *line = (struct hws_span){(const uint8_t *)*text, size};
    *text += size + ((*text)[size] == '\n');
    return true;
}

static void print_details(struct output *out, const char *text)
{
    struct hws_span line;
    while (next_line(&text, &line)) {
        output_format(out, "%*s", PRINT_INDENT, "");
        output_colour(out, "2");
        print_wrapped(out, line, PRINT_INDENT);
        output_plain(out);
    }
}

static void print_advice(struct output *out, const struct doctor_finding *f)
{
    const char *text = f->advice;
    struct hws_span line;
    while (next_line(&text, &line)) {
        output_format(out, "%*s", PRINT_INDENT, "");
        output_colour(out, colours[f->mark]);
        output_text(out, "=> ");
        output_plain(out);
        print_wrapped(out, line, PRINT_INDENT + 3);
    }
}

static void print_finding(struct output *out, const struct doctor_finding *f)
{
    output_colour(out, colours[f->mark]);
    output_format(out, "  %-4s",
                  f->mark == DOCTOR_NONE ? "-" : doctor_mark_name(f->mark));
    output_plain(out);
    output_format(out, "  %-11s  ", f->name);
    print_wrapped(out, hws_span_text(f->text), PRINT_INDENT);
    print_details(out, f->details);
    print_advice(out, f);
}

static bool is_reached(const struct doctor_finding *f)
{
    return strcmp(f->text, DOCTOR_NOT_REACHED) != 0;
}

/* All that was not reached on one line, for it says nothing more. */
static void print_rest(struct output *out, const struct doctor_sheet *sheet)
{
    char names[DOCTOR_FINDINGS_MAX * 16] = "";
    for (size_t i = 0; i < sheet->count; i++) {
        size_t used = strlen(names);
        if (!is_reached(&sheet->items[i]))
            snprintf(names + used, sizeof names - used, "%s%s",
                     used ? ", " : "", sheet->items[i].name);
    }
    if (!names[0])
        return;
    output_colour(out, colours[DOCTOR_NONE]);
    output_text(out, "  -     ");
    output_text(out, "not reached  ");
    print_wrapped(out, hws_span_text(names), PRINT_INDENT);
    output_plain(out);
}

static void print_sum(struct output *out, const struct doctor_sheet *sheet)
{
    enum doctor_mark worst = doctor_worst(sheet);
    size_t bad = doctor_tally(sheet, DOCTOR_BAD);
    size_t warn = doctor_tally(sheet, DOCTOR_WARN);
    output_text(out, "\n  ");
    output_colour(out, colours[worst]);
    if (bad)
        output_format(out, "%zu bad", bad);
    else
        output_text(out, warn ? "nothing bad" : "all good");
    if (warn)
        output_format(out, ", %zu to look at", warn);
    output_plain(out);
    output_text(out, "\n");
}

void doctor_print(struct output *out, const struct doctor_sheet *sheet,
                  const char *url)
{
    output_text(out, "hawser doctor ");
    output_escaped(out, hws_span_text(url));
    output_text(out, "\n\n");
    for (size_t i = 0; i < sheet->count; i++)
        if (is_reached(&sheet->items[i]))
            print_finding(out, &sheet->items[i]);
    print_rest(out, sheet);
    print_sum(out, sheet);
}

/* ---- for programs */

static void json_lines(struct json *j, const char *key, const char *text)
{
    struct hws_span line;
    json_open_list(j, key);
    while (next_line(&text, &line))
        json_text(j, NULL, line);
    json_close_list(j);
}

static void json_figure(struct json *j, const struct doctor_figure *figure)
{
    if (figure->kind == DOCTOR_COUNT)
        json_integer(j, figure->key, figure->count);
    else if (figure->kind == DOCTOR_MS)
        json_ms(j, figure->key, figure->count);
    else if (figure->kind == DOCTOR_NUMBER)
        json_number(j, figure->key, figure->number);
    else
        json_text(j, figure->key, hws_span_text(figure->text));
}

static void json_finding(struct json *j, const struct doctor_finding *f)
{
    json_open(j, f->key);
    json_text(j, "mark", hws_span_text(doctor_mark_name(f->mark)));
    json_text(j, "text", hws_span_text(f->text));
    json_lines(j, "advice", f->advice);
    json_lines(j, "details", f->details);
    for (size_t i = 0; i < f->figure_count; i++)
        json_figure(j, &f->figures[i]);
    json_close(j);
}

void doctor_print_json(struct output *out, const struct doctor_sheet *sheet,
                       const char *url)
{
    struct json j = {.out = out};
    json_open(&j, NULL);
    json_text(&j, "url", hws_span_text(url));
    json_text(&j, "mark", hws_span_text(doctor_mark_name(doctor_worst(sheet))));
    json_open(&j, "checks");
    for (size_t i = 0; i < sheet->count; i++)
        json_finding(&j, &sheet->items[i]);
    json_close(&j);
    json_end(&j);
}
