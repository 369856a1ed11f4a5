#include "json_pointer.h"

#include "base/mem.h"
#include "base/status.h"

#define DEPTH_MAX 64
#define TEXT_MAX 4096 /* bytes; keeps names within 16 bits */

struct hwi_json_pointer {
    size_t depth;
    struct hwi_json_step steps[DEPTH_MAX];
    uint8_t names[]; /* unescaped, one behind the other */
};

/* "0", or digits without a leading zero (RFC 6901 section 4). */
static uint32_t index_of(struct hws_span name)
{
    uint64_t index;
    if (name.size > 1 && name.data[0] == '0')
        return HWI_JSON_NO_INDEX;
    if (!hwi_span_number(name, HWI_JSON_NO_INDEX - 1, &index))
        return HWI_JSON_NO_INDEX;
    return (uint32_t)index;
}

/* Unescape the step that begins at text[*at] to `name`. "~1" stands for '/',
 * "~0" for '~'. Returns the size, or -1 with *at on the wrong byte. */
static int unescape(const char *text, size_t *at, size_t end, uint8_t *name)
{
    int size = 0;
    for (; *at < end && text[*at] != '/'; ++*at) {
        char c = text[*at];
        if (c == '~') {
            char which = text[*at + 1];
            if (which != '0' && which != '1') /* NUL and ':' included */
                return -1;
            c = which == '0' ? '~' : '/';
            ++*at;
        }
        name[size++] = (uint8_t)c;
    }
    return size;
}

static bool bad(struct hws_fault *fault, const char *what, const char *text,
                size_t at, const char *why)
{
    hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                  "%s '%s': %s at byte %zu", what, text, why, at);
    return false;
}

static bool read_steps(struct hwi_json_pointer *p, const char *what,
                       const char *text, size_t end, struct hws_fault *fault)
{
    uint8_t *name = p->names;
    size_t at = 0;
    while (at < end) {
        if (text[at] != '/')
            return bad(fault, what, text, at,
                       "pointer does not begin with '/'");
        if (p->depth == DEPTH_MAX)
            return bad(fault, what, text, at, "more than 64 steps");
        at++;
        int size = unescape(text, &at, end, name);
        if (size < 0)
            return bad(fault, what, text, at, "'~' without 0 or 1");
        p->steps[p->depth++] = (struct hwi_json_step){
            .name = name,
            .size = (uint16_t)size,
            .index = index_of(hwi_span(name, (size_t)size)),
        };
        name += size;
    }
    return true;
}

struct hwi_json_pointer *hwi_json_pointer_new(const char *what,
                                              const char *text, size_t size,
                                              struct hws_fault *fault)
{
    if (strlen(text) > TEXT_MAX) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_ARGUMENT,
                      "%s: above 4,096 bytes", what);
        return NULL;
    }
    struct hwi_json_pointer *p = hwi_alloc_zero(sizeof(*p) + size);
    if (!p) {
        hwi_fault_set(fault, HWS_PHASE_LOCAL, HWS_E_MEMORY,
                      "no memory for a %s", what);
        return NULL;
    }
    if (read_steps(p, what, text, size, fault))
        return p;
    hwi_free(p);
    return NULL;
}

void hwi_json_pointer_free(struct hwi_json_pointer *pointer)
{
    hwi_free(pointer);
}

bool hwi_json_pointer_find(const struct hwi_json_pointer *pointer,
                           struct hws_span json, struct hwi_json_value *value)
{
    return hwi_json_find(json, pointer->steps, pointer->depth, value);
}
