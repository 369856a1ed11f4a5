/*
 * A JSON pointer (RFC 6901), unescaped once into steps.
 */
#ifndef HWI_JSON_POINTER_H
#define HWI_JSON_POINTER_H

#include "json_find.h"

struct hwi_json_pointer;

/*
 * The first `size` bytes of `text`; `what` and the whole text are for faults:
 * "time field '/T:min': ... at byte 3".
 *
 * Fails:  NULL, with `fault`: HWS_E_ARGUMENT, HWS_E_MEMORY.
 */
struct hwi_json_pointer *hwi_json_pointer_new(const char *what,
                                              const char *text, size_t size,
                                              struct hws_fault *fault);
void hwi_json_pointer_free(struct hwi_json_pointer *pointer);
/* As hwi_json_find(). */
bool hwi_json_pointer_find(const struct hwi_json_pointer *pointer,
                           struct hws_span json, struct hwi_json_value *value);

#endif
