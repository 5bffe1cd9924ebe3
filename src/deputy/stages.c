/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/stages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

static int compare_ints(const void *a, const void *b) {
        int x = *(const int *)a, y = *(const int *)b;

        return (x > y) - (x < y);
}

/* Standard descriptors must be open, or a holder's object could become one of them. */
static int fill_standard(void) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0)
                return -errno;
        for (int fd = 0; fd <= 2; fd++)
                if (fd != null && dup3(null, fd, O_CLOEXEC) < 0)
                        return -errno;
        if (null > 2)
                fd_close(null);
        return 0;
}

int stage_descriptors(const int *keep, size_t n_keep) {
        int sorted[16], next = 3, r;

        if (n_keep > ARRAY_SIZE(sorted))
                return -E2BIG;
        for (size_t i = 0; i < n_keep; i++) {
                if (keep[i] <= 2) /* would be covered by /dev/null */
                        return -EINVAL;
                sorted[i] = keep[i];
        }
        qsort(sorted, n_keep, sizeof(sorted[0]), compare_ints);
        r = fill_standard();
        if (r < 0)
                return r;
        for (size_t i = 0; i < n_keep; i++) {
                if (sorted[i] > next && close_range((unsigned)next, (unsigned)sorted[i] - 1, 0) < 0)
                        return -errno;
                next = sorted[i] + 1;
        }
        return close_range((unsigned)next, ~0U, 0) < 0 ? -errno : 0;
}

int stage_root(void) {
        struct stat root, self;

        if (chdir("/proc") < 0 || chroot(".") < 0)
                return -errno;
        if (stat("/", &root) < 0 || stat("/self/status", &self) < 0)
                return -errno;
        return root.st_dev == self.st_dev ? 0 : -EPERM;
}

int stage_identity(const struct identity *holder, uint64_t capabilities) {
        int r;

        r = privilege_become(holder, capabilities);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
                return -EPERM;
        umask(077);
        return 0;
}

int stage_hide(pid_t parent) {
        struct rlimit none = {0, 0};

        if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
            prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
                return -EPERM;
        /* The parent may have died before we asked to be told. */
        return getppid() == parent ? 0 : -ESRCH;
}
