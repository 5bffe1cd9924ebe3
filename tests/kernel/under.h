/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Programs under a grant, run as a user would run them: bpfgrant itself
 * ($BPFGRANT) with a grant file that the test writes. What it and its program
 * say is kept in files of a folder that a teardown removes. Include it after
 * <cmocka.h>.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/text.h"
#include "kernel/bpf.h"
#include "skip.h"

/* Where the host's own sockets and maps are of no interest to a test. */
#define TEST_USER "nobody"
#define TEST_UID 65534

static struct {
        char folder[64];  /* "" until it is made */
        char holder[128]; /* a copy of tests/kernel/holder that TEST_USER can reach */
        char grant[128];
        char out[128], err[128];
        char pins[64];
} u;

/* All that a holder of the tests may have: its cases know it. */
#define HOLDER_GRANT                                                                                        \
        "[grant]\n"                                                                                         \
        "commands = map_create prog_load link_create obj_get_info_by_fd\n"                                  \
        "maps = hash array\n"                                                                               \
        "programs = cgroup_sock\n"                                                                          \
        "attach = cgroup_inet_sock_create\n"

static inline void write_grant(const char *text) {
        FILE *f = fopen(u.grant, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static inline int copy_file(const char *from, const char *to, mode_t mode) {
        _cleanup_close_ int in = open(from, O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        char buffer[65536];
        ssize_t n;

        if (in < 0 || out < 0)
                return -errno;
        while ((n = read(in, buffer, sizeof(buffer))) > 0)
                if (write(out, buffer, (size_t)n) != n)
                        return -errno;
        return n < 0 ? -errno : 0;
}

/*
 * A folder that TEST_USER can read, and a mount namespace of the test's own
 * with its own bpffs, so that nothing that is pinned outlives it.
 */
static inline int under_setup(void **state) {
        const char *holder = getenv("HOLDER");

        (void)state;
        if (geteuid() != 0)
                return 0; /* each test skips */
        strcpy(u.folder, "/tmp/bpfgrant-test-XXXXXX");
        if (!mkdtemp(u.folder) || chmod(u.folder, 0755) < 0)
                return -1;
        snprintf(u.grant, sizeof(u.grant), "%s/test.grant", u.folder);
        snprintf(u.out, sizeof(u.out), "%s/out", u.folder);
        snprintf(u.err, sizeof(u.err), "%s/err", u.folder);
        snprintf(u.holder, sizeof(u.holder), "%s/holder", u.folder);
        if (!holder || copy_file(holder, u.holder, 0755) < 0)
                return -1;
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return -1;
        (void)mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0755");
        snprintf(u.pins, sizeof(u.pins), "/sys/fs/bpf/test-%d", getpid());
        return 0;
}

static inline int under_teardown(void **state) {
        static const char *const files[] = {"test.grant", "out",         "err",   "holder",
                                            "record",     "other.grant", "script"};

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(files) && u.folder[0]; i++) {
                char path[192];

                snprintf(path, sizeof(path), "%s/%s", u.folder, files[i]);
                (void)unlink(path);
        }
        if (u.folder[0] && rmdir(u.folder) < 0)
                print_message("# cannot remove %s: %s\n", u.folder, strerror(errno));
        return 0;
}

#define need_root()                                                                                         \
        do {                                                                                                \
                if (geteuid() != 0)                                                                         \
                        skip_because("not root");                                                           \
                if (bpf_probe() < 0)                                                                        \
                        skip_because("bpf(2) is refused here: %s", strerror(-bpf_probe()));                 \
        } while (0)

#define WORDS(...) ((const char *const[]) {__VA_ARGS__, NULL})

/*
 * Starts `bpfgrant run --grant … --user … options -- program`. Standard input
 * comes from `stdin_fd` (-1: /dev/null), output goes to u.out and u.err.
 */
static inline pid_t start_under(const char *const *options, const char *const *program, int stdin_fd) {
        const char *argv[32] = {getenv("BPFGRANT"), "run", "--grant", u.grant, "--user", TEST_USER};
        size_t n = 6;
        pid_t pid;

        for (; options && *options; options++)
                argv[n++] = *options;
        argv[n++] = "--";
        for (; *program; program++)
                argv[n++] = *program;
        assert_true(n < ARRAY_SIZE(argv));
        /* What an earlier run has left is not to be taken for this one's. */
        (void)unlink(u.out);
        (void)unlink(u.err);
        fflush(NULL);
        pid = fork();
        assert_return_code(pid, errno);
        if (pid == 0) {
                int in = stdin_fd >= 0 ? stdin_fd : open("/dev/null", O_RDONLY);
                int out = open(u.out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
                int err = open(u.err, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);

                if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
                        _exit(255);
                (void)close_range(3, ~0U, 0);
                execv(argv[0], (char **)argv);
                _exit(255);
        }
        return pid;
}

/* Exit status, or 256 + signal. */
static inline int wait_for(pid_t pid) {
        int status;

        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static inline int run_under(const char *const *options, const char *const *program) {
        return wait_for(start_under(options, program, -1));
}

/* What a run left in one of its files; the caller frees. */
static inline char *read_back(const char *path) {
        struct text t = TEXT_INIT;
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        char buffer[4096], *content;
        ssize_t n;

        assert_return_code(fd, errno);
        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                text_append_bytes(&t, buffer, (size_t)n);
        assert_int_equal(text_take(&t, &content), 0);
        return content;
}

static inline bool file_has(const char *path, const char *what) {
        _cleanup_free_ char *content = read_back(path);

        return strstr(content, what) != NULL;
}

#define assert_file_has(path, what)                                                                         \
        do {                                                                                                \
                if (!file_has(path, what)) {                                                                \
                        _cleanup_free_ char *_content = read_back(path);                                    \
                                                                                                            \
                        fail_msg("%s lacks \"%s\"; it is:\n%s", path, what, _content);                      \
                }                                                                                           \
        } while (0)

/* A case of holder.c that must find nothing wrong. */
static inline void run_case(const char *const *options, const char *name) {
        int status = run_under(options, WORDS(u.holder, name));

        if (status != 0) {
                _cleanup_free_ char *err = read_back(u.err);

                fail_msg("holder %s: status %d\n%s", name, status, err);
        }
}

static inline void run_shell(const char *const *options, int expected, const char *script) {
        int status = run_under(options, WORDS("/bin/sh", "-c", script));

        if (status != expected) {
                _cleanup_free_ char *err = read_back(u.err);

                fail_msg("%s: status %d instead of %d\n%s", script, status, expected, err);
        }
}
