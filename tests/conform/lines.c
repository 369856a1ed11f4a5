#include "lines.h"

#include "proto/script.h"

static void write_line(struct paper *script, const char *line)
{
    paper_add(script, line, strlen(line));
    paper_add(script, "\n", 1);
}

/* "fails 1002 protocol": what follows every mistake of the peer's. */
static void write_failure(struct paper *script, const char *text)
{
    char code[16], status[32];
    assert_true(word_next(&text, code, sizeof(code)));
    assert_true(word_next(&text, status, sizeof(status)));
    paper_print(script,
                "> close %s *\n! closing local %s\n= lost eof\n"
                "! down %s frame by local sent %s got 1006: *\n",
                code, code, status, code);
}

/* "crumbs text 'abc'": one fragment for each byte. */
static void write_crumbs(struct paper *script, const char *text)
{
    char word[16];
    struct paper payload = {0};
    const char *how = word_is(&text, "deflated") ? "deflated " : "";
    assert_true(word_next(&text, word, sizeof(word)));
    words_payload(&text, &payload);
    bool open = word_is(&text, "...");
    for (size_t i = 0; i < payload.size; i++) {
        bool last = !open && i + 1 == payload.size;
        paper_print(script, "< %s%s%s ", how, i ? "more" : word,
                    last ? "" : "...");
        paper_quote(script, payload.bytes + i, 1);
        paper_print(script, "\n");
    }
    paper_free(&payload);
}

/* A head as a value of a table has quotes: "head 'GET / HTTP/1.1|...'". What
 * it begins with and ends with is the same for many. */
static void write_head(struct paper *script, const char *begin,
                       const char *text, const char *end)
{
    struct paper head = {0};
    words_payload(&text, &head);
    paper_print(script, "%s%s%s\n", begin, (const char *)head.bytes, end);
    paper_free(&head);
}

static bool is_head(struct paper *script, const char *line)
{
    static const char extension[] = "Sec-WebSocket-Extensions: ";
    char begin[512];
    const char *text = line;
    if (word_is(&text, "head")) {
        write_head(script, "< http ", text, "");
    } else if (word_is(&text, "sends")) {
        write_head(script, "> http ", text, "");
    } else if (word_is(&text, "answer")) {
        snprintf(begin, sizeof(begin), "< http %s%s", SCRIPT_ANSWER, extension);
        write_head(script, begin, text, "||");
    } else if (word_is(&text, "request")) {
        snprintf(begin, sizeof(begin), "< http %s%s", SCRIPT_REQUEST,
                 extension);
        write_head(script, begin, text, "||");
    } else {
        return false;
    }
    return true;
}

/*
 * A payload is seen as paper_quote() writes it, and expected as its author
 * found it readable: 'a'*3 or 'a' 'b'. What follows it stays as it is.
 */
static void write_expected(struct paper *script, const char *line)
{
    const char *quote = strchr(line, '\'');
    if (!quote || strncmp(line, "! down", 6) == 0 ||
        strncmp(line + 2, "http", 4) == 0) {
        write_line(script, line);
        return;
    }
    struct paper payload = {0};
    paper_add(script, line, (size_t)(quote - line));
    words_payload(&quote, &payload);
    paper_quote(script, payload.bytes, payload.size);
    paper_print(script, "%s%s\n", *quote && *quote != '.' ? " " : "", quote);
    paper_free(&payload);
}

void conform_line(struct paper *script, const char *line)
{
    if (is_head(script, line))
        return;
    if (strncmp(line, "fails ", 6) == 0)
        write_failure(script, line + 6);
    else if (strncmp(line, "crumbs ", 7) == 0)
        write_crumbs(script, line + 7);
    else if (line[0] == '>' || line[0] == '!')
        write_expected(script, line);
    else
        write_line(script, line);
}
