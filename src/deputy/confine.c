/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The system calls of a deputy that serves. The list stands here, beside the
 * reason for each; anything else kills the process, since nothing that we wrote
 * asks for it. bpf(2) itself is narrowed to the commands that the policy grants
 * and to the look-ups that a deputy makes for itself.
 */

#include "deputy/stages.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include <linux/bpf.h>
#include <linux/seccomp.h>

#include "abi/table.h"
#include "base/macro.h"

static const int allowed[] = {
        /* the holder's memory and descriptors */
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(pidfd_open),
        SCMP_SYS(pidfd_getfd),
        SCMP_SYS(openat), /* /proc is all there is: TID/mem, TID/status */
        SCMP_SYS(pwrite64),
        SCMP_SYS(read),
        SCMP_SYS(newfstatat), /* TID/ns/net */
        /* what a descriptor is */
        SCMP_SYS(readlink),
        SCMP_SYS(readlinkat),
        SCMP_SYS(fstat),
        SCMP_SYS(fstatfs),
        SCMP_SYS(fcntl),
        SCMP_SYS(name_to_handle_at),
        SCMP_SYS(close),
        /* messages: holders, steward, parent */
        SCMP_SYS(recvmsg),
        SCMP_SYS(sendmsg),
        SCMP_SYS(sendto),
        SCMP_SYS(recvfrom),
        SCMP_SYS(poll),
        SCMP_SYS(ppoll),
        SCMP_SYS(epoll_wait),
        SCMP_SYS(epoll_pwait),
        SCMP_SYS(epoll_ctl),
        SCMP_SYS(getsockopt),
        SCMP_SYS(shutdown),
        /* an answer too long for a message */
        SCMP_SYS(memfd_create),
        SCMP_SYS(ftruncate),
        SCMP_SYS(write), /* records, sentences */
        /* memory and threads */
        SCMP_SYS(mmap),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(mprotect),
        SCMP_SYS(madvise),
        SCMP_SYS(brk),
        SCMP_SYS(futex),
        SCMP_SYS(sched_yield),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_nanosleep),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(gettid),
        SCMP_SYS(getpid),
        SCMP_SYS(getrandom), /* malloc's, json-c's hash seed */
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(restart_syscall),
        SCMP_SYS(rt_sigreturn),
        /* the program's parent: wait for it, pass signals on */
        SCMP_SYS(wait4),
        SCMP_SYS(waitid),
        SCMP_SYS(kill),
        SCMP_SYS(rt_sigtimedwait),
        SCMP_SYS(rt_sigprocmask),
        /* capabilities of one thread for one call: put aside, taken up again */
        SCMP_SYS(capget),
        SCMP_SYS(capset),
};

/* What a sanitizer's own code asks for, in builds that have one. */
#if defined(__has_feature)
#define CLANG_SANITIZES (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define CLANG_SANITIZES 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || CLANG_SANITIZES
static const int sanitizer[] = {
        SCMP_SYS(sigaltstack),
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(prlimit64),
        SCMP_SYS(open),
        SCMP_SYS(lseek),
        SCMP_SYS(prctl),
        SCMP_SYS(sched_getaffinity),
        SCMP_SYS(pread64),
        SCMP_SYS(sysinfo),
        SCMP_SYS(getppid),
        SCMP_SYS(getdents64),
        SCMP_SYS(uname),
        SCMP_SYS(nanosleep),
        SCMP_SYS(stat),
        SCMP_SYS(getrusage),
        SCMP_SYS(set_robust_list),
};
#else
static const int sanitizer[] = {};
#endif

static void filter_releasep(scmp_filter_ctx *f) {
        if (*f)
                seccomp_release(*f);
}

static int allow_all(scmp_filter_ctx f, const int *calls, size_t n) {
        for (size_t i = 0; i < n; i++) {
                int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i], 0);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* System calls of many uses, of which we have a few: by their first or second argument. */
static int allow_uses(scmp_filter_ctx f) {
        static const unsigned long ioctls[] = {
                SECCOMP_IOCTL_NOTIF_RECV,
                SECCOMP_IOCTL_NOTIF_SEND,
                SECCOMP_IOCTL_NOTIF_ID_VALID,
                SECCOMP_IOCTL_NOTIF_ADDFD,
        };

        for (size_t i = 0; i < ARRAY_SIZE(ioctls); i++) {
                int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                         SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, ioctls[i]));

                if (r < 0)
                        return r;
        }
        /* The read-back below. */
        return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_GET_SECCOMP));
}

static int allow_bpf(scmp_filter_ctx f, const struct policy *p) {
        for (size_t i = 0; i < n_abi_commands; i++) {
                const struct abi_command *row = &abi_commands[i];
                /* Our own questions: what is this object? is this program attached? */
                bool own = row->command == BPF_OBJ_GET_INFO_BY_FD;
                int r;

                if (!own && !(row->captured && name_set_has(&p->commands, row->command)))
                        continue;
                r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1,
                                     SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, row->command));
                if (r < 0)
                        return r;
        }
        return 0;
}

int stage_confine(const struct policy *p) {
        _cleanup_(filter_releasep) scmp_filter_ctx f = seccomp_init(SCMP_ACT_KILL_PROCESS);
        int r;

        if (!f)
                return -ENOMEM;
        /* All threads at once, and only if all can be had. */
        r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
        if (r < 0)
                return r;
        /* Tests by binary search instead of one after the other: the deputy makes them all day. */
        r = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        if (r < 0)
                return r;
        r = allow_all(f, allowed, ARRAY_SIZE(allowed));
        if (r < 0)
                return r;
        r = allow_all(f, sanitizer, ARRAY_SIZE(sanitizer));
        if (r < 0)
                return r;
        r = allow_uses(f);
        if (r < 0)
                return r;
        r = allow_bpf(f, p);
        if (r < 0)
                return r;
        r = seccomp_load(f);
        if (r < 0)
                return r;
        return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER ? 0 : -EPERM;
}
