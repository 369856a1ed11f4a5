/*
 * Who holds the data back: from the lag of the stages, judged in windows of
 * HWS_JUDGE_DELAY and more, against the least that was ever seen.
 */
#ifndef HWI_VERDICT_H
#define HWI_VERDICT_H

#include "hawser/health.h"

struct hwi_verdict {
    enum hws_verdict verdict;
    enum hws_verdict candidate;
    unsigned agreed;  /* windows in a row that found the candidate */
    unsigned against; /* ... and another one than the verdict */

    hws_time since;     /* the present window began */
    uint64_t messages;  /* until then, and ... */
    hws_time callbacks; /* ... these, as in hws_facts */
    hws_time reading;
    int retransmits;

    hws_time gap;      /* between messages, smoothed; HWS_NEVER: unknown */
    hws_time quiet;    /* the silence that goes on; 0: there is none */
    hws_time lull;     /* the longest one of late that ended */
    hws_time path_min; /* the least path_trip */
    hws_time asked_at; /* the judge wanted a ping; HWS_NEVER: never */
    hws_time
        late_since; /* network lag was above its limit; HWS_NEVER: is not */
    bool was_mute;  /* the ping of asked_at was not answered in time */
    char text[128];
};

#endif
