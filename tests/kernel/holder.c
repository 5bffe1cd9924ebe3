/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A holder that wants more: the program that tests/kernel/run.c and hostile.c
 * run under a grant. Each case attacks in one way and exits with 0 when it got
 * what it should have got and nothing else; what it found otherwise is on
 * stderr. It uses bpf(2) by hand, as an attacker would.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/macro.h"

#define FAIL(...)                                                                                           \
        do {                                                                                                \
                fprintf(stderr, "holder:%d: ", __LINE__);                                                   \
                fprintf(stderr, __VA_ARGS__);                                                               \
                fputc('\n', stderr);                                                                        \
                exit(1);                                                                                    \
        } while (0)
#define EXPECT(condition)                                                                                   \
        do {                                                                                                \
                if (!(condition))                                                                           \
                        FAIL("not so: %s (errno %s)", #condition, strerrorname_np(errno));                  \
        } while (0)

static int bpf(unsigned long command, const void *attr, unsigned long size) {
        return (int)syscall(SYS_bpf, command, attr, size);
}

/* bpf() that must fail with this errno. */
#define EXPECT_ERRNO(error, command, attr, size)                                                            \
        do {                                                                                                \
                int _r = bpf(command, attr, size);                                                          \
                                                                                                            \
                if (_r >= 0)                                                                                \
                        FAIL(#command ": succeeded with %d instead of " #error, _r);                        \
                if (errno != (error))                                                                       \
                        FAIL(#command ": %s instead of " #error, strerrorname_np(errno));                   \
        } while (0)

static union bpf_attr map_attr(uint32_t type) {
        return (union bpf_attr) {.map_type = type, .key_size = 4, .value_size = 8, .max_entries = 4};
}

static int make_map(uint32_t type) {
        union bpf_attr attr = map_attr(type);

        return bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static struct bpf_map_info map_info(int fd) {
        struct bpf_map_info info = {};
        union bpf_attr attr = {
                .info = {.bpf_fd = (uint32_t)fd, .info_len = sizeof(info), .info = (uintptr_t)&info}};

        if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) < 0)
                FAIL("info: %s", strerrorname_np(errno));
        return info;
}

static const struct bpf_insn allow[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
        {.code = BPF_JMP | BPF_EXIT},
};

static union bpf_attr prog_attr(const struct bpf_insn *insns, size_t n) {
        return (union bpf_attr) {
                .prog_type = BPF_PROG_TYPE_CGROUP_SOCK,
                .expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE,
                .insns = (uintptr_t)insns,
                .insn_cnt = (uint32_t)n,
                .license = (uintptr_t) "GPL",
        };
}

/* Closed programs are freed later, and too many at once lock 6.18 up: see responds.c. */
static void rest_after_load(void) {
        usleep(300);
}

static int load(const struct bpf_insn *insns, size_t n) {
        union bpf_attr attr = prog_attr(insns, n);
        int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr)), error = errno;

        rest_after_load();
        errno = error;
        return fd;
}

/* A program that names a map: r1 = map; r0 = 1; exit. */
static void uses_map(struct bpf_insn *insns, int map_fd) {
        insns[0] = (struct bpf_insn) {.code = BPF_LD | BPF_DW | BPF_IMM,
                                      .dst_reg = BPF_REG_1,
                                      .src_reg = BPF_PSEUDO_MAP_FD,
                                      .imm = map_fd};
        insns[1] = (struct bpf_insn) {};
        memcpy(insns + 2, allow, sizeof(allow));
}

/* The cases */

/* What the grant gives, it gives. */
static void case_allowed(void) {
        int map = make_map(BPF_MAP_TYPE_HASH), prog = load(allow, ARRAY_SIZE(allow));

        EXPECT(map >= 0);
        EXPECT(fcntl(map, F_GETFD) == FD_CLOEXEC);
        EXPECT(prog >= 0);
        EXPECT(map_info(map).type == BPF_MAP_TYPE_HASH);
}

/* And its deny twin: nothing beyond. */
static void case_denied(void) {
        union bpf_attr attr = map_attr(BPF_MAP_TYPE_HASH);

        EXPECT_ERRNO(EPERM, BPF_MAP_CREATE,
                     (&(union bpf_attr) {.map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096}),
                     sizeof(attr));
        attr = prog_attr(allow, ARRAY_SIZE(allow));
        attr.prog_type = BPF_PROG_TYPE_XDP;
        attr.expected_attach_type = 0;
        EXPECT_ERRNO(EPERM, BPF_PROG_LOAD, &attr, sizeof(attr));
        EXPECT_ERRNO(EPERM, BPF_ENABLE_STATS, &attr, sizeof(attr));
        attr = (union bpf_attr) {.prog_id = 1};
        EXPECT_ERRNO(EPERM, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
        /* Commands that no kernel has are what they are without a grant. */
        memset(&attr, 0, sizeof(attr));
        EXPECT_ERRNO(EINVAL, 4711, &attr, sizeof(attr));
}

/* Another architecture's way in, and garbage in the upper half of the command's register. */
static void case_disguised(void) {
        union bpf_attr attr = map_attr(BPF_MAP_TYPE_HASH);
        int fd = bpf(UINT64_C(0xdead00000000) | BPF_MAP_CREATE, &attr, sizeof(attr));

        EXPECT(fd >= 0);
        attr = (union bpf_attr) {.map_type = BPF_MAP_TYPE_RINGBUF, .max_entries = 4096};
        EXPECT_ERRNO(EPERM, UINT64_C(0xdead00000000) | BPF_MAP_CREATE, &attr, sizeof(attr));
#if defined(__x86_64__)
        /* i386: number 357 through int 0x80, with attr below 4 GiB. */
        union bpf_attr *low =
                mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        long r;

        EXPECT(low != MAP_FAILED);
        *low = attr;
        __asm__ volatile("int $0x80"
                         : "=a"(r)
                         : "a"(357), "b"(BPF_MAP_CREATE), "c"(low), "d"(sizeof(attr))
                         : "memory", "r8", "r9", "r10", "r11");
        /* -ENOSYS: a kernel without 32-bit emulation. */
        EXPECT(r == -EPERM || r == -ENOSYS);
#endif
}

/* Sizes and tails of attr, as bpf(2) itself has them. */
static void case_sizes(void) {
        _Alignas(8) char page[2 * 4096] = {};
        union bpf_attr *attr = (union bpf_attr *)page;

        *attr = map_attr(BPF_MAP_TYPE_HASH);
        EXPECT_ERRNO(E2BIG, BPF_MAP_CREATE, attr, 4097);
        EXPECT_ERRNO(E2BIG, BPF_MAP_CREATE, attr, UINT32_MAX);
        EXPECT(bpf(BPF_MAP_CREATE, attr, 4096) >= 0);
        page[4095] = 1;
        EXPECT_ERRNO(E2BIG, BPF_MAP_CREATE, attr, 4096);
        page[4095] = 0;
        EXPECT(bpf(BPF_MAP_CREATE, attr, 20) >= 0); /* as old a caller as there is */
        /* Nothing of attr: map type 0, which nobody is granted. */
        EXPECT_ERRNO(EPERM, BPF_MAP_CREATE, attr, 0);
        /* One byte: hash's low byte, and then no sizes: the kernel's own word. */
        EXPECT_ERRNO(EINVAL, BPF_MAP_CREATE, attr, 1);
}

static void case_pointers(void) {
        union bpf_attr attr;

        EXPECT_ERRNO(EFAULT, BPF_MAP_CREATE, (void *)8, sizeof(attr));
        EXPECT_ERRNO(EFAULT, BPF_MAP_CREATE, (void *)UINT64_C(0xffffffffff000000), sizeof(attr));
        attr = prog_attr((void *)16, 2);
        EXPECT_ERRNO(EFAULT, BPF_PROG_LOAD, &attr, sizeof(attr));
        attr = prog_attr(allow, ARRAY_SIZE(allow));
        attr.license = 24;
        EXPECT_ERRNO(EFAULT, BPF_PROG_LOAD, &attr, sizeof(attr));
        attr = prog_attr(allow, UINT32_MAX);
        EXPECT_ERRNO(E2BIG, BPF_PROG_LOAD, &attr, sizeof(attr));
        attr = prog_attr(allow, 0);
        EXPECT_ERRNO(E2BIG, BPF_PROG_LOAD, &attr, sizeof(attr));
        /* attr at the end of a page, the next one not there. */
        char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        EXPECT(pages != MAP_FAILED && munmap(pages + 4096, 4096) == 0);
        attr = map_attr(BPF_MAP_TYPE_HASH);
        memcpy(pages + 4096 - 20, &attr, 20);
        EXPECT(bpf(BPF_MAP_CREATE, pages + 4096 - 20, 20) >= 0);
        EXPECT_ERRNO(EFAULT, BPF_MAP_CREATE, pages + 4096 - 20, 24);
}

static void case_descriptors(void) {
        struct bpf_insn insns[4];
        int ends[2], map = make_map(BPF_MAP_TYPE_ARRAY);

        EXPECT(map >= 0 && pipe(ends) == 0);
        uses_map(insns, map);
        EXPECT(load(insns, ARRAY_SIZE(insns)) >= 0);
        uses_map(insns, 999); /* closed */
        EXPECT(load(insns, ARRAY_SIZE(insns)) < 0 && errno == EBADF);
        uses_map(insns, -1);
        EXPECT(load(insns, ARRAY_SIZE(insns)) < 0 && errno == EBADF);
        uses_map(insns, ends[0]); /* another kind */
        EXPECT(load(insns, ARRAY_SIZE(insns)) < 0 && errno == EINVAL);
        /* The deputy's own descriptors are not ours, whatever their numbers. */
        close(ends[0]);
        close(ends[1]);
        for (int fd = map + 1; fd < 64; fd++) {
                uses_map(insns, fd);
                EXPECT(load(insns, ARRAY_SIZE(insns)) < 0);
        }
}

/* A descriptor for reading is not made one for writing by a program. */
static void case_read_only(void) {
        const char *pin = getenv("PIN");
        union bpf_attr attr = {};
        struct bpf_insn insns[4];
        int map = make_map(BPF_MAP_TYPE_ARRAY), reader;

        EXPECT(map >= 0 && pin);
        attr.pathname = (uintptr_t)pin;
        attr.bpf_fd = (uint32_t)map;
        EXPECT(bpf(BPF_OBJ_PIN, &attr, sizeof(attr)) == 0);
        attr.bpf_fd = 0;
        attr.file_flags = BPF_F_RDONLY;
        reader = bpf(BPF_OBJ_GET, &attr, sizeof(attr));
        EXPECT(reader >= 0 && unlink(pin) == 0);
        uses_map(insns, map);
        EXPECT(load(insns, ARRAY_SIZE(insns)) >= 0);
        uses_map(insns, reader);
        EXPECT(load(insns, ARRAY_SIZE(insns)) < 0 && errno == EPERM);
}

/* Flips a word of memory between two values until told to stop. */
struct flipper {
        volatile uint32_t *word;
        uint32_t a, b;
        atomic_bool stop;
        pthread_t thread;
};

static void *flip(void *data) {
        struct flipper *f = data;

        /* Each value for as long as the other: on one processor it is looked at where we are interrupted. */
        for (unsigned i = 0; !f->stop; i++)
                *f->word = i & 64 ? f->a : f->b;
        return NULL;
}

static void flipper_start(struct flipper *f) {
        EXPECT(pthread_create(&f->thread, NULL, flip, f) == 0);
}

static void flipper_stop(struct flipper *f) {
        f->stop = true;
        pthread_join(f->thread, NULL);
}

/* attr changes while it is read: what was decided is what was made. */
static void case_flip_attr(void) {
        static union bpf_attr attr;
        struct flipper f = {.word = &attr.map_type, .a = BPF_MAP_TYPE_HASH, .b = BPF_MAP_TYPE_LRU_HASH};
        unsigned made = 0, refused = 0;

        attr = map_attr(BPF_MAP_TYPE_HASH);
        flipper_start(&f);
        for (int i = 0; i < 20000; i++) {
                int fd = bpf(BPF_MAP_CREATE, &attr, sizeof(attr));

                if (fd < 0) {
                        EXPECT(errno == EPERM);
                        refused++;
                        continue;
                }
                if (map_info(fd).type != BPF_MAP_TYPE_HASH)
                        FAIL("a map of type %u was made", map_info(fd).type);
                made++;
                close(fd);
        }
        flipper_stop(&f);
        fprintf(stderr, "holder: %u made, %u refused\n", made, refused);
        EXPECT(made > 0 && refused > 0); /* or nothing was tried */
}

/* The instructions' map descriptor changes: never a program with the map that may only be read. */
static void case_flip_descriptors(void) {
        static struct bpf_insn insns[4];
        const char *pin = getenv("PIN");
        int map = make_map(BPF_MAP_TYPE_ARRAY), secret = make_map(BPF_MAP_TYPE_ARRAY), reader;
        union bpf_attr attr = {.pathname = (uintptr_t)pin, .bpf_fd = (uint32_t)secret};
        unsigned made = 0, refused = 0;
        uint32_t forbidden = map_info(secret).id;

        EXPECT(bpf(BPF_OBJ_PIN, &attr, sizeof(attr)) == 0);
        attr.bpf_fd = 0;
        attr.file_flags = BPF_F_RDONLY;
        reader = bpf(BPF_OBJ_GET, &attr, sizeof(attr));
        EXPECT(reader >= 0 && unlink(pin) == 0 && close(secret) == 0);
        uses_map(insns, map);

        struct flipper f = {
                .word = (volatile uint32_t *)&insns[0].imm, .a = (uint32_t)map, .b = (uint32_t)reader};

        flipper_start(&f);
        for (int i = 0; i < 3000; i++) {
                int fd = load(insns, ARRAY_SIZE(insns));
                uint32_t ids[4] = {};
                struct bpf_prog_info info = {.nr_map_ids = 4, .map_ids = (uintptr_t)ids};
                union bpf_attr q = {.info = {.bpf_fd = (uint32_t)fd,
                                             .info_len = sizeof(info),
                                             .info = (uintptr_t)&info}};

                if (fd < 0) {
                        EXPECT(errno == EPERM);
                        refused++;
                        continue;
                }
                EXPECT(bpf(BPF_OBJ_GET_INFO_BY_FD, &q, sizeof(q)) == 0);
                for (uint32_t k = 0; k < info.nr_map_ids; k++)
                        if (ids[k] == forbidden)
                                FAIL("a program was given the map that may only be read");
                made++;
                close(fd);
        }
        flipper_stop(&f);
        fprintf(stderr, "holder: %u made, %u refused\n", made, refused);
        EXPECT(made > 0 && refused > 0);
}

/* The type of a program changes between one that is granted and one that is not. */
static void case_flip_program(void) {
        static union bpf_attr attr;
        unsigned made = 0, refused = 0;

        attr = prog_attr(allow, ARRAY_SIZE(allow));

        struct flipper f = {
                .word = &attr.prog_type, .a = BPF_PROG_TYPE_CGROUP_SOCK, .b = BPF_PROG_TYPE_CGROUP_SYSCTL};

        flipper_start(&f);
        for (int i = 0; i < 3000; i++) {
                int fd = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
                struct bpf_prog_info info = {};
                union bpf_attr q = {.info = {.bpf_fd = (uint32_t)fd,
                                             .info_len = sizeof(info),
                                             .info = (uintptr_t)&info}};

                if (fd < 0) {
                        EXPECT(errno == EPERM || errno == EINVAL);
                        refused++;
                        continue;
                }
                rest_after_load();
                EXPECT(bpf(BPF_OBJ_GET_INFO_BY_FD, &q, sizeof(q)) == 0);
                if (info.type != BPF_PROG_TYPE_CGROUP_SOCK)
                        FAIL("a program of type %u was loaded", info.type);
                made++;
                close(fd);
        }
        flipper_stop(&f);
        fprintf(stderr, "holder: %u made, %u refused\n", made, refused);
        EXPECT(made > 0 && refused > 0);
}

/* Calls that are cut short by SIGKILL, at any moment. */
static void case_exit_in_call(void) {
        for (int i = 0; i < 200; i++) {
                pid_t child = fork();

                EXPECT(child >= 0);
                if (child == 0)
                        for (;;)
                                close(make_map(BPF_MAP_TYPE_HASH));
                usleep((useconds_t)(i % 20) * 100);
                kill(child, SIGKILL);
                EXPECT(waitpid(child, NULL, 0) == child);
        }
}

static void *make_maps(void *data _unused_) {
        for (;;)
                close(make_map(BPF_MAP_TYPE_HASH));
        return NULL;
}

/* execve by one thread while another is in a call: the other one dies in it. */
static void case_exec_in_call(void) {
        for (int i = 0; i < 100; i++) {
                pid_t child = fork();
                int status;

                EXPECT(child >= 0);
                if (child == 0) {
                        pthread_t thread;

                        if (pthread_create(&thread, NULL, make_maps, NULL) != 0)
                                _exit(1);
                        usleep((useconds_t)(i % 10) * 200);
                        execl("/proc/self/exe", "holder", "one-map", NULL);
                        _exit(1);
                }
                EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
}

static void case_one_map(void) {
        EXPECT(make_map(BPF_MAP_TYPE_HASH) >= 0);
}

/* As many calls as the environment says, each object let go of at once. */
static void case_many(void) {
        const char *count = getenv("COUNT");
        long n = count ? strtol(count, NULL, 10) : 10000;

        for (long i = 0; i < n; i++) {
                int fd = i % 10 ? make_map(BPF_MAP_TYPE_HASH) : load(allow, ARRAY_SIZE(allow));

                if (fd < 0)
                        FAIL("call %ld: %s", i, strerrorname_np(errno));
                close(fd);
                if (i % 100 == 0) /* and a refused one */
                        EXPECT(make_map(BPF_MAP_TYPE_LPM_TRIE) < 0 && errno == EPERM);
        }
        if (getenv("WAIT")) {
                /* Let the test look at the deputy, until it closes our standard input. */
                char byte;

                puts("ready");
                fflush(stdout);
                while (read(STDIN_FILENO, &byte, 1) > 0)
                        ;
        }
}

/* A budget refuses what is too much, and takes back what is gone. */
static void case_budget(void) {
        int fds[4], link;

        for (int round = 0; round < 3; round++) {
                for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
                        fds[i] = make_map(BPF_MAP_TYPE_HASH);
                        EXPECT(fds[i] >= 0);
                }
                EXPECT(make_map(BPF_MAP_TYPE_HASH) < 0 && errno == EPERM);
                for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
                        close(fds[i]);
        }
        /* map-bytes: one map that would be larger than all of it. */
        union bpf_attr attr = map_attr(BPF_MAP_TYPE_ARRAY);

        attr.max_entries = 1 << 20;
        EXPECT_ERRNO(EPERM, BPF_MAP_CREATE, &attr, sizeof(attr));
        /* programs = 2 */
        int a = load(allow, ARRAY_SIZE(allow)), b = load(allow, ARRAY_SIZE(allow));

        EXPECT(a >= 0 && b >= 0);
        EXPECT(load(allow, ARRAY_SIZE(allow)) < 0 && errno == EPERM);
        close(b);
        b = load(allow, ARRAY_SIZE(allow));
        EXPECT(b >= 0);
        close(b);
        /* instructions = 100 */
        static struct bpf_insn many[120];

        for (size_t i = 0; i < ARRAY_SIZE(many); i++)
                many[i] = allow[i == ARRAY_SIZE(many) - 1];
        EXPECT(load(many, ARRAY_SIZE(many)) < 0 && errno == EPERM);
        /* links = 1 */
        const char *cgroup = getenv("CGROUP");

        if (!cgroup)
                return;
        int target = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        EXPECT(target >= 0);
        attr = (union bpf_attr) {.link_create = {.prog_fd = (uint32_t)a,
                                                 .target_fd = (uint32_t)target,
                                                 .attach_type = BPF_CGROUP_INET_SOCK_CREATE}};
        link = bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
        EXPECT(link >= 0);
        EXPECT_ERRNO(EPERM, BPF_LINK_CREATE, &attr, sizeof(attr));
        close(link);
        EXPECT(bpf(BPF_LINK_CREATE, &attr, sizeof(attr)) >= 0);
}

/* Time runs out. */
static void case_time(void) {
        int r = 0;

        EXPECT(make_map(BPF_MAP_TYPE_HASH) >= 0);
        for (int i = 0; i < 50 && r >= 0; i++) {
                usleep(100000);
                r = make_map(BPF_MAP_TYPE_HASH);
        }
        EXPECT(r < 0 && errno == EPERM);
}

/* The deputy is our parent, and ours to kill: we only lose by it. */
static void case_kill_deputy(void) {
        EXPECT(make_map(BPF_MAP_TYPE_HASH) >= 0);
        EXPECT(kill(getppid(), SIGKILL) == 0);
        alarm(20); /* instead of hanging for ever */
        for (int i = 0; i < 200; i++) {
                if (make_map(BPF_MAP_TYPE_HASH) < 0) {
                        EXPECT(errno == ENOSYS);
                        return;
                }
                usleep(10000);
        }
        FAIL("maps are still made without a deputy");
}

/* Neither the deputy's memory nor its descriptors, nor its signals but the deadly ones. */
static void case_touch_deputy(void) {
        pid_t deputy = getppid();
        char path[64], byte;

        snprintf(path, sizeof(path), "/proc/%d/mem", deputy);
        EXPECT(open(path, O_RDONLY) < 0 && errno == EACCES);
        snprintf(path, sizeof(path), "/proc/%d/fd/3", deputy);
        EXPECT(open(path, O_RDONLY) < 0);
        EXPECT(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, deputy, 0, 0) < 0 && errno == EPERM);
        EXPECT(syscall(SYS_process_vm_readv, deputy, &(struct {
                               void *p;
                               size_t n;
                       }) {&byte, 1},
                       1, &(struct {
                               void *p;
                               size_t n;
                       }) {(void *)0x400000, 1},
                       1, 0) < 0 &&
               errno == EPERM);
        int fd = (int)syscall(SYS_pidfd_open, deputy, 0);

        EXPECT(fd >= 0);
        EXPECT(syscall(SYS_pidfd_getfd, fd, 3, 0) < 0 && errno == EPERM);
        kill(deputy, SIGTERM);
        kill(deputy, SIGUSR1);
        kill(deputy, SIGSEGV);
        /* It lives, and does not pass them on to us. */
        usleep(200000);
        EXPECT(make_map(BPF_MAP_TYPE_HASH) >= 0);
}

/* A process that cannot be read gets nothing. */
static void case_undumpable(void) {
        EXPECT(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
        EXPECT(make_map(BPF_MAP_TYPE_HASH) < 0 && errno == EPERM);
        EXPECT(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
        EXPECT(make_map(BPF_MAP_TYPE_HASH) >= 0);
}

/*
 * A thread with a descriptor table of its own. Before 6.9 there are no pidfds
 * of threads, and its descriptors cannot be had: then it is told so, and not
 * given another thread's of the same number.
 */
static void *with_own_table(void *map) {
        int self = (int)syscall(SYS_pidfd_open, gettid(), O_EXCL /* PIDFD_THREAD */), mine, r;
        struct bpf_insn insns[4];

        EXPECT(unshare(CLONE_FILES) == 0);
        mine = make_map(BPF_MAP_TYPE_ARRAY);
        EXPECT(mine >= 0 && mine != *(int *)map);
        uses_map(insns, mine);
        r = load(insns, ARRAY_SIZE(insns));
        EXPECT(self >= 0 ? r >= 0 : r < 0 && errno == EBADF);
        return NULL;
}

static void case_own_table(void) {
        int map = make_map(BPF_MAP_TYPE_ARRAY);
        pthread_t thread;

        EXPECT(map >= 0 && pthread_create(&thread, NULL, with_own_table, &map) == 0);
        pthread_join(thread, NULL);
}

/* The terminal is root's: no words are put into its input. */
static void case_terminal(void) {
        int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
        pid_t child;
        int status;

        EXPECT(master >= 0 && unlockpt(master) == 0);
        child = fork();
        if (child == 0) {
                /* Of one's own controlling terminal the kernel allows it, or says EIO (6.2). */
                setsid();
                slave = open(ptsname(master), O_RDWR);
                EXPECT(slave >= 0);
                EXPECT(ioctl(slave, TIOCSTI, "x") < 0 && errno == EPERM);
                EXPECT(syscall(SYS_ioctl, slave, UINT64_C(0xdead00000000) | TIOCSTI, "x") < 0 &&
                       errno == EPERM);
                exit(0);
        }
        EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Signals that do not kill do not lose a call's result (Linux 5.19). */
static void on_alarm(int signal _unused_) {
}

static void case_signals(void) {
        struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART: EINTR would be seen */
        timer_t timer;
        struct itimerspec every = {.it_interval.tv_nsec = 50000, .it_value.tv_nsec = 50000};

        sigaction(SIGALRM, &action, NULL);
        EXPECT(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0 &&
               timer_settime(timer, 0, &every, NULL) == 0);
        for (int i = 0; i < 5000; i++) {
                int fd = make_map(BPF_MAP_TYPE_HASH);

                if (fd < 0 && errno != EINTR)
                        FAIL("%s", strerrorname_np(errno));
                if (fd >= 0)
                        close(fd);
        }
}

/* Everything at once, from many processes, until killed or COUNT seconds are over. */
static void case_flood(void) {
        const char *seconds = getenv("COUNT");

        EXPECT(setpgid(0, 0) == 0); /* the signal below is for our own */
        for (int i = 0; i < 64; i++) {
                pid_t child = fork();

                if (child != 0)
                        continue;
                for (;;) {
                        static struct bpf_insn large[4096];
                        int fd;

                        for (size_t k = 0; k < ARRAY_SIZE(large); k++)
                                large[k] = allow[k == ARRAY_SIZE(large) - 1];
                        fd = i % 2 ? make_map(BPF_MAP_TYPE_HASH) : load(large, ARRAY_SIZE(large));
                        if (fd >= 0)
                                close(fd);
                }
        }
        sleep(seconds ? (unsigned)strtoul(seconds, NULL, 10) : 3);
        signal(SIGTERM, SIG_IGN);
        kill(0, SIGTERM);
        while (wait(NULL) > 0 || errno == EINTR)
                ;
}

static const struct {
        const char *name;
        void (*run)(void);
} cases[] = {
        {"allowed", case_allowed},
        {"denied", case_denied},
        {"disguised", case_disguised},
        {"sizes", case_sizes},
        {"pointers", case_pointers},
        {"descriptors", case_descriptors},
        {"read-only", case_read_only},
        {"flip-attr", case_flip_attr},
        {"flip-descriptors", case_flip_descriptors},
        {"flip-program", case_flip_program},
        {"exit-in-call", case_exit_in_call},
        {"exec-in-call", case_exec_in_call},
        {"one-map", case_one_map},
        {"many", case_many},
        {"budget", case_budget},
        {"time", case_time},
        {"kill-deputy", case_kill_deputy},
        {"touch-deputy", case_touch_deputy},
        {"undumpable", case_undumpable},
        {"own-table", case_own_table},
        {"signals", case_signals},
        {"terminal", case_terminal},
        {"flood", case_flood},
};

int main(int argc, char **argv) {
        for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(cases); i++)
                if (strcmp(cases[i].name, argv[1]) == 0) {
                        cases[i].run();
                        return 0;
                }
        fprintf(stderr, "usage: holder CASE\n");
        return 2;
}
