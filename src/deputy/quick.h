/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a call is surely served soon, within half a millisecond or so: then
 * the thread that received it serves it and goes on receiving (crew.h). What is
 * not known to be quick may wait for the kernel, as attaching does, or keep the
 * verifier busy for a second.
 */

#include <stdbool.h>

#include "abi/call.h"

bool call_is_quick(struct call *c);
