#include "script.h"

#include "journal.h"
#include "zpeer.h"

#include <stdlib.h>

#define LINES_MAX 64  /* expected but not yet seen, of one kind */
#define CUTS_MAX 700  /* ways in which a script is cut */
#define LARGE_CUTS 40 /* ... in which a large one is cut */
#define HUGE_CUTS 2   /* ... in which a huge one is cut */
#define LARGE 10000   /* bytes */
#define HUGE_SIZE 500000
#define LINE_MAX 4096

struct player {
    const struct hws_proto_options *options;
    struct hws_proto *proto;
    hws_time now;
    bool stalled; /* output is not taken */
    bool http;    /* the next output is an HTTP head */
    bool masked;  /* the peer masks */
    size_t cut;   /* bytes until the next cut; SIZE_MAX: none */
    size_t chop;  /* most bytes that come at once; SIZE_MAX: no limit */
    size_t fed;   /* bytes in all */
    struct paper sent;
    struct zpeer *zpeer;
    struct journal events, outputs;
    char line[LINE_MAX]; /* the one being played */
    const char *title;
};

static unsigned long plays;

unsigned long script_plays(void)
{
    return plays;
}

static void fill_sample(void *context, void *bytes, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t) "the sample nonce"[i % 16];
}

void script_options(struct hws_proto_options *options, enum hws_role role)
{
    hws_proto_options_init(options);
    options->role = role;
    options->host = "x";
    options->random.fill = fill_sample;
}

static void take_output(struct player *p, size_t size)
{
    struct hws_span output = hws_proto_output(p->proto);
    size = size < output.size ? size : output.size;
    paper_add(&p->sent, output.data, size);
    hws_proto_wrote(p->proto, size, p->now);
}

static void write_outputs(struct player *p)
{
    struct paper line = {0};
    while (words_frame(&p->sent, p->http, p->zpeer, &line)) {
        p->http = false;
        journal_add(&p->outputs, &line);
        paper_clear(&line);
    }
    paper_free(&line);
}

static void drain(struct player *p)
{
    struct hws_event event;
    while (hws_proto_next(p->proto, &event))
        journal_event(&p->events, &event);
}

/* All that is to be done now: events first, for they may cause output. */
static void settle(struct player *p)
{
    drain(p);
    while (!p->stalled && hws_proto_output(p->proto).size)
        take_output(p, SIZE_MAX);
    drain(p);
    write_outputs(p);
}

/* Bytes come in memory of their own, which is gone once they are drained: so
 * no one reads beside them, or too late. */
static void feed(struct player *p, const uint8_t *bytes, size_t size)
{
    size_t room;
    uint8_t *space = hws_proto_space(p->proto, &room);
    uint8_t *lent = space && room >= size ? space : malloc(size);
    memcpy(lent, bytes, size);
    if (hws_proto_feed(p->proto, lent, size, p->now) == 0)
        drain(p);
    if (lent != space)
        free(lent);
    settle(p);
}

static void play_bytes(struct player *p, const char *text)
{
    struct paper bytes = {0};
    words_bytes(text, p->masked, p->zpeer, &bytes);
    size_t at = 0;
    while (at < bytes.size) {
        size_t size = bytes.size - at;
        size = size < p->chop ? size : p->chop;
        if (p->cut > p->fed && p->cut - p->fed < size)
            size = p->cut - p->fed;
        feed(p, bytes.bytes + at, size);
        p->fed += size;
        at += size;
    }
    paper_free(&bytes);
}

static void play_time(struct player *p, const char *text)
{
    char unit[4] = "";
    double amount = 0;
    assert_int_equal(sscanf(text, "%lf%3s", &amount, unit), 2);
    double scale = strcmp(unit, "ms") == 0 ? 1e6 : 1e9;
    hws_time until = p->now + (hws_time)(amount * scale);
    for (;;) {
        hws_time deadline = hws_proto_deadline(p->proto);
        if (deadline > until)
            break;
        p->now = deadline > p->now ? deadline : p->now;
        hws_proto_tick(p->proto, p->now);
        settle(p);
    }
    /* A tick that nobody asked for does nothing. */
    p->now = until;
    hws_proto_tick(p->proto, until);
    settle(p);
}

static enum hws_opcode opcode_of(const char *word)
{
    if (strcmp(word, "text") == 0)
        return HWS_TEXT;
    return strcmp(word, "binary") == 0 ? HWS_BINARY : HWS_CONTINUATION;
}

static int call_send(struct player *p, const char *text, bool last)
{
    char word[32];
    struct paper payload = {0};
    assert_true(word_next(&text, word, sizeof(word)));
    words_payload(&text, &payload);
    struct hws_span data = {payload.bytes, payload.size};
    int status = hws_proto_send(p->proto, opcode_of(word), data, last, p->now);
    paper_free(&payload);
    return status;
}

static int call_close(struct player *p, const char *text)
{
    char code[32] = "0";
    struct paper reason = {0};
    if (*text && strncmp(text, " ->", 3) != 0)
        word_next(&text, code, sizeof(code));
    words_payload(&text, &reason);
    struct hws_span data = {reason.bytes, reason.size};
    int status = hws_proto_close(p->proto, (unsigned)atoi(code), data, p->now);
    paper_free(&reason);
    return status;
}

static int call_ping(struct player *p, const char *text)
{
    struct paper payload = {0};
    words_payload(&text, &payload);
    struct hws_span data = {payload.bytes, payload.size};
    int status = hws_proto_ping(p->proto, data, p->now);
    paper_free(&payload);
    return status;
}

static int call_reject(struct player *p, const char *text)
{
    const struct hws_refusal refusal = {.http_status = atoi(text),
                                        .body = hws_span_text("no")};
    return hws_proto_reject(p->proto, &refusal, p->now);
}

static int call_accept(struct player *p, const char *text)
{
    struct paper name = {0};
    words_payload(&text, &name);
    int status = hws_proto_accept(
        p->proto, name.size ? (const char *)name.bytes : NULL, NULL, 0, p->now);
    paper_free(&name);
    return status;
}

static int call_lost(struct player *p, const char *text)
{
    struct hws_fault fault = {.status = HWS_E_EOF, .phase = HWS_PHASE_TCP};
    if (word_is(&text, "reset")) {
        fault.status = HWS_E_RESET;
        strcpy(fault.text, "connection reset by peer");
    } else {
        assert_true(word_is(&text, "eof"));
    }
    hws_proto_lost(p->proto, &fault, word_is(&text, "truncated"), p->now);
    return 0;
}

static int call_fail(struct player *p)
{
    struct hws_fault fault = {.status = HWS_E_CANCELLED,
                              .phase = HWS_PHASE_LOCAL,
                              .text = "given up"};
    hws_proto_fail(p->proto, &fault, p->now);
    return 0;
}

static void chop(struct player *p, size_t most)
{
    p->chop = p->chop < most ? p->chop : most;
}

/* The calls that are about the script's own doing. */
static int call_other(struct player *p, const char *word, const char *text)
{
    if (strcmp(word, "stall") == 0 || strcmp(word, "flow") == 0)
        p->stalled = word[0] == 's';
    else if (strcmp(word, "take") == 0)
        take_output(p, strtoul(text, NULL, 10));
    else if (strcmp(word, "chop") == 0)
        chop(p, strtoul(text, NULL, 10));
    else if (strcmp(word, "pause") == 0 || strcmp(word, "resume") == 0)
        hws_proto_reading(p->proto, word[0] == 'r', p->now);
    else if (strcmp(word, "probe") == 0)
        hws_proto_probe(p->proto, p->now);
    else if (strcmp(word, "trim") == 0)
        hws_proto_trim(p->proto);
    else if (strcmp(word, "shut") == 0)
        return hws_proto_wants_shut(p->proto) ? 0 : HWS_E_STATE;
    else
        fail_msg("unknown call '%s'", word);
    return 0;
}

static int call(struct player *p, const char *word, const char *text)
{
    if (strcmp(word, "send") == 0 || strcmp(word, "part") == 0)
        return call_send(p, text, word[0] == 's');
    if (strcmp(word, "ping") == 0)
        return call_ping(p, text);
    if (strcmp(word, "close") == 0)
        return call_close(p, text);
    if (strcmp(word, "accept") == 0)
        return call_accept(p, text);
    if (strcmp(word, "reject") == 0)
        return call_reject(p, text);
    if (strcmp(word, "lost") == 0)
        return call_lost(p, text);
    if (strcmp(word, "fail") == 0)
        return call_fail(p);
    return call_other(p, word, text);
}

static void play_call(struct player *p, const char *text)
{
    char word[32];
    const char *wanted = strstr(text, " -> ");
    assert_true(word_next(&text, word, sizeof(word)));
    int status = call(p, word, text);
    assert_string_equal(hws_status_name(status), wanted ? wanted + 4 : "ok");
    settle(p);
}

static bool matches(const char *line, const char *pattern)
{
    size_t size = strlen(pattern);
    if (size && pattern[size - 1] == '*')
        return strncmp(line, pattern, size - 1) == 0;
    return strcmp(line, pattern) == 0;
}

static void expect(struct player *p, struct journal *j, const char *pattern)
{
    if (j->count == 0)
        fail_msg("%s: missing: %s", p->title, pattern);
    if (!matches(j->lines[0], pattern))
        fail_msg("%s: wanted: %s\n     but got: %s", p->title, pattern,
                 j->lines[0]);
    journal_take(j);
}

static void expect_no_more(struct player *p)
{
    if (p->events.count)
        fail_msg("%s: before '%s': event not expected: %s", p->title, p->line,
                 p->events.lines[0]);
    if (p->outputs.count)
        fail_msg("%s: before '%s': output not expected: %s", p->title, p->line,
                 p->outputs.lines[0]);
}

static void play_line(struct player *p)
{
    const char *rest = p->line + 1;
    while (*rest == ' ')
        rest++;
    if (strchr("<=@", p->line[0]))
        expect_no_more(p);
    switch (p->line[0]) {
    case '<':
        play_bytes(p, rest);
        break;
    case '=':
        play_call(p, rest);
        break;
    case '@':
        play_time(p, rest);
        break;
    case '>':
        expect(p, &p->outputs, rest);
        break;
    case '!':
        expect(p, &p->events, rest);
        break;
    default:
        fail_msg("script: cannot read '%s'", p->line);
    }
}

static void play_lines(struct player *p, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        assert_true(size < LINE_MAX);
        memcpy(p->line, text, size);
        p->line[size] = 0;
        if (size)
            play_line(p);
        text += size + (text[size] == '\n');
    }
    strcpy(p->line, "the end");
    settle(p);
    expect_no_more(p);
}

/* Play once. Returns how many bytes the peer sent. */
static size_t play_once(const struct hws_proto_options *options,
                        const char *opening, const char *text, size_t cut,
                        size_t chop)
{
    char title[64];
    snprintf(title, sizeof(title), "%s, cut at %zu%s",
             options->role == HWS_CLIENT ? "client" : "server", cut,
             chop == 1 ? ", in crumbs" : "");
    struct player *p = calloc(1, sizeof(*p));
    *p = (struct player){.options = options,
                         .now = HWS_S(1000),
                         .masked = options->role == HWS_SERVER,
                         .http = true,
                         .cut = cut,
                         .chop = chop,
                         .zpeer = zpeer_new(),
                         .title = title};
    p->proto = hws_proto_new(options, p->now, NULL);
    assert_non_null(p->proto);
    settle(p);
    if (*opening)
        play_lines(p, opening);
    size_t before = p->fed;
    p->cut += cut == SIZE_MAX ? 0 : before;
    play_lines(p, text);
    size_t size = p->fed - before;
    hws_proto_free(p->proto);
    journal_clear(&p->events);
    journal_clear(&p->outputs);
    paper_free(&p->sent);
    zpeer_free(p->zpeer);
    free(p);
    plays++;
    return size;
}

static size_t cuts_of(size_t size)
{
    if (size < LARGE)
        return CUTS_MAX;
    return size < HUGE_SIZE ? LARGE_CUTS : HUGE_CUTS;
}

static void play_cuts(const struct hws_proto_options *options,
                      const char *opening, const char *text)
{
    size_t size = play_once(options, opening, text, SIZE_MAX, SIZE_MAX);
    size_t step = 1 + size / cuts_of(size);
    for (size_t cut = 1; cut < size; cut += step)
        play_once(options, opening, text, cut, SIZE_MAX);
    if (size < LARGE)
        play_once(options, opening, text, SIZE_MAX, 1);
}

void play_handshake(const struct hws_proto_options *options, const char *text)
{
    play_cuts(options, "", text);
}

void play_with(const struct hws_proto_options *options, const char *text)
{
    static const char client[] =
        "> http GET *\n"
        "< http " SCRIPT_ANSWER
        "|\n"
        "! up\n";
    static const char server[] = "< http " SCRIPT_REQUEST
                                 "|\n"
                                 "> http HTTP/1.1 101 *\n"
                                 "! up\n";
    play_cuts(options, options->role == HWS_CLIENT ? client : server, text);
}

void play_deflated(const struct hws_proto_options *options, const char *words,
                   const char *text)
{
    char opening[1024];
    bool client = options->role == HWS_CLIENT;
    snprintf(opening, sizeof(opening),
             "%s< http %sSec-WebSocket-Extensions: %s||\n%s! up\n",
             client ? "> http GET *\n" : "",
             client ? SCRIPT_ANSWER : SCRIPT_REQUEST, words,
             client ? "" : "> http HTTP/1.1 101 *\n");
    play_cuts(options, opening, text);
}

void play(const char *text)
{
    struct hws_proto_options options;
    script_options(&options, HWS_CLIENT);
    play_with(&options, text);
    script_options(&options, HWS_SERVER);
    play_with(&options, text);
}
