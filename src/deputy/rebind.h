/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The seam between a captured prog_load and bind/: takes the program out of the
 * call, has reach compiled into it, and puts it back, so that what is executed
 * is the bound program.
 */

#include "abi/call.h"
#include "bind/bind.h"

/* BIND_OK, another bind_verdict, or -errno; the call is unchanged unless BIND_OK. */
int call_bind(struct call *c, const struct bind_reach *r);
