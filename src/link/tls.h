/*
 * What the rooms beside tls.c need from it.
 */
#ifndef HWI_TLS_H
#define HWI_TLS_H

#include "hawser/tls.h"

/* Version, cipher, "resumed"; NULL when `link` is no TLS layer. */
const char *hwi_tls_text(const struct hws_link *link);

#endif
