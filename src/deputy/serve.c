/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The deputy's process from fork to end. It starts the program while it is
 * still root, because only root can become the holder twice; then it takes away
 * its own rights stage by stage (stages.h), and only when nothing is left to be
 * taken does it let the program go on. A stage that fails ends it, and with it
 * the program, which is still waiting.
 */

#include "deputy/run.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/table.h"
#include "base/fd.h"
#include "deputy/deputy.h"
#include "deputy/front.h"
#include "deputy/stages.h"
#include "kernel/seqpacket.h"

#define SERVING_THREADS 3          /* one receives while two load */
#define THREAD_STACK (1024 * 1024) /* reserved, not used: a request and JSON need some 32 KiB */

/* Descriptors of the deputy's while it becomes one. */
struct serving {
        const struct run *run;
        struct deputy deputy;
        int stderr_fd;
        int status_fd;
        int program_fd; /* our end of the pair with the program */
        int grant_fd;   /* DELIVERY_SOCKET: our end of the connection */
        pid_t program;
        struct notify_front notify;
        struct socket_front *socket;
        sem_t arrived;        /* a thread has done all that starting needs */
        pthread_mutex_t gate; /* and waits here until the process is confined */
};

static _noreturn_ void fail(const struct serving *s, const char *stage, int error) {
        dprintf(s->stderr_fd, "bpfgrant: the deputy cannot be made: %s: %s\n", stage, strerror(-error));
        _exit(EXIT_OURS);
}

/* Runs a stage; the process does not outlive its failure. */
#define STAGE(s, name, call)                                                                                \
        do {                                                                                                \
                int _r = (call);                                                                            \
                                                                                                            \
                if (_r < 0)                                                                                 \
                        fail((s), (name), _r);                                                              \
        } while (0)

/* Which commands the filter has to intercept: those that need authority, and those that gain by it. */
static int make_filter(const struct policy *p, enum delivery delivery, struct sock_fprog *ret_filter) {
        uint32_t commands[NAME_VALUES_MAX];
        size_t n = 0;

        for (size_t i = 0; i < n_abi_commands && delivery == DELIVERY_INTERCEPT; i++) {
                const struct abi_command *row = &abi_commands[i];

                if (row->authority == AUTHORITY_NEEDED ||
                    (row->authority == AUTHORITY_MORE && name_set_has(&p->commands, row->command)))
                        commands[n++] = row->command;
        }
        return program_filter_make(commands, n, (uint32_t)n_abi_commands, ret_filter);
}

/* The program, up to where it waits for us. */
static int start_program(struct serving *s) {
        struct program program = s->run->program;
        struct sock_fprog filter = {};
        int pair[2], grant[2] = {-1, -1}, r;

        r = make_filter(s->run->policy, program.delivery, &filter);
        if (r < 0)
                return r;
        program.filter = &filter;
        if (program.delivery == DELIVERY_SOCKET &&
            socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, grant) < 0)
                return -errno;
        program.grant_fd = grant[1];
        s->grant_fd = grant[0];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        s->program_fd = pair[0];
        s->program = fork();
        if (s->program < 0)
                return -errno;
        if (s->program == 0)
                program_start(&program, pair[1]);
        fd_close(pair[1]);
        fd_close(grant[1]);
        free(filter.filter);
        return 0;
}

/* What the program sends when it is ready: its listener. */
static int receive_listener(struct serving *s) {
        _cleanup_seqpacket_ struct seqpacket packet;
        char byte;
        int r;

        seqpacket_init(&packet);
        r = seqpacket_receive(s->program_fd, &byte, sizeof(byte), &packet);
        if (r < 0)
                return r;
        if (r == 0)
                _exit(EXIT_OURS); /* the program could not be started, and has said why */
        if (s->run->program.delivery == DELIVERY_SOCKET)
                return 0;
        if (packet.fds.n != 1)
                return -EBADMSG;
        s->notify = (struct notify_front) {.deputy = &s->deputy, .listener = take_fd(&packet.fds.fds[0])};
        return 0;
}

/* A thread's own start makes system calls that serving does not, rseq(2) for one. */
static struct serving *pass_gate(void *serving) {
        struct serving *s = serving;

        sem_post(&s->arrived);
        pthread_mutex_lock(&s->gate);
        pthread_mutex_unlock(&s->gate);
        return s;
}

static void *wait_and_serve_notify(void *serving) {
        return notify_front_serve(&pass_gate(serving)->notify);
}

static void *wait_and_serve_socket(void *serving) {
        return socket_front_serve(pass_gate(serving)->socket);
}

static int start_threads(struct serving *s) {
        bool intercept = s->run->program.delivery == DELIVERY_INTERCEPT;
        pthread_attr_t attributes;
        pthread_t thread;
        int r;

        sem_init(&s->arrived, 0, 0);
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, THREAD_STACK);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        for (int i = 0; i < SERVING_THREADS; i++) {
                r = pthread_create(&thread, &attributes,
                                   intercept ? wait_and_serve_notify : wait_and_serve_socket, s);
                if (r != 0)
                        return -r;
        }
        pthread_attr_destroy(&attributes);
        for (int i = 0; i < SERVING_THREADS; i++)
                while (sem_wait(&s->arrived) < 0)
                        ;
        return 0;
}

static int prepare(struct serving *s, int steward_fd) {
        const struct run *run = s->run;
        int r;

        r = deputy_init(&s->deputy, run->policy, run->vocabulary, steward_fd);
        if (r < 0)
                return r;
        s->deputy.reach = run->reach;
        s->deputy.record.fd = run->record_fd;
        s->deputy.record.stderr_fd = run->quiet ? -1 : s->stderr_fd;
        s->deputy.record.json = run->json;
        if (run->program.delivery == DELIVERY_SOCKET)
                return socket_front_new(&s->socket, &s->deputy, take_fd(&s->grant_fd), s->program);
        return 0;
}

/* Every descriptor that a deputy keeps. */
static int keep_descriptors(const struct serving *s) {
        int keep[12];
        size_t n = 0;

        keep[n++] = s->stderr_fd;
        keep[n++] = s->status_fd;
        keep[n++] = s->program_fd;
        keep[n++] = s->deputy.proc_fd;
        keep[n++] = s->deputy.steward.fd;
        if (s->deputy.record.fd >= 0)
                keep[n++] = s->deputy.record.fd;
        if (s->socket)
                n += socket_front_fds(s->socket, keep + n);
        else
                keep[n++] = s->notify.listener;
        return stage_descriptors(keep, n);
}

static void report(const struct serving *s, const struct program_status *status) {
        (void)send(s->status_fd, status, sizeof(*status), MSG_NOSIGNAL);
}

/* Tells what has become of a child; true when it was the program and it has ended. */
static bool report_child(const struct serving *s, const siginfo_t *child) {
        struct program_status status = {.pid = child->si_pid, .value = child->si_status};

        if (child->si_pid != s->program)
                return false; /* an orphan of the program's, adopted */
        switch (child->si_code) {
        case CLD_EXITED:
                status.event = PROGRAM_EXITED;
                break;
        case CLD_KILLED:
        case CLD_DUMPED:
                status.event = PROGRAM_KILLED;
                break;
        case CLD_STOPPED:
                status.event = PROGRAM_STOPPED;
                break;
        default:
                return false;
        }
        report(s, &status);
        return status.event != PROGRAM_STOPPED;
}

/* True when the program has ended. */
static bool reap(const struct serving *s) {
        for (;;) {
                siginfo_t child = {};

                if (waitid(P_ALL, 0, &child, WEXITED | WSTOPPED | WNOHANG) < 0 || child.si_pid == 0)
                        return false;
                if (report_child(s, &child))
                        return true;
        }
}

/*
 * The main thread, while the others serve: waits for children, and passes on
 * the signals that the supervisor sends, and nobody else's (the holder, having
 * our uid, can send them too). What the terminal sends, the program has had
 * itself, being in the same process group.
 */
static void watch_program(const struct serving *s, pid_t supervisor) {
        sigset_t all;
        siginfo_t info;

        sigfillset(&all);
        for (;;) {
                if (reap(s))
                        return;
                if (sigwaitinfo(&all, &info) < 0 || info.si_signo == SIGCHLD)
                        continue;
                /* Only kill(2) says SI_USER, and then the kernel has filled in who it was. */
                if (info.si_code == SI_USER && info.si_pid == supervisor)
                        (void)kill(s->program, info.si_signo);
        }
}

_noreturn_ void deputy_main(const struct run *run, int steward_fd, int status_fd) {
        static struct serving serving;
        struct serving *s = &serving;
        pid_t parent = getppid();
        char byte = 0;

        *s = (struct serving) {.run = run, .status_fd = status_fd, .gate = PTHREAD_MUTEX_INITIALIZER};
        s->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        /* One arena: threads of their own arenas would each take memory of the holder's. */
        mallopt(M_ARENA_MAX, 1);

        STAGE(s, "adopting orphans", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0);
        STAGE(s, "starting the program", start_program(s));
        STAGE(s, "the program's listener", receive_listener(s));
        STAGE(s, "its state", prepare(s, steward_fd));

        STAGE(s, "closing descriptors", keep_descriptors(s));
        STAGE(s, "making /proc the root", stage_root());
        STAGE(s, "becoming the holder", stage_identity(&run->program.holder, s->deputy.capabilities));
        STAGE(s, "hiding from the holder", stage_hide(parent));
        pthread_mutex_lock(&s->gate);
        STAGE(s, "threads", start_threads(s));
        STAGE(s, "confining system calls", stage_confine(run->policy));

        report(s, &(struct program_status) {.event = PROGRAM_STARTED, .pid = s->program});
        pthread_mutex_unlock(&s->gate);
        if (send(s->program_fd, &byte, 1, MSG_NOSIGNAL) < 0)
                _exit(EXIT_OURS);
        s->program_fd = fd_close(s->program_fd);
        watch_program(s, parent);
        _exit(EXIT_SUCCESS);
}
