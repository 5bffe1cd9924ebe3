/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A message as a caller: what the request's segments say is its maker's memory
 * is its memory, and nothing else is. So a call that came over a socket is
 * captured, executed and written back by the same code as one that was
 * intercepted, and a hostile client gains nothing by what it says of itself.
 *
 *   read    from one segment with data
 *   write   into one writable segment: kept here for the reply
 *   fd      the descriptor that came with this number, once
 *
 * Anything outside is -EFAULT or -EBADF.
 */

#include "abi/caller.h"
#include "base/macro.h"
#include "wire/message.h"

struct wire_caller {
        struct caller caller; /* first: see abi/caller.h */
        const struct wire_request *request;
        int *fds;                  /* request->n_fds of them, borrowed; -1 where one was taken */
        struct wire_memory writes; /* in the order in which they were made; data is owned */
        uint64_t written;
};

/* Request and descriptors are borrowed and must outlive it; each taken descriptor becomes -1 in `fds`. */
void wire_caller_init(struct wire_caller *w, const struct wire_request *request, int *fds);
void wire_caller_deinit(struct wire_caller *w);
#define _cleanup_wire_caller_ _cleanup_(wire_caller_deinit)
