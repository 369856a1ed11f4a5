/*
 * One value of a JSON text, found along a path without building anything: it
 * allocates nothing, keeps nothing and skips what it is not asked for without
 * recursion, whatever the depth. It is no validator: it looks at no more of
 * the text than it needs, and never outside it.
 */
#ifndef HWI_JSON_FIND_H
#define HWI_JSON_FIND_H

#include "base/span.h"

/* One step of a path: a member's name, and an element's index if the name
 * reads as one (RFC 6901 section 4). */
struct hwi_json_step {
    const uint8_t *name;
    uint16_t size;
    uint32_t index; /* HWI_JSON_NO_INDEX: in an array this step finds nothing */
};
#define HWI_JSON_NO_INDEX UINT32_MAX

struct hwi_json_value {
    struct hws_span text; /* of a string: without its quotes, not unescaped */
    bool is_string;
};

/*
 * Find the scalar at the end of `steps`. Of members with the same name the
 * first counts. False: not there, an object or array, or the text is broken
 * before it.
 *
 * Lends: `value` points into `json`.
 */
bool hwi_json_find(struct hws_span json, const struct hwi_json_step *steps,
                   size_t step_count, struct hwi_json_value *value);

#endif
