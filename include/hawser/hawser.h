/* Everything that hawser offers. */
#ifndef HAWSER_H
#define HAWSER_H

#include "hawser/types.h"

#include "hawser/client.h"
#include "hawser/conn.h"
#include "hawser/control.h"
#include "hawser/cookies.h"
#include "hawser/event.h"
#include "hawser/health.h"
#include "hawser/host.h"
#include "hawser/link.h"
#include "hawser/log.h"
#include "hawser/loop.h"
#include "hawser/probe.h"
#include "hawser/proto.h"
#include "hawser/sync.h"
#include "hawser/tls.h"

#endif
