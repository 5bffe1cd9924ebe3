/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a policy must know of a call and only the kernel can say: what a
 * descriptor is, where a target lies, whether a program is the grant's own.
 * Everything is asked of the descriptors that were taken from the caller, which
 * are the ones that will be used.
 */

#include "deputy/request.h"

/* Completes r->ask. 0, or -errno when the kernel's answer could not be had: the call is then refused. */
int request_examine(struct request *r);

/* Where prog_attach and prog_detach point, for the ledger. 0, or -errno. */
int request_attachment(const struct request *r, struct attachment *ret_attachment);
