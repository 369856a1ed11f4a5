/* The table of contents. */
#include "kit.h"

extern const struct kit_scenario kit_watches[], kit_interest[], kit_removal[],
    kit_reuse[], kit_timers[], kit_fairness[], kit_runs[], kit_signals[],
    kit_clients[], kit_turns[], kit_threads[], kit_storms[];

const struct kit_group kit_groups[] = {
    {"watches", kit_watches},
    {"interest", kit_interest},
    {"removal", kit_removal},
    {"reuse", kit_reuse},
    {"timers", kit_timers},
    {"fairness", kit_fairness},
    {"runs", kit_runs},
    {"signals", kit_signals},
    {"clients", kit_clients},
    {"turns", kit_turns},
    {"threads", kit_threads},
    {"storms", kit_storms},
    {NULL, NULL},
};
