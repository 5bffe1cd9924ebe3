/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Four cgroups of a test's own, one within another, and children that act in
 * them. What a test holds while it runs (a counter, a program, a link, an event)
 * is kept here, so that its teardown finds it after a failed assertion; links
 * end with the process in any case. Include it after <cmocka.h>.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kernel/bound.h"
#include "kernel/cgroup.h"
#include "skip.h"

enum place { PLACE_PARENT, PLACE_IN, PLACE_CHILD, PLACE_OUT, N_PLACES };
static const char *const place_names[N_PLACES] = {"", "/in", "/in/child", "/out"};

static struct {
        int root_fd;
        char names[N_PLACES][64]; /* relative to the root */
        bool made[N_PLACES];
        int fds[N_PLACES];
        struct bind_cgroup cgroups[N_PLACES];

        /* of the test that runs: here, so that its teardown finds them after a failure */
        int counter_fd, prog_fd, link_fd, event_fd;
        pid_t child;
} t = {
        .root_fd = -1,
        .fds = {-1, -1, -1, -1},
        .counter_fd = -1,
        .prog_fd = -1,
        .link_fd = -1,
        .event_fd = -1,
};

static inline int group_teardown(void **state) {
        (void)state;
        for (int i = N_PLACES - 1; i >= 0; i--) {
                t.fds[i] = fd_close(t.fds[i]);
                if (t.made[i] && unlinkat(t.root_fd, t.names[i], AT_REMOVEDIR) < 0)
                        print_message("# cannot remove cgroup %s: %s\n", t.names[i], strerror(errno));
        }
        t.root_fd = fd_close(t.root_fd);
        return 0;
}

/* Without cgroups root_fd stays -1, and each test skips. */
static inline int group_setup(void **state) {
        (void)state;
        t.root_fd = cgroup_open_root();
        for (int i = 0; t.root_fd >= 0 && i < N_PLACES; i++) {
                snprintf(t.names[i], sizeof(t.names[i]), "bpfgrant-test-%d%s", getpid(), place_names[i]);
                if (mkdirat(t.root_fd, t.names[i], 0755) < 0) {
                        print_message("# cannot make cgroup %s: %s\n", t.names[i], strerror(errno));
                        return group_teardown(state);
                }
                t.made[i] = true;
                t.fds[i] = openat(t.root_fd, t.names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (t.fds[i] < 0 || cgroup_id(t.fds[i], &t.cgroups[i].id) < 0 ||
                    cgroup_level(t.fds[i], &t.cgroups[i].level) < 0)
                        return -1;
        }
        return 0;
}

static inline int test_teardown(void **state) {
        (void)state;
        if (t.child > 0) {
                (void)kill(t.child, SIGKILL);
                (void)waitpid(t.child, NULL, 0);
                t.child = 0;
        }
        t.link_fd = fd_close(t.link_fd);
        t.event_fd = fd_close(t.event_fd);
        t.prog_fd = fd_close(t.prog_fd);
        t.counter_fd = fd_close(t.counter_fd);
        return 0;
}

#define need_kernel()                                                                                       \
        do {                                                                                                \
                if (bpf_is_missing())                                                                       \
                        skip_because("%s", bpf_is_missing());                                               \
                if (t.root_fd < 0)                                                                          \
                        skip_because("no cgroup2 hierarchy that can be written");                           \
        } while (0)

static inline struct bind_reach reach_of(enum place place) {
        return (struct bind_reach) {.cgroups = {t.cgroups[place]}, .n_cgroups = 1};
}

/* A child that waits in its cgroup until it is let go. */
struct child {
        pid_t pid;
        int start_fd;
};

static inline struct child child_new(enum place place, int (*act)(void)) {
        struct child c;
        int start[2];

        assert_return_code(pipe2(start, O_CLOEXEC), errno);
        c.pid = fork();
        assert_return_code(c.pid, errno);
        if (c.pid == 0) {
                char byte;

                (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
                (void)close(start[1]);
                if (read(start[0], &byte, 1) != 1)
                        _exit(255);
                _exit(-act());
        }
        t.child = c.pid;
        (void)close(start[0]);
        c.start_fd = start[1];

        char path[96];
        _cleanup_close_ int procs = -1;

        snprintf(path, sizeof(path), "%s/cgroup.procs", t.names[place]);
        procs = openat(t.root_fd, path, O_WRONLY | O_CLOEXEC);
        assert_return_code(dprintf(procs, "%d", c.pid), errno);
        return c;
}

/* Lets it act; what the act returned. */
static inline int child_finish(struct child c) {
        int status;

        (void)!write(c.start_fd, "x", 1);
        (void)close(c.start_fd);
        assert_return_code(waitpid(c.pid, &status, 0), errno);
        t.child = 0;
        assert_true(WIFEXITED(status));
        return -WEXITSTATUS(status);
}

static inline int act_in(enum place place, int (*act)(void)) {
        return child_finish(child_new(place, act));
}

/* How often the program was let in while the act was done there. */
static inline uint64_t count_in(enum place place, int (*act)(void)) {
        uint64_t before = counter_get(t.counter_fd);

        assert_int_equal(act_in(place, act), 0);
        return counter_get(t.counter_fd) - before;
}
