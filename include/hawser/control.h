/*
 * A door for people: a Unix socket at which a running program shows the clients
 * of a loop, and lets them be pinged, paused, resumed and reconnected. `hawser
 * top --attach PATH` looks in; docs/CONTROL.md has the lines that are spoken.
 */
#ifndef HAWSER_CONTROL_H
#define HAWSER_CONTROL_H

#include "hawser/health.h"
#include "hawser/loop.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hws_control;

/*
 * Open the door at `path`, which is absolute: a socket of mode 0600. Where the
 * system tells, the user of this process and root alone are let in; 8 of them
 * at once. A socket that nobody listens on any more is replaced, nothing else
 * that stands there is. Alone it keeps no loop running. Shows all clients of
 * `loop`, those made later included.
 *
 * Thread: the loop's.
 * Owns:   the caller frees it, before the loop.
 * Fails:  NULL, with `fault` (may be NULL): HWS_E_ARGUMENT (the path),
 *         HWS_E_STATE (another program listens there), HWS_E_SYSTEM,
 *         HWS_E_MEMORY.
 */
HWS_API struct hws_control *hws_control_new(struct hws_loop *loop,
                                            const char *path,
                                            struct hws_fault *fault);
/* Shows everybody out and removes the socket. NULL is allowed. */
HWS_API void hws_control_free(struct hws_control *control);

/* One client, as a line of the answer to "look" has it. */
struct hws_control_line {
    uint64_t id;    /* for the other words; never used twice in a program */
    char state[16]; /* as hws_client_state_name() */
    bool paused;
    char url[512]; /* userinfo and the values of its query masked */
    struct hws_snapshot snapshot; /* points into what follows */
    struct hws_fault last_fault;
    char verdict_text[256];
};
/*
 * Read such a line. What is missing in it is unknown, or 0.
 *
 * Fails:  HWS_E_ARGUMENT: it is none.
 */
HWS_API int hws_control_read(struct hws_span line,
                             struct hws_control_line *control);

#ifdef __cplusplus
}
#endif
#endif
