/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/magic.h>

#include "base/fd.h"
#include "base/macro.h"

/* Deeper than cgroup.max.depth lets anybody nest in practice; ends every walk. */
#define CGROUP_DEPTH_MAX 4096

static void fclosep(FILE **f) {
        if (*f)
                fclose(*f);
}

/* mountinfo writes blanks in paths as \040 and so on. */
static void unescape(char *s) {
        char *to = s;

        for (; *s; s++) {
                unsigned value;

                if (s[0] == '\\' && sscanf(s + 1, "%3o", &value) == 1) {
                        *to++ = (char)value;
                        s += 3;
                } else {
                        *to++ = *s;
                }
        }
        *to = '\0';
}

int cgroup_open_root(void) {
        _cleanup_(fclosep) FILE *f = fopen("/proc/self/mountinfo", "re");
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0;

        if (!f)
                return -errno;
        while (getline(&line, &allocated, f) > 0) {
                char *type = strstr(line, " - "), *root, *point, *rest = line;

                if (!type || strncmp(type, " - cgroup2 ", 11) != 0)
                        continue;
                for (int i = 0; i < 3; i++)
                        strsep(&rest, " ");
                root = strsep(&rest, " ");
                point = strsep(&rest, " ");
                /* A mount of a part of the hierarchy has other paths; look on for the whole. */
                if (!root || !point || strcmp(root, "/") != 0)
                        continue;
                unescape(point);
                int fd = open(point, O_DIRECTORY | O_CLOEXEC);

                if (fd >= 0)
                        return fd;
        }
        return -ENOENT;
}

int cgroup_open(int root_fd, const char *path) {
        int fd;

        while (*path == '/')
                path++;
        fd = openat(root_fd, *path ? path : ".", O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

bool fd_is_cgroup(int fd) {
        struct statfs s;

        return fstatfs(fd, &s) == 0 && s.f_type == CGROUP2_SUPER_MAGIC;
}

int cgroup_id(int fd, uint64_t *ret_id) {
        union {
                struct file_handle handle;
                char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
        } u;
        int mount_id;

        u.handle.handle_bytes = MAX_HANDLE_SZ;
        if (name_to_handle_at(fd, "", &u.handle, &mount_id, AT_EMPTY_PATH) < 0)
                return -errno;
        if (u.handle.handle_bytes != sizeof(uint64_t))
                return -ENOTDIR;
        memcpy(ret_id, u.handle.f_handle, sizeof(uint64_t));
        return 0;
}

/*
 * One step up. 1: ret_parent is open; 0: fd was the root of its mount (".."
 * leaves the file system or stays where it is).
 */
static int cgroup_parent(int fd, int *ret_parent) {
        _cleanup_close_ int parent = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct stat here, there;

        if (parent < 0)
                return -errno;
        if (fstat(fd, &here) < 0 || fstat(parent, &there) < 0)
                return -errno;
        if (here.st_dev != there.st_dev || here.st_ino == there.st_ino)
                return 0;
        *ret_parent = take_fd(&parent);
        return 1;
}

int cgroup_level(int fd, uint32_t *ret_level) {
        _cleanup_close_ int here = -1;
        int r, parent;

        if (!fd_is_cgroup(fd))
                return -ENOTDIR;
        for (uint32_t level = 0; level < CGROUP_DEPTH_MAX; level++) {
                r = cgroup_parent(here >= 0 ? here : fd, &parent);
                if (r < 0)
                        return r;
                if (r == 0) {
                        *ret_level = level;
                        return 0;
                }
                fd_close(here);
                here = parent;
        }
        return -ELOOP;
}

int cgroup_is_within(int fd, const uint64_t *ids, size_t n_ids) {
        _cleanup_close_ int here = -1;
        uint64_t id;
        int r, parent;

        if (!fd_is_cgroup(fd))
                return 0;
        for (unsigned depth = 0; depth < CGROUP_DEPTH_MAX; depth++) {
                r = cgroup_id(here >= 0 ? here : fd, &id);
                if (r < 0)
                        return r;
                for (size_t i = 0; i < n_ids; i++)
                        if (ids[i] == id)
                                return 1;
                r = cgroup_parent(here >= 0 ? here : fd, &parent);
                if (r <= 0)
                        return r;
                fd_close(here);
                here = parent;
        }
        return -ELOOP;
}
