/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bench BPFGRANT WORKER BARE GRANT: all figures in one table, each with its
 * floor from the same run. docs/performance.md explains the rows.
 */

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "contender.h"
#include "measure.h"

/* Targets: what is granted costs nothing but the filter; and what we add to a bare loop. */
#define TARGET_NATIVE 1.10
#define TARGET_BARE 1.15
#define TARGET_MEMORY_KIB 300

static struct { char *bpfgrant, *worker, *bare, *grant; } paths;

enum delivery { BY_NOTIFICATION, BY_SOCKET };

/* One comparison of several contenders; the last of them is ours. */
struct comparison {
        struct contender contenders[CONTENDERS_MAX];
        struct rounds rounds[CONTENDERS_MAX];
        size_t n;
};

static void compare_with(struct comparison *c, const char *const *command, int cpu) {
        contender_start(&c->contenders[c->n++], command, cpu);
}

/* Each begins as often as any other. */
static void run_rounds(struct comparison *c, const struct order *o, size_t n_rounds) {
        double samples[SAMPLES_MAX];

        memset(c->rounds, 0, sizeof(c->rounds));
        for (size_t i = 0; i < c->n; i++)
                contender_order(&c->contenders[i], o, samples); /* caches and allocators warm up */
        for (size_t round = 0; round < n_rounds; round++)
                for (size_t i = 0; i < c->n; i++) {
                        size_t turn = (round + i) % c->n;

                        contender_order(&c->contenders[turn], o, samples);
                        rounds_add(&c->rounds[turn], samples, o->count);
                }
}

static void comparison_end(struct comparison *c) {
        for (size_t i = 0; i < c->n; i++)
                contender_stop(&c->contenders[i]);
}

/* The command lines of the contenders. */
#define COMMAND(...) ((const char *const[]) {__VA_ARGS__, NULL})
#define ROOT COMMAND(paths.worker, "native")
#define STRICT_ROOT COMMAND(paths.worker, "strict")
#define BARE(delivery, way) COMMAND(paths.bare, (delivery), paths.worker, (way))
#define GRANTED(via, way)                                                                                   \
        COMMAND(paths.bpfgrant, "run", "--grant", paths.grant, "--user", "nobody", "--via", (via), "--",    \
                paths.worker, (way))

static void bench_elements(void) {
        static const struct {
                const char *name;
                enum operation operation;
        } rows[] = {
                {"map look-up", OPERATION_LOOKUP},
                {"map update", OPERATION_UPDATE},
        };
        struct comparison c = {};

        print_section("A map that was made under a grant, against one of root's own; one CPU");
        compare_with(&c, ROOT, CPU_ONE);
        compare_with(&c, GRANTED("intercept", "native"), CPU_ONE);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                /* Few in a batch: both sides alternate every few milliseconds. */
                struct order o = {.operation = rows[i].operation, .count = 20};

                run_rounds(&c, &o, 200);
                print_row(rows[i].name, "root", &c.rounds[0], &c.rounds[1], TARGET_NATIVE);
        }
        comparison_end(&c);
}

/* The contenders of a call, in this order. */
enum { BY_ROOT, BY_STRICT_ROOT, BY_BARE_LOOP, BY_GRANT };

static void bench_calls(enum delivery via, int cpu) {
        static const struct {
                const char *name;
                struct order order;
                size_t rounds;
        } rows[] = {
                {"map create, close", {.operation = OPERATION_CREATE, .count = 20}, 150},
                {"load of 2, close", {.operation = OPERATION_LOAD, .size = 2, .count = 20}, 150},
                {"load of 500, close", {.operation = OPERATION_LOAD, .size = 500, .count = 10}, 80},
                {"load of 5,000, close", {.operation = OPERATION_LOAD, .size = 5000, .count = 3}, 40},
        };
        bool socket = via == BY_SOCKET;
        struct comparison c = {};

        compare_with(&c, ROOT, cpu);
        compare_with(&c, STRICT_ROOT, cpu);
        compare_with(&c, socket ? BARE("socket", "bare") : BARE("notify", "native"), cpu);
        compare_with(&c, socket ? GRANTED("socket", "socket") : GRANTED("intercept", "native"), cpu);
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                const struct rounds *ours = &c.rounds[BY_GRANT];

                run_rounds(&c, &rows[i].order, rows[i].rounds);
                print_row(rows[i].name, "root", &c.rounds[BY_ROOT], ours, 0);
                if (rows[i].order.operation == OPERATION_LOAD)
                        print_row("", "root without CAP_PERFMON", &c.rounds[BY_STRICT_ROOT], ours, 0);
                print_row("", socket ? "bare socket round trip" : "bare notification loop",
                          &c.rounds[BY_BARE_LOOP], ours, cpu == CPU_ANY ? 0 : TARGET_BARE);
        }
        comparison_end(&c);
}

/* From fork to the end of the command, whose output is nobody's. */
static double run_once(const char *const *command) {
        uint64_t began = clock_ns();
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                execv(command[0], (char *const *)command);
                err(EXIT_FAILURE, "%s", command[0]);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0)
                err(EXIT_FAILURE, "fork");
        if (status != 0)
                errx(EXIT_FAILURE, "%s has failed", command[0]);
        return (double)(clock_ns() - began);
}

#define TRUE_PROGRAM "/usr/bin/true"
#define BWRAP "/usr/bin/bwrap"

static void bench_start(void) {
        const char *const *commands[] = {
                COMMAND(TRUE_PROGRAM),
                COMMAND(BWRAP, "--unshare-user", "--uid", "65534", "--gid", "65534", "--ro-bind", "/", "/",
                        TRUE_PROGRAM),
                COMMAND(paths.bpfgrant, "run", "--grant", paths.grant, "--user", "nobody", "--",
                        TRUE_PROGRAM),
        };
        struct rounds rounds[ARRAY_SIZE(commands)] = {};
        bool have_bwrap = access(BWRAP, X_OK) == 0;

        print_section("bpfgrant run … -- true, from fork to wait; any CPU");
        for (size_t round = 0; round < 100; round++)
                for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
                        double sample;

                        if (i == 1 && !have_bwrap)
                                continue;
                        sample = run_once(commands[i]);
                        rounds_add(&rounds[i], &sample, 1);
                }
        print_row("start and end", "true", &rounds[0], &rounds[2], 0);
        if (have_bwrap)
                print_row("", "bwrap … true", &rounds[1], &rounds[2], 0);
        else
                puts("  (no bwrap here: the package bubblewrap)");
}

static void print_memory(const struct comparison *c, const char *name) {
        double sizes[CONTENDERS_MAX];

        for (size_t i = 0; i < c->n; i++)
                sizes[i] = contender_server_memory(&c->contenders[i]);
        print_memory_row(name, "bare notification loop", sizes[0], sizes[1], TARGET_MEMORY_KIB);
}

/* Two of each, so that pages of the same files are not taken for one process's own. */
static void bench_memory(void) {
        static const struct order once = {.operation = OPERATION_CREATE, .count = 1};
        static const struct order often = {.operation = OPERATION_CREATE, .count = 1000};
        double samples[SAMPLES_MAX];
        struct comparison c = {};

        print_section("Private memory of the process that serves");
        for (int i = 0; i < 2; i++) {
                compare_with(&c, BARE("notify", "native"), CPU_ANY);
                compare_with(&c, GRANTED("intercept", "native"), CPU_ANY);
        }
        for (size_t i = 0; i < c.n; i++) /* now all of them have started */
                contender_order(&c.contenders[i], &once, samples);
        print_memory(&c, "at rest, after one call");
        for (size_t i = 0; i < c.n; i++)
                contender_order(&c.contenders[i], &often, samples);
        print_memory(&c, "after 1,000 map creates");
        comparison_end(&c);
}

int main(int argc, char **argv) {
        if (argc != 5)
                errx(EXIT_FAILURE, "bench BPFGRANT WORKER BARE GRANT: start it by bench/run");
        paths.bpfgrant = argv[1];
        paths.worker = argv[2];
        paths.bare = argv[3];
        paths.grant = argv[4];
        /* One that has died is found by its missing answer. */
        (void)signal(SIGPIPE, SIG_IGN);

        print_header();
        bench_elements();
        print_section("Intercepted calls; one CPU");
        bench_calls(BY_NOTIFICATION, CPU_ONE);
        print_section("Intercepted calls; any CPU");
        bench_calls(BY_NOTIFICATION, CPU_ANY);
        print_section("Calls over the socket; one CPU");
        bench_calls(BY_SOCKET, CPU_ONE);
        print_section("Calls over the socket; any CPU");
        bench_calls(BY_SOCKET, CPU_ANY);
        bench_start();
        bench_memory();
        return EXIT_SUCCESS;
}
