/*
 * A client's options, checked and copied whole, so that the caller's may go.
 */
#ifndef HWI_OPTIONS_H
#define HWI_OPTIONS_H

#include "hawser/client.h"
#include "session/keep.h"

/*
 * Copy `from` into `to`; every text and list goes into `keep`, also on
 * failure. `url` and `urls` become one list, to->urls. HWS_E_ARGUMENT names
 * the option.
 */
int hwi_options_copy(struct hws_client_options *to,
                     const struct hws_client_options *from,
                     struct hwi_keep *keep, struct hws_fault *fault);

#endif
