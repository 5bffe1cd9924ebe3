/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "contender.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

static void stay_on_one_cpu(void) {
        cpu_set_t set;
        size_t cpu = 0;

        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                err(EXIT_FAILURE, "sched_getaffinity");
        while (!CPU_ISSET(cpu, &set))
                cpu++;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        if (sched_setaffinity(0, sizeof(set), &set) < 0)
                err(EXIT_FAILURE, "CPU %zu", cpu);
}

void contender_start(struct contender *c, const char *const *command, int cpu) {
        int to[2], from[2];

        if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
                err(EXIT_FAILURE, "pipe");
        c->pid = fork();
        if (c->pid < 0)
                err(EXIT_FAILURE, "fork");
        if (c->pid == 0) {
                if (cpu == CPU_ONE)
                        stay_on_one_cpu();
                if (dup2(to[0], STDIN_FILENO) < 0 || dup2(from[1], STDOUT_FILENO) < 0)
                        err(EXIT_FAILURE, "dup2");
                execv(command[0], (char *const *)command);
                err(EXIT_FAILURE, "%s", command[0]);
        }
        c->to = to[1];
        c->from = from[0];
        (void)fd_close(to[0]);
        (void)fd_close(from[1]);
}

void contender_stop(struct contender *c) {
        int status;

        c->to = fd_close(c->to);
        c->from = fd_close(c->from);
        if (waitpid(c->pid, &status, 0) < 0 || status != 0)
                errx(EXIT_FAILURE, "a contender has failed");
}

void contender_order(const struct contender *c, const struct order *o, double *ret_samples) {
        size_t size = o->count * sizeof(*ret_samples), done = 0;

        if (write(c->to, o, sizeof(*o)) != (ssize_t)sizeof(*o))
                err(EXIT_FAILURE, "order");
        while (done < size) {
                ssize_t n = read(c->from, (char *)ret_samples + done, size - done);

                if (n <= 0)
                        errx(EXIT_FAILURE, "a contender gives no answer");
                done += (size_t)n;
        }
}

double contender_server_memory(const struct contender *c) {
        static const struct order parent = {.operation = OPERATION_PARENT, .count = 1};
        char path[64], line[128];
        double pid, sum = 0;
        unsigned long size;
        FILE *f;

        contender_order(c, &parent, &pid);
        snprintf(path, sizeof(path), "/proc/%.0f/smaps_rollup", pid);
        f = fopen(path, "re");
        if (!f)
                err(EXIT_FAILURE, "%s", path);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "Private_Clean: %lu", &size) == 1 ||
                    sscanf(line, "Private_Dirty: %lu", &size) == 1)
                        sum += (double)size;
        fclose(f);
        return sum;
}
