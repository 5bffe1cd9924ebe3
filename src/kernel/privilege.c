/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/privilege.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/securebits.h>

#include "base/macro.h"

/*
 * capset(2) itself rather than libcap's cap_set_proc(): it acts on one thread,
 * which a deputy needs, and makes no allocation after the drop.
 */
static int capabilities_set(uint64_t effective, uint64_t permitted) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2] = {
                {.effective = (uint32_t)effective, .permitted = (uint32_t)permitted},
                {.effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32)},
        };

        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

static int capabilities_get(uint64_t *ret_effective, uint64_t *ret_permitted, uint64_t *ret_inheritable) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2];

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        *ret_effective = data[0].effective | (uint64_t)data[1].effective << 32;
        *ret_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
        *ret_inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
        return 0;
}

static int bounding_set_empty(void) {
        int last = 0;

        /* EINVAL: beyond the last that this kernel has. */
        while (prctl(PR_CAPBSET_DROP, last, 0, 0, 0) == 0)
                last++;
        if (errno != EINVAL)
                return -errno;
        for (int cap = 0;; cap++) {
                int r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

                if (r < 0)
                        return 0;
                if (r > 0)
                        return -EPERM;
        }
}

int privilege_limit(uint64_t keep) {
        uint64_t effective, permitted, inheritable;
        int r;

        r = bounding_set_empty();
        if (r < 0)
                return r;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
                return -errno;
        r = capabilities_set(keep, keep);
        if (r < 0)
                return r;
        r = capabilities_get(&effective, &permitted, &inheritable);
        if (r < 0)
                return r;
        return effective == keep && permitted == keep && inheritable == 0 ? 0 : -EPERM;
}

int privilege_set_effective(uint64_t effective) {
        uint64_t permitted;
        int r = privilege_permitted(&permitted);

        return r < 0 ? r : capabilities_set(effective & permitted, permitted);
}

int privilege_permitted(uint64_t *ret_permitted) {
        uint64_t effective, inheritable;

        return capabilities_get(&effective, ret_permitted, &inheritable);
}

/* Whether ids and groups are exactly these. */
static bool identity_is_taken(const struct identity *identity) {
        gid_t groups[GROUPS_MAX], g[3];
        uid_t u[3];
        int n = getgroups(GROUPS_MAX, groups);

        if (n < 0 || (size_t)n != identity->n_groups)
                return false;
        for (int i = 0; i < n; i++) {
                bool found = false;

                for (size_t k = 0; k < identity->n_groups; k++)
                        found = found || groups[i] == identity->groups[k];
                if (!found)
                        return false;
        }
        if (getresuid(&u[0], &u[1], &u[2]) < 0 || getresgid(&g[0], &g[1], &g[2]) < 0)
                return false;
        for (size_t i = 0; i < 3; i++)
                if (u[i] != identity->uid || g[i] != identity->gid)
                        return false;
        return true;
}

int privilege_become(const struct identity *identity, uint64_t keep) {
        int r;

        /* KEEP_CAPS carries the permitted set over setresuid(); execve, or we, clear it again. */
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
                return -errno;
        if (setgroups(identity->n_groups, identity->groups) < 0 ||
            setresgid(identity->gid, identity->gid, identity->gid) < 0 ||
            setresuid(identity->uid, identity->uid, identity->uid) < 0)
                return -errno;
        if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
                return -errno;
        /* The change of uid has emptied the effective set: CAP_SETPCAP is needed for the bounding set. */
        r = privilege_set_effective(UINT64_MAX);
        if (r < 0)
                return r;
        r = privilege_limit(keep);
        if (r < 0)
                return r;
        return identity_is_taken(identity) ? 0 : -EPERM;
}

int identity_of_user(const char *user, struct identity *ret_identity) {
        struct passwd *pw = getpwnam(user);
        struct identity identity = {};
        int n = GROUPS_MAX;
        char *end;

        if (!pw) {
                unsigned long number = strtoul(user, &end, 10);

                /* (uid_t)-1 means "unchanged" to setresuid(2): never a user. */
                if (user[0] < '0' || user[0] > '9' || *end || number >= (uid_t)-1)
                        return -ENOENT;
                pw = getpwuid((uid_t)number);
                if (!pw) {
                        identity.uid = identity.gid = (uid_t)number;
                        identity.groups[0] = identity.gid;
                        identity.n_groups = 1;
                        *ret_identity = identity;
                        return 0;
                }
        }
        identity.uid = pw->pw_uid;
        identity.gid = pw->pw_gid;
        if (getgrouplist(pw->pw_name, pw->pw_gid, identity.groups, &n) < 0)
                return -E2BIG;
        identity.n_groups = (size_t)n;
        *ret_identity = identity;
        return 0;
}
