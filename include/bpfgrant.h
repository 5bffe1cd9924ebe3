/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BPFGRANT_H
#define BPFGRANT_H

/*
 * libbpfgrant: bpf(2) under a grant.
 *
 * A grant is authority over part of BPF. It is a file descriptor: who holds it
 * may use it, hand it on by fork, exec or SCM_RIGHTS, and give it up by closing
 * it. It can be waited for with poll(): POLLHUP says that the grant has ended.
 * Do not read from or write to it.
 *
 * Every function returns a negative errno on failure and never sets errno,
 * prints, exits or raises a signal. All of them may be called by several
 * threads and processes at once, also on the same descriptor, but not from a
 * signal handler. Descriptors that are returned belong to the caller and are
 * close-on-exec; descriptors that are handed in are borrowed.
 *
 * A thread that uses a grant keeps a connection of its own for it, which is
 * closed when the thread ends. The connection gives no authority beyond the
 * grant's: the other side ends it when the last copy of the grant's descriptor
 * is closed.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BPFGRANT_PUBLIC __attribute__((__visibility__("default")))

/*
 * bpf(2) with its authority as an explicit argument. `attr` is a union bpf_attr
 * (linux/bpf.h) of `size` bytes, filled in as for bpf(2): with this process's
 * descriptors and addresses. Buffers and fields of attr that the kernel fills
 * in are filled in.
 *
 * A command for which nobody needs authority (map look-up and update, pinning)
 * is made directly, without the grant.
 *
 * Returns what bpf(2) returns (a new descriptor, a count, or zero), or -errno:
 *
 *   -EPERM       the grant does not allow it: bpfgrant_refusal() says why; or
 *                the kernel does not
 *   -EPIPE       the grant has ended, or nobody serves it any more
 *   -EBADF       grant_fd, or a descriptor in attr, is not open
 *   -ENOTSOCK, -EPROTOTYPE
 *                grant_fd is not a grant's descriptor
 *   -EOPNOTSUPP  this version of the library cannot carry the command; see
 *                bpfgrant_refusal()
 *   -E2BIG       attr has fields that are not known here, or a buffer is too
 *                large to carry
 *   -EPROTO      the other side does not keep to the protocol
 *   -EMFILE, -ENOMEM
 *                no room here for a new descriptor, or memory
 *
 * and everything that bpf(2) returns for this command, with its meaning.
 */
BPFGRANT_PUBLIC int bpfgrant_bpf(int grant_fd, uint32_t command, void *attr, uint32_t size);

/*
 * Why the calling thread's last bpfgrant_bpf() was refused: one sentence for a
 * human, without newline, or "" when it was not refused. Never NULL; valid
 * until the thread's next call of bpfgrant_bpf(), or its end.
 */
BPFGRANT_PUBLIC const char *bpfgrant_refusal(void);

/*
 * The grant that this process was started with: the descriptor whose number is
 * in $BPFGRANT_FD, not a copy. It is not taken out of the environment, so that
 * later calls find it too.
 *
 * Returns the descriptor, or -errno: -ENOENT when the variable is not set (or
 * is not to be trusted, in a set-user-ID program), -EINVAL when it is not a
 * number, -EBADF when that descriptor is not open, -ENOTSOCK or -EPROTOTYPE
 * when it is not a grant's.
 */
BPFGRANT_PUBLIC int bpfgrant_fd_from_environment(void);

#ifdef __cplusplus
}
#endif

#endif
