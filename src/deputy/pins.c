/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/pins.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/fd.h"

#define BPFFS "/sys/fs/bpf"

static bool fd_is_bpffs(int fd) {
        struct statfs s;

        return fstatfs(fd, &s) == 0 && s.f_type == BPF_FS_MAGIC;
}

/* Opens one component, never through a link: what is opened is what was named. */
static int open_step(int dir, const char *name) {
        int fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

static int mount_bpffs(void) {
        _cleanup_close_ int fd = open(BPFFS, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        if (fd_is_bpffs(fd))
                return 0;
        return mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") < 0 ? -errno : 0;
}

/* Makes one component for the holder, or finds it there. */
static int make_step(int dir, const char *name, const struct identity *holder, bool last) {
        struct stat s;
        int fd = -1;

        if (mkdirat(dir, name, last ? 0700 : 0711) == 0) {
                fd = open_step(dir, name);
                if (fd < 0)
                        return fd;
                if (last && fchownat(fd, "", holder->uid, holder->gid, AT_EMPTY_PATH) < 0) {
                        fd_close(fd);
                        return -errno;
                }
                return fd;
        }
        if (errno != EEXIST)
                return -errno;
        fd = open_step(dir, name);
        if (fd < 0)
                return fd;
        if (last && (fstat(fd, &s) < 0 || s.st_uid != holder->uid)) {
                fd_close(fd);
                return -EACCES;
        }
        return fd;
}

/* Walks from the bpffs's root to the directory, making what is missing. */
static int open_pins(const char *path, const struct identity *holder) {
        _cleanup_close_ int here = open(BPFFS, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *rest = NULL;
        char *name, *position = NULL;

        if (here < 0)
                return -errno;
        if (!fd_is_bpffs(here))
                return -ENODEV;
        rest = strdup(path + strlen(BPFFS "/"));
        if (!rest)
                return -ENOMEM;
        name = strtok_r(rest, "/", &position);
        while (name) {
                char *next = strtok_r(NULL, "/", &position);
                int fd = make_step(here, name, holder, /* last= */ !next);

                if (fd < 0)
                        return fd;
                fd_close(here);
                here = fd;
                name = next;
        }
        return fd_is_bpffs(here) ? take_fd(&here) : -ENODEV;
}

int pins_prepare(const char *path, const struct identity *holder) {
        int r;

        if (strncmp(path, BPFFS "/", strlen(BPFFS "/")) != 0)
                return -EINVAL;
        r = mount_bpffs();
        if (r < 0)
                return r;
        r = open_pins(path, holder);
        if (r < 0)
                return r;
        fd_close(r);
        return 0;
}

/*
 * Nothing of the bpffs but that directory is to be seen, and its parents, which
 * may be closed, are not in the way: an empty file system takes the bpffs's
 * place, and the directory is bound into it.
 */
int pins_mount(const char *path, const struct identity *holder) {
        _cleanup_close_ int pins = -1;
        _cleanup_free_ char *step = strdup(path);
        char source[64];

        if (!step)
                return -ENOMEM;
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
                return -errno;
        /* Only what was opened in a mount namespace can be bound in it. */
        pins = open_pins(path, holder);
        if (pins < 0)
                return pins;
        if (mount("pins", BPFFS, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=64k") < 0)
                return -errno;
        for (char *p = step + strlen(BPFFS "/");; *p++ = '/') {
                p = strchrnul(p, '/');
                bool last = !*p;

                *p = '\0';
                if (mkdir(step, 0755) < 0)
                        return -errno;
                if (last)
                        break;
        }
        /* By descriptor: the path under the new mount is another one. */
        snprintf(source, sizeof(source), "/proc/self/fd/%d", pins);
        if (mount(source, path, NULL, MS_BIND, NULL) < 0)
                return -errno;
        return 0;
}
