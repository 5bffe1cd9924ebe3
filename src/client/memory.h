/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * This process as a caller: its own memory and descriptors. An address that is
 * not there is -EFAULT, as bpf(2) says, not a signal: the copying is done by
 * the kernel (process_vm_readv() on oneself). Only where that system call is
 * forbidden, by a sandbox that knows nothing of it, is memory touched directly.
 */

#include "abi/caller.h"

void own_memory_init(struct caller *c);
