/*
 * What hws_snapshot_json() wrote, read back. A path names members of objects in
 * objects: "path/round_trip".
 */
#ifndef HWI_REPORT_READ_H
#define HWI_REPORT_READ_H

#include "hawser/health.h"

/* False: not there, or null, or no integer. */
bool hwi_report_integer(struct hws_span json, const char *path, int64_t *value);
/* Cut to `size` bytes with its NUL; "" when it is not there: false. */
bool hwi_report_text(struct hws_span json, const char *path, char *text,
                     size_t size);
/* False, too, when it is not there. */
bool hwi_report_bool(struct hws_span json, const char *path);
/* All but the fault and the verdict's text, which stay. */
void hwi_report_read(struct hws_span json, struct hws_snapshot *snapshot);
/* HWS_OK when there is none. */
void hwi_report_fault(struct hws_span json, struct hws_fault *fault);

#endif
