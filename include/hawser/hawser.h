/* Everything that hawser offers. */
#ifndef HAWSER_H
#define HAWSER_H

#include "hawser/types.h"

#include "hawser/client.h"
#include "hawser/conn.h"
#include "hawser/health.h"
#include "hawser/link.h"
#include "hawser/loop.h"
#include "hawser/proto.h"
#include "hawser/sync.h"

#endif
