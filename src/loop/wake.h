/*
 * A descriptor that another thread, or a signal handler, can make readable:
 * an eventfd on Linux (wake_eventfd.c), a pipe elsewhere (wake_pipe.c). It
 * holds one bit: set or clear.
 */
#ifndef HWI_WAKE_H
#define HWI_WAKE_H

struct hwi_wake {
    int fd;       /* readable while set */
    int write_fd; /* the same as fd for an eventfd */
};

/* Fails with HWS_E_SYSTEM and errno. */
int hwi_wake_init(struct hwi_wake *w);
void hwi_wake_release(struct hwi_wake *w);
/* Make it readable. Safe in any thread and in signal handlers. */
void hwi_wake_set(const struct hwi_wake *w);
void hwi_wake_clear(const struct hwi_wake *w);

#endif
