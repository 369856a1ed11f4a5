/*
 * The files that a client's TLS settings stand in, as they are at a moment: a
 * few numbers each, so that a look costs no more than four stat calls. It reads
 * no content.
 */
#ifndef HWI_TLS_STAMP_H
#define HWI_TLS_STAMP_H

#include "hawser/tls.h"

#include <sys/types.h>

#define HWI_TLS_FILES 4

struct hwi_tls_stamp {
    /* All 0: none is named, or it cannot be looked at. */
    struct hwi_tls_file {
        dev_t device;
        ino_t number;
        off_t size;
        hws_time changed; /* of content, owner or mode; realtime */
    } files[HWI_TLS_FILES];
};

/* `environment` answers for the variables that say where the system's
 * authorities are. */
void hwi_tls_stamp_take(struct hwi_tls_stamp *stamp,
                        const struct hws_tls_options *options,
                        const char *(*environment)(const char *name));
bool hwi_tls_stamp_same(const struct hwi_tls_stamp *a,
                        const struct hwi_tls_stamp *b);

#endif
