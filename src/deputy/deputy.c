/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/deputy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "base/fd.h"
#include "kernel/process.h"

uint64_t now_ns(void) {
        struct timespec t;

        clock_gettime(CLOCK_BOOTTIME, &t);
        return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool deputy_is_expired(const struct deputy *d) {
        uint64_t limit = d->policy->budget[BUDGET_TIME];

        return limit != BUDGET_NONE && now_ns() - d->began_ns >= limit;
}

/* A sweep must not wait for ever behind a flood of replies. */
static void deliveries_init(pthread_rwlock_t *lock) {
        pthread_rwlockattr_t attributes;

        pthread_rwlockattr_init(&attributes);
        pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
        pthread_rwlock_init(lock, &attributes);
        pthread_rwlockattr_destroy(&attributes);
}

void deputy_sweep(struct deputy *d) {
        pthread_rwlock_wrlock(&d->deliveries);
        pthread_rwlock_unlock(&d->deliveries);
        ledger_sweep(d->ledger);
}

static int ask_steward(void *userdata, enum abi_object kind, const uint32_t *ids, size_t n,
                       bool *ret_alive) {
        return steward_alive(userdata, kind, ids, n, ret_alive);
}

int deputy_init(struct deputy *d, const struct policy *p, struct vocabulary *v, int steward_fd_consume) {
        int r;

        memset(d, 0, sizeof(*d));
        d->policy = p;
        d->vocabulary = v;
        /* A holder's unknown number must not have us read the kernel's BTF. */
        vocabulary_seal(v);
        d->record = (struct record) {.fd = -1, .stderr_fd = -1, .vocabulary = v};
        d->capabilities = policy_capabilities(p);
        d->began_ns = now_ns();
        d->proc_fd = -1;
        steward_init(&d->steward, steward_fd_consume);
        crew_init(&d->crew);
        deliveries_init(&d->deliveries);

        r = libbpf_num_possible_cpus();
        if (r < 0)
                goto fail;
        d->cpus = (uint32_t)r;
        r = ledger_new(&d->ledger, p, ask_steward, &d->steward);
        if (r < 0)
                goto fail;
        d->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (d->proc_fd < 0) {
                r = -errno;
                goto fail;
        }
        r = process_netns(d->proc_fd, 0, &d->netns_device, &d->netns_inode);
        if (r < 0)
                goto fail;
        return 0;
fail:
        deputy_deinit(d);
        return r;
}

void deputy_deinit(struct deputy *d) {
        d->ledger = ledger_free(d->ledger);
        d->proc_fd = fd_close(d->proc_fd);
        steward_deinit(&d->steward);
}
