/*
 * TCP options on a descriptor, each only where the system has it: the one
 * place that knows which kernel names an option how.
 */
#ifndef HWI_TCP_OPTIONS_H
#define HWI_TCP_OPTIONS_H

#include "hawser/link.h"

void hwi_tcp_options_init(struct hws_tcp_options *options);
/* Best effort: an option that the system refuses leaves its default. */
void hwi_tcp_options_apply(const struct hws_tcp_options *options, int fd);
/* No signal for writing to a closed connection, where send() has no flag. */
void hwi_tcp_options_no_signal(int fd);

#endif
