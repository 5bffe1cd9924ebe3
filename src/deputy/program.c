/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "deputy/pins.h"
#include "kernel/seqpacket.h"

static _noreturn_ void fail(const char *what, int error) {
        dprintf(STDERR_FILENO, "bpfgrant: %s: %s\n", what, strerror(-error));
        _exit(EXIT_OURS);
}

/*
 * Closes what bpfgrant has opened, all of it CLOEXEC, now and not only at
 * execve: from when we are the holder, another process of its may read us, and
 * so take our descriptors: the record, the steward. What the user's shell has
 * passed on is the program's.
 */
static int close_ours(int keep, int keep_too) {
        DIR *d = opendir("/proc/self/fd");
        struct dirent *e;

        if (!d)
                return -errno;
        while ((e = readdir(d))) {
                int fd = (int)strtol(e->d_name, NULL, 10);

                if (e->d_name[0] == '.' || fd == keep || fd == keep_too || fd == dirfd(d))
                        continue;
                if (fcntl(fd, F_GETFD) & FD_CLOEXEC)
                        fd_close(fd);
        }
        closedir(d);
        return 0;
}

static int write_file(const char *path, const char *text) {
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
}

/*
 * A user namespace in which the holder is uid 0, for programs that look at
 * geteuid(). It is the holder's own: it gives nothing outside, and its deputy,
 * which has the uid that owns it, can still read the program.
 */
static int enter_user_namespace(const struct identity *holder) {
        char map[64];
        int r;

        /* /proc/self belongs to root while we are not dumpable, which changing uid has made us. */
        if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 || unshare(CLONE_NEWUSER) < 0)
                return -errno;
        r = write_file("/proc/self/setgroups", "deny");
        if (r < 0)
                return r;
        snprintf(map, sizeof(map), "0 %u 1\n", holder->uid);
        r = write_file("/proc/self/uid_map", map);
        if (r < 0)
                return r;
        snprintf(map, sizeof(map), "0 %u 1\n", holder->gid);
        return write_file("/proc/self/gid_map", map);
}

/* Sends the listener, if there is one, and waits until the deputy serves. */
static void meet_deputy(int parent, int listener) {
        _cleanup_seqpacket_ struct seqpacket packet;
        char byte = 0;
        int r;

        r = seqpacket_send(parent, &byte, 1, NULL, 0, /* sealed= */ false, &listener, listener >= 0 ? 1 : 0);
        if (r < 0)
                fail("the deputy cannot be reached", r);
        seqpacket_init(&packet);
        /* Without a deputy there is nothing to run under; it has said why itself. */
        if (seqpacket_receive(parent, &byte, 1, &packet) <= 0)
                _exit(EXIT_OURS);
}

static int install_filter(const struct program *p) {
        int listener = program_filter_install(p->filter, p->delivery == DELIVERY_INTERCEPT);

        if (listener == -EBUSY)
                fail("the calling program is itself under a seccomp listener, and the kernel allows one "
                     "only",
                     listener);
        if (listener < 0)
                fail("the seccomp filter cannot be installed (Linux 5.14 is needed)", listener);
        return p->delivery == DELIVERY_INTERCEPT ? listener : -1;
}

static void give_grant_fd(const struct program *p) {
        char number[16];

        if (fcntl(p->grant_fd, F_SETFD, 0) < 0)
                fail("the grant's descriptor", -errno);
        snprintf(number, sizeof(number), "%d", p->grant_fd);
        if (setenv("BPFGRANT_FD", number, 1) < 0)
                fail("the environment", -errno);
}

_noreturn_ void program_start(const struct program *p, int parent) {
        int listener, r;

        r = close_ours(parent, p->delivery == DELIVERY_SOCKET ? p->grant_fd : -1);
        if (r < 0)
                fail("descriptors", r);
        if (p->pins) {
                r = pins_mount(p->pins, &p->holder);
                if (r < 0)
                        fail(p->pins, r);
        }
        r = privilege_become(&p->holder, /* keep= */ 0);
        if (r < 0)
                fail("the user cannot be changed to", r);
        if (p->as_root) {
                r = enter_user_namespace(&p->holder);
                if (r < 0)
                        fail("--as-root needs a user namespace, and none can be made "
                             "(user.max_user_namespaces?)",
                             r);
        }
        /* The filter asks for it; and set-uid programs would not be the holder any more. */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                fail("no_new_privs", -errno);
        listener = install_filter(p);
        if (p->delivery == DELIVERY_SOCKET)
                give_grant_fd(p);
        meet_deputy(parent, listener);
        fd_close(listener);
        sigprocmask(SIG_SETMASK, &p->signals, NULL);
        execvp(p->argv[0], p->argv);
        r = -errno;
        dprintf(STDERR_FILENO, "bpfgrant: cannot run %s: %s\n", p->argv[0], strerror(-r));
        _exit(r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}
