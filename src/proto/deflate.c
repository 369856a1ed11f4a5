#include "proto/deflate.h"

#include "base/status.h"

#define NAME "permessage-deflate"

/* The parameters of RFC 7692 section 7.1. */
enum param { SERVER_FORGETS, CLIENT_FORGETS, SERVER_BITS, CLIENT_BITS, PARAMS };

static const char *const names[PARAMS] = {
    [SERVER_FORGETS] = "server_no_context_takeover",
    [CLIENT_FORGETS] = "client_no_context_takeover",
    [SERVER_BITS] = "server_max_window_bits",
    [CLIENT_BITS] = "client_max_window_bits",
};

/* One offer or one answer, as it was read. */
struct params {
    bool has[PARAMS];
    uint8_t bits[PARAMS]; /* of the windows; 15 where none is named */
};

static int refuse(struct hws_fault *fault, const char *option, int value,
                  const char *range)
{
    return hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                         "option 'deflate.%s' must be %s, not %d", option,
                         range, value);
}

int hwi_deflate_check(const struct hws_deflate *wish, struct hws_fault *fault)
{
    const struct {
        const char *name, *range;
        int value, least, most;
    } values[] = {
        {"window_bits", "8 to 15", wish->window_bits, 8, 15},
        {"peer_window_bits", "8 to 15", wish->peer_window_bits, 8, 15},
        {"level", "1 to 9", wish->level, 1, 9},
        {"memory_level", "1 to 9", wish->memory_level, 1, 9},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        int value = values[i].value;
        if (value < values[i].least || value > values[i].most)
            return refuse(fault, values[i].name, value, values[i].range);
    }
    return 0;
}

static uint8_t lesser(unsigned a, unsigned b)
{
    return (uint8_t)(a < b ? a : b);
}

/* Whether the peer is asked to hold back in any way. */
static bool demands(const struct hws_deflate *wish)
{
    return wish->peer_no_context_takeover ||
           wish->peer_window_bits < HWI_WINDOW_BITS_MAX;
}

/* What is said of our own side: a server may always limit our window, and our
 * own limit lets it save memory. */
static int write_own(struct hwi_buf *out, const struct hws_deflate *wish)
{
    int status = hwi_buf_format(out, NAME "; %s", names[CLIENT_BITS]);
    if (!status && wish->window_bits < HWI_WINDOW_BITS_MAX)
        status = hwi_buf_format(out, "=%d", wish->window_bits);
    if (!status && wish->no_context_takeover)
        status = hwi_buf_format(out, "; %s", names[CLIENT_FORGETS]);
    return status;
}

static int write_demands(struct hwi_buf *out, const struct hws_deflate *wish)
{
    int status = 0;
    if (wish->peer_no_context_takeover)
        status = hwi_buf_format(out, "; %s", names[SERVER_FORGETS]);
    if (!status && wish->peer_window_bits < HWI_WINDOW_BITS_MAX)
        status = hwi_buf_format(out, "; %s=%d", names[SERVER_BITS],
                                wish->peer_window_bits);
    return status;
}

int hwi_deflate_write_offer(struct hwi_buf *out, const struct hws_deflate *wish)
{
    int status = hwi_buf_text(out, "Sec-WebSocket-Extensions: ");
    if (!status)
        status = write_own(out, wish);
    if (!status)
        status = write_demands(out, wish);
    if (!status && wish->fallback && demands(wish)) {
        status = hwi_buf_text(out, ", ");
        if (!status)
            status = write_own(out, wish);
    }
    return status ? status : hwi_buf_text(out, "\r\n");
}

static enum param param_named(struct hws_span name)
{
    size_t i = 0;
    while (i < PARAMS && !hwi_span_is(name, names[i]))
        i++;
    return (enum param)i;
}

/* The value of a window: 8 to 15; in an offer the client's may lack it, which
 * says "as you like". */
static bool read_bits(const struct hwi_extension_param *param, bool optional,
                      uint8_t *bits)
{
    unsigned number;
    if (!param->has_value)
        return optional;
    if (!hwi_extension_number(param, &number) || number < 8 ||
        number > HWI_WINDOW_BITS_MAX)
        return false;
    *bits = (uint8_t)number;
    return true;
}

static const char *read_param(struct params *p,
                              const struct hwi_extension_param *param,
                              bool offer)
{
    enum param which = param_named(param->name);
    if (which == PARAMS)
        return "with an unknown parameter of " NAME;
    if (p->has[which])
        return "with a parameter of " NAME " twice";
    p->has[which] = true;
    bool good =
        which < SERVER_BITS
            ? !param->has_value
            : read_bits(param, offer && which == CLIENT_BITS, &p->bits[which]);
    return good ? NULL : "with a bad value in a parameter of " NAME;
}

static const char malformed[] = "with a malformed Sec-WebSocket-Extensions";

/* All parameters of one offer or answer. NULL, or the first flaw; `malformed`
 * concerns the whole header. */
static const char *read_params(struct params *p, struct hwi_extension *e,
                               bool offer, struct hws_span *subject)
{
    struct hwi_extension_param param;
    const char *flaw = NULL;
    int more;
    *p = (struct params){.bits = {[SERVER_BITS] = HWI_WINDOW_BITS_MAX,
                                  [CLIENT_BITS] = HWI_WINDOW_BITS_MAX}};
    while ((more = hwi_extension_param(e, &param)) > 0) {
        if (flaw)
            continue;
        flaw = read_param(p, &param, offer);
        *subject = param.text;
    }
    if (more == 0)
        return flaw;
    *subject = e->text;
    return malformed;
}

/* What was demanded must be promised, unless we can do without. */
static const char *check_promises(const struct params *p,
                                  const struct hws_deflate *wish,
                                  struct hws_span *subject)
{
    if (wish->fallback)
        return NULL;
    *subject = hws_span_text(names[SERVER_FORGETS]);
    if (wish->peer_no_context_takeover && !p->has[SERVER_FORGETS])
        return "without the demanded parameter of " NAME;
    *subject = hws_span_text(names[SERVER_BITS]);
    if (p->bits[SERVER_BITS] > wish->peer_window_bits)
        return "with a larger window than was demanded with";
    return NULL;
}

static const char *read_answer(struct hwi_deflate_terms *terms,
                               const struct hws_deflate *wish,
                               struct hwi_extension *e,
                               struct hws_span *subject)
{
    struct params p;
    const char *flaw = read_params(&p, e, false, subject);
    if (!flaw)
        flaw = check_promises(&p, wish, subject);
    if (flaw)
        return flaw;
    *terms = (struct hwi_deflate_terms){
        .agreed = true,
        .forget = wish->no_context_takeover || p.has[CLIENT_FORGETS],
        .peer_forgets = p.has[SERVER_FORGETS],
        .bits = lesser((unsigned)wish->window_bits, p.bits[CLIENT_BITS]),
        .peer_bits = p.bits[SERVER_BITS],
    };
    return NULL;
}

const char *hwi_deflate_read_answer(struct hwi_deflate_terms *terms,
                                    const struct hws_deflate *wish,
                                    const struct hwi_http_head *head,
                                    struct hws_span *subject)
{
    struct hwi_extension_list list = {.head = head};
    struct hwi_extension e;
    int more;
    while ((more = hwi_extension_next(&list, &e)) > 0) {
        *subject = e.text;
        if (!wish->enabled || !hwi_span_is(e.name, NAME))
            return "with an extension that was not offered";
        if (terms->agreed)
            return "with " NAME " twice";
        const char *flaw = read_answer(terms, wish, &e, subject);
        if (flaw)
            return flaw;
    }
    *subject = e.text;
    return more ? malformed : NULL;
}

/* RFC 7692 section 7.1: the server declines an offer that it does not
 * understand or cannot honour, and looks at the next. */
static void weigh(struct hwi_deflate_terms *terms,
                  const struct hws_deflate *wish, const struct params *p)
{
    unsigned bits = (unsigned)wish->peer_window_bits;
    if (bits < HWI_WINDOW_BITS_MAX && !p->has[CLIENT_BITS]) {
        if (!wish->fallback)
            return;
        bits = HWI_WINDOW_BITS_MAX; /* section 7.1.2.2: not ours to limit */
    }
    *terms = (struct hwi_deflate_terms){
        .agreed = true,
        .forget = wish->no_context_takeover || p->has[SERVER_FORGETS],
        .peer_forgets =
            wish->peer_no_context_takeover || p->has[CLIENT_FORGETS],
        .bits = lesser((unsigned)wish->window_bits, p->bits[SERVER_BITS]),
        .peer_bits = lesser(bits, p->bits[CLIENT_BITS]),
        .window_asked = p->has[SERVER_BITS],
    };
}

const char *hwi_deflate_choose(struct hwi_deflate_terms *terms,
                               const struct hws_deflate *wish,
                               const struct hwi_http_head *head,
                               struct hws_span *subject)
{
    struct hwi_extension_list list = {.head = head};
    struct hwi_extension e;
    struct params p;
    int more;
    while ((more = hwi_extension_next(&list, &e)) > 0) {
        bool ours = hwi_span_is(e.name, NAME);
        const char *flaw = read_params(&p, &e, true, subject);
        if (flaw == malformed)
            return malformed;
        if (ours && !flaw && wish->enabled && !terms->agreed)
            weigh(terms, wish, &p);
    }
    *subject = e.text;
    return more ? malformed : NULL;
}

int hwi_deflate_write_answer(struct hwi_buf *out,
                             const struct hwi_deflate_terms *terms)
{
    if (!terms->agreed)
        return 0;
    int status = hwi_buf_text(out, "Sec-WebSocket-Extensions: " NAME);
    if (!status && terms->forget)
        status = hwi_buf_format(out, "; %s", names[SERVER_FORGETS]);
    if (!status && terms->peer_forgets)
        status = hwi_buf_format(out, "; %s", names[CLIENT_FORGETS]);
    if (!status && (terms->window_asked || terms->bits < HWI_WINDOW_BITS_MAX))
        status =
            hwi_buf_format(out, "; %s=%d", names[SERVER_BITS], terms->bits);
    if (!status && terms->peer_bits < HWI_WINDOW_BITS_MAX)
        status = hwi_buf_format(out, "; %s=%d", names[CLIENT_BITS],
                                terms->peer_bits);
    return status ? status : hwi_buf_text(out, "\r\n");
}
