/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The process that the user started, after it has made the deputy. It waits for
 * three things at once: questions of the deputy (as its steward), news of the
 * program, and signals. It is the only one that the holder cannot signal, so it
 * is the one that tells when the deputy has died.
 */

#include "deputy/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fd.h"
#include "deputy/steward.h"
#include "kernel/privilege.h"

struct supervisor {
        pid_t deputy;
        pid_t program; /* 0 until it has started */
        int steward_fd;
        int status_fd;
        int signal_fd;
        struct steward_book *book;
        int exit_status; /* -1 until it is known */
        bool deputy_is_gone;
};

static void complain(const char *what, int error) {
        fprintf(stderr, "bpfgrant: %s: %s\n", what, strerror(-error));
}

/* Stops as the program has stopped, so that the shell has its terminal back; goes on with it. */
static void stop_like(const struct supervisor *s) {
        (void)raise(SIGSTOP);
        (void)kill(s->deputy, SIGCONT);
}

/* What the deputy tells of the program. */
static void hear_status(struct supervisor *s) {
        struct program_status status;

        if (recv(s->status_fd, &status, sizeof(status), 0) != (ssize_t)sizeof(status)) {
                s->status_fd = fd_close(s->status_fd);
                return;
        }
        switch (status.event) {
        case PROGRAM_STARTED:
                s->program = status.pid;
                break;
        case PROGRAM_EXITED:
                s->exit_status = status.value;
                break;
        case PROGRAM_KILLED:
                s->exit_status = 128 + status.value;
                break;
        case PROGRAM_STOPPED:
                stop_like(s);
                break;
        }
}

/* It should have outlived the program; an exit status of its own means that it has said why it did not. */
static void deputy_died(struct supervisor *s, const siginfo_t *child) {
        if (child->si_code != CLD_EXITED)
                fprintf(stderr, "bpfgrant: the deputy was killed by signal %d (%s)%s\n", child->si_status,
                        sigabbrev_np(child->si_status) ?: "?",
                        s->program ? ": the program has no grant any more" : "");
        if (s->program == 0)
                s->exit_status = EXIT_OURS;
}

/*
 * Children: the deputy, and, once it is gone, the program, which is then ours
 * to wait for. It can go on, but its calls end in ENOSYS.
 */
static void reap(struct supervisor *s) {
        siginfo_t child;

        for (;;) {
                child = (siginfo_t) {};
                if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG) < 0 || child.si_pid == 0)
                        return;
                if (child.si_pid == s->deputy) {
                        s->deputy_is_gone = true;
                        /* Its last words may still be unread. */
                        while (s->status_fd >= 0 && s->exit_status < 0)
                                hear_status(s);
                        if (s->exit_status >= 0)
                                continue;
                        deputy_died(s, &child);
                } else if (child.si_pid == s->program && s->deputy_is_gone && s->exit_status < 0) {
                        s->exit_status =
                                child.si_code == CLD_EXITED ? child.si_status : 128 + child.si_status;
                }
        }
}

static void hear_signal(struct supervisor *s) {
        struct signalfd_siginfo info;
        pid_t to = s->deputy_is_gone ? s->program : s->deputy;

        if (read(s->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
                return;
        if (info.ssi_signo == SIGCHLD)
                reap(s);
        else if (info.ssi_code <= 0 && to > 0)
                /* Sent by somebody; what the terminal sends, the program gets itself. */
                (void)kill(to, (int)info.ssi_signo);
}

static void hear_steward(struct supervisor *s) {
        int r = steward_serve(s->book, s->steward_fd);

        if (r >= 0)
                return;
        if (r != -EPIPE && r != -ECONNRESET)
                complain("the deputy asked what it must not; it is not answered any more", r);
        s->steward_fd = fd_close(s->steward_fd);
}

static int attend(struct supervisor *s) {
        while (s->exit_status < 0) {
                /* A closed descriptor is -1, which poll() passes over. */
                struct pollfd polled[] = {
                        {.fd = s->steward_fd, .events = POLLIN},
                        {.fd = s->status_fd, .events = POLLIN},
                        {.fd = s->signal_fd, .events = POLLIN},
                };

                if (poll(polled, ARRAY_SIZE(polled), -1) < 0 && errno != EINTR)
                        return -errno;
                if (polled[0].revents)
                        hear_steward(s);
                if (polled[1].revents)
                        hear_status(s);
                if (polled[2].revents)
                        hear_signal(s);
        }
        return 0;
}

/* The deputy, with its two connections to us; ours are in `s`. */
static int start_deputy(struct supervisor *s, const struct run *run) {
        int steward[2], status[2];

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, steward) < 0)
                return -errno;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) < 0)
                return -errno;
        fflush(NULL);
        s->deputy = fork();
        if (s->deputy < 0)
                return -errno;
        if (s->deputy == 0) {
                fd_close(steward[0]);
                fd_close(status[0]);
                deputy_main(run, steward[1], status[1]);
        }
        fd_close(steward[1]);
        fd_close(status[1]);
        s->steward_fd = steward[0];
        s->status_fd = status[0];
        return 0;
}

int supervise(struct run *run) {
        struct supervisor s = {.exit_status = -1, .steward_fd = -1, .status_fd = -1, .signal_fd = -1};
        sigset_t all;
        int r;

        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &run->program.signals);
        s.signal_fd = signalfd(-1, &all, SFD_CLOEXEC);
        if (s.signal_fd < 0) {
                complain("signals", -errno);
                return EXIT_OURS;
        }
        r = steward_book_new(&s.book);
        if (r < 0) {
                complain("memory", r);
                return EXIT_OURS;
        }
        /* Should the deputy die, its program is ours. */
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        r = start_deputy(&s, run);
        if (r < 0) {
                complain("the deputy cannot be started", r);
                return EXIT_OURS;
        }
        r = privilege_limit(CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_KILL));
        if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                r = -errno;
        if (r == 0)
                r = attend(&s);
        if (r < 0) {
                complain("the supervisor cannot go on", r);
                (void)kill(s.deputy, SIGKILL);
                s.exit_status = EXIT_OURS;
        }
        /* The deputy ends by itself when its program has; a grant must not outlive its command. */
        if (!s.deputy_is_gone)
                (void)waitpid(s.deputy, NULL, 0);
        steward_book_free(s.book);
        fd_close(s.steward_fd);
        fd_close(s.status_fd);
        fd_close(s.signal_fd);
        return s.exit_status;
}
