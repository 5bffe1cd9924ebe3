/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Intercepted calls. The registers of the call come with the notification and
 * cannot change; everything else is read from the process by the request. The
 * kernel keeps waiting calls for us, one for each thread of the holder, so
 * nothing needs to be bounded here but the queue of loads.
 */

#include "deputy/front.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/macro.h"
#include "deputy/request.h"
#include "kernel/notify.h"

struct notify_job {
        struct job job;
        const struct notify_front *front;
        struct seccomp_notif notification;
};

/* What the origin is embedded in, so that it can be confirmed. */
struct notify_origin {
        struct request_origin origin;
        struct process_caller process;
        const struct notify_front *front;
        bool *leads; /* of the thread that serves it */
};

static bool notify_confirm(const struct request_origin *origin) {
        const struct notify_origin *o = (const struct notify_origin *)origin;

        return notify_is_valid(o->process.listener, o->process.notification);
}

static void run_load(struct job *job);

/* Every thread has a call in hand that may take long. */
static void put_aside(const struct notify_front *f, const struct seccomp_notif *n) {
        struct notify_job *j = malloc(sizeof(*j));

        if (j) {
                *j = (struct notify_job) {.job.run = run_load, .front = f, .notification = *n};
                if (crew_put_aside(&f->deputy->crew, &j->job))
                        return;
                free(j);
        }
        (void)notify_reply(f->listener, n->id, -EAGAIN);
}

/* Before a call that may take long: another thread has to receive the next ones. */
static bool notify_may_go_on(const struct request_origin *origin) {
        const struct notify_origin *o = (const struct notify_origin *)origin;

        if (!crew_pass_lead(&o->front->deputy->crew))
                return false;
        *o->leads = false;
        return true;
}

/* Whether the thread, if it did, still leads afterwards. */
static bool serve_notification(const struct notify_front *f, const struct seccomp_notif *n, bool leads) {
        struct notify_origin o = {
                .origin =
                        {
                                .deputy = f->deputy,
                                .delivery = "intercept",
                                .tid = (pid_t)n->pid,
                                .command = (uint32_t)n->data.args[0],
                                .attr_address = n->data.args[1],
                                .attr_size = (uint32_t)n->data.args[2],
                                .confirm = notify_confirm,
                                .may_go_on = leads ? notify_may_go_on : NULL,
                        },
                .front = f,
                .leads = &leads,
        };
        struct request r;
        int error;

        o.origin.caller = &o.process.caller;
        process_caller_init(&o.process, f->deputy->proc_fd, f->listener, n->id, (pid_t)n->pid);
        request_serve(&r, &o.origin);
        request_deliver(&r);
        if (r.aside) {
                /* Decoded again when its turn comes: what waits holds no memory of ours. */
                put_aside(f, n);
        } else if (r.gone) {
                request_undelivered(&r);
        } else if (r.fd >= 0) {
                error = notify_reply_fd(f->listener, n->id, r.fd);
                if (error < 0) {
                        request_undelivered(&r);
                        if (error != -ENOENT) /* the holder's table is full, say: it is told so */
                                (void)notify_reply(f->listener, n->id, error);
                }
        } else {
                (void)notify_reply(f->listener, n->id, r.result);
        }
        request_delivered(&r);
        process_caller_deinit(&o.process);
        return leads;
}

static void run_load(struct job *job) {
        _cleanup_free_ struct notify_job *j = (struct notify_job *)job;

        (void)serve_notification(j->front, &j->notification, /* leads= */ false);
}

/* Until the lead is passed on: 0; -ENOENT when nobody is left to make calls; or -errno of the listener. */
static int lead(const struct notify_front *f) {
        union notify_request u;
        int r;

        for (;;) {
                r = notify_receive(f->listener, &u);
                if (r == -EINTR || (r == -ENOENT && !notify_is_over(f->listener)))
                        continue;
                if (r < 0)
                        return r;
                if (!serve_notification(f, &u.notification, /* leads= */ true))
                        return 0;
        }
}

void *notify_front_serve(void *front) {
        const struct notify_front *f = front;
        int r;

        do {
                crew_lead(&f->deputy->crew);
                r = lead(f);
        } while (r == 0);
        /* A deputy that cannot hear must not leave its holder waiting: without a listener calls are ENOSYS. */
        if (r != -ENOENT)
                _exit(EXIT_FAILURE);
        return NULL;
}
