/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/reach.h"

#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/cgroup.h"

static_assert(BIND_PLACES_MAX >= WORDS_MAX, "every place of a grant file can be compiled in");

static int resolve_cgroup(int root_fd, const char *path, struct bind_cgroup *ret_cgroup) {
        _cleanup_close_ int fd = cgroup_open(root_fd, path);
        struct bind_cgroup cgroup;
        int r;

        if (fd < 0)
                return fd;
        r = cgroup_id(fd, &cgroup.id);
        if (r < 0)
                return r;
        r = cgroup_level(fd, &cgroup.level);
        if (r < 0)
                return r;
        *ret_cgroup = cgroup;
        return 0;
}

static int resolve_cgroups(const struct policy *p, struct bind_reach *reach, struct text *error) {
        _cleanup_close_ int root_fd = -1;

        if (p->reach.cgroups.n_words == 0)
                return 0;
        root_fd = cgroup_open_root();
        if (root_fd < 0) {
                text_append(error,
                            "%s:%u: reach by cgroup needs a mounted cgroup2 hierarchy; mount one with: "
                            "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
                            p->file, p->lines[KEY_REACH_CGROUP]);
                return REACH_E_PLACE;
        }
        for (size_t i = 0; i < p->reach.cgroups.n_words; i++) {
                const char *path = p->reach.cgroups.words[i];
                int r = resolve_cgroup(root_fd, path, &reach->cgroups[i]);

                if (r < 0) {
                        text_append(error, "%s:%u: cgroup %s: %s; make it before the grant begins", p->file,
                                    p->lines[KEY_REACH_CGROUP], path, strerror(-r));
                        return REACH_E_PLACE;
                }
                reach->n_cgroups++;
        }
        return 0;
}

static int resolve_interfaces(const struct policy *p, struct bind_reach *reach, struct text *error) {
        for (size_t i = 0; i < p->reach.interfaces.n_words; i++) {
                const char *name = p->reach.interfaces.words[i];
                unsigned index = if_nametoindex(name);

                if (index == 0) {
                        text_append(error, "%s:%u: there is no interface %s in this network namespace",
                                    p->file, p->lines[KEY_REACH_INTERFACE], name);
                        return REACH_E_PLACE;
                }
                reach->interfaces[reach->n_interfaces++] = index;
        }
        return 0;
}

int reach_resolve(const struct policy *p, struct bind_reach *ret_reach, struct text *error) {
        struct bind_reach reach = {};
        int r;

        r = resolve_cgroups(p, &reach, error);
        if (r != 0)
                return r;
        r = resolve_interfaces(p, &reach, error);
        if (r != 0)
                return r;
        *ret_reach = reach;
        return 0;
}
