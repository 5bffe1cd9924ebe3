/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The places that a policy's [reach] names, found on this host: cgroups by
 * their id, interfaces by their index in the current network namespace. Found
 * once, when the grant begins: a cgroup that is removed and made again under
 * the same name is another place.
 */

#include "base/text.h"
#include "bind/bind.h"
#include "grant/policy.h"

enum {
        REACH_E_PLACE = 1, /* a place is not there; `error` says which, in the file's terms */
};

/* 0, REACH_E_PLACE with a sentence appended to `error`, or -errno. */
int reach_resolve(const struct policy *p, struct bind_reach *ret_reach, struct text *error);
