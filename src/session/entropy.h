/*
 * The system's unpredictable bytes, for keys and nonces.
 */
#ifndef HWI_ENTROPY_H
#define HWI_ENTROPY_H

#include "hawser/proto.h"

struct hws_random hwi_entropy(void);

#endif
