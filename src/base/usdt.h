/*
 * Static probes for tracers (USDT, provider "hawser"): a single no-operation
 * each until somebody attaches, nothing where the header is not there.
 * docs/USDT.md has their names and arguments.
 */
#ifndef HWI_USDT_H
#define HWI_USDT_H

#ifdef HAWSER_USDT
#include <sys/sdt.h>
#define HWI_PROBE2(name, a, b) DTRACE_PROBE2(hawser, name, a, b)
#define HWI_PROBE3(name, a, b, c) DTRACE_PROBE3(hawser, name, a, b, c)
#else
#define HWI_PROBE2(name, a, b) ((void)(a), (void)(b))
#define HWI_PROBE3(name, a, b, c) ((void)(a), (void)(b), (void)(c))
#endif

#endif
