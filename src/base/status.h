/*
 * Filling faults: one door, so that their texts are made alike.
 */
#ifndef HWI_STATUS_H
#define HWI_STATUS_H

#include "hawser/types.h"

/*
 * Fill `fault` (NULL: nothing happens) and return `status`. The text is cut
 * at its size, whole characters only, and always valid UTF-8; controls and
 * wrong bytes are shown as '?', so that a peer's words cannot drive a
 * terminal. `peer` is kept. Arguments may point into the old text.
 */
int hwi_fault_set(struct hws_fault *fault, enum hws_phase phase, int status,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with errno's number and text appended: "cannot listen on 'x':
 * address already in use (98)". Status HWS_E_SYSTEM. */
int hwi_fault_os(struct hws_fault *fault, enum hws_phase phase, int os_error,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "Address already in use" begins small in the middle of a sentence, "I/O
 * error" does not. */
void hwi_reason_lower(char *text);

#endif
