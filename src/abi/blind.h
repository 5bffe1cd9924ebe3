/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a prog_load is one of a program that gives no authority: see blind.c.
 */

#include <stdbool.h>

#include "abi/call.h"

bool call_is_blind_filter(struct call *c);
