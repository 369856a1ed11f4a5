/*
 * The channels of a feed (symbols, topics, devices), told apart by a field of
 * its messages, and when each of them last brought something. It reads no
 * clock, and knows no more channels than it may.
 */
#ifndef HWI_CHANNELS_H
#define HWI_CHANNELS_H

#include "base/span.h"

#define HWI_CHANNELS_MAX 4096

struct hwi_channel {
    hws_time last; /* monotonic; HWS_NEVER: not expected any more */
    uint32_t hash;
    bool stale;
    bool once_stale; /* and nothing came since it was */
    uint16_t size;
    char name[]; /* without NUL */
};

struct hwi_channels {
    struct hwi_json_pointer *pointer;
    struct hwi_channel **slots; /* a power of two of them, half free */
    size_t slot_count, count;
    bool is_full; /* or no memory: channels came that are not known */
};

/* `field` is a JSON pointer. Fails: NULL, with `fault`. */
struct hwi_channels *hwi_channels_new(const char *field,
                                      struct hws_fault *fault);
void hwi_channels_free(struct hwi_channels *channels);
/*
 * The channel of this message, known from now on. Its `last` is for the caller
 * to set. NULL: the message has none, or it is one too many.
 */
struct hwi_channel *hwi_channels_find(struct hwi_channels *channels,
                                      struct hws_span json);
struct hwi_channel *hwi_channels_named(const struct hwi_channels *channels,
                                       struct hws_span name);
/* All are expected from `now` on. */
void hwi_channels_restart(struct hwi_channels *channels, hws_time now);
/* The one that is not stale and was heard of least lately, or NULL. */
struct hwi_channel *hwi_channels_oldest(const struct hwi_channels *channels);

static inline struct hws_span hwi_channel_name(const struct hwi_channel *c)
{
    return hwi_span(c->name, c->size);
}

#endif
