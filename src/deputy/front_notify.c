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
};

static bool notify_confirm(const struct request_origin *origin) {
        const struct notify_origin *o = (const struct notify_origin *)origin;

        return notify_is_valid(o->process.listener, o->process.notification);
}

static void serve_notification(const struct notify_front *f, const struct seccomp_notif *n) {
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
                        },
        };
        struct request r;
        int error;

        o.origin.caller = &o.process.caller;
        process_caller_init(&o.process, f->deputy->proc_fd, f->listener, n->id, (pid_t)n->pid);
        request_serve(&r, &o.origin);
        request_deliver(&r);
        if (r.gone) {
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
}

static void run_load(struct job *job) {
        _cleanup_free_ struct notify_job *j = (struct notify_job *)job;

        serve_notification(j->front, &j->notification);
}

/* Leaves a load to the loading threads. */
static void queue_load(const struct notify_front *f, const struct seccomp_notif *n) {
        struct notify_job *j = malloc(sizeof(*j));

        if (j) {
                *j = (struct notify_job) {.job.run = run_load, .front = f, .notification = *n};
                if (queue_push(&f->deputy->loads, &j->job))
                        return;
                free(j);
        }
        (void)notify_reply(f->listener, n->id, -EAGAIN);
}

void *notify_front_serve(void *front) {
        const struct notify_front *f = front;
        union notify_request u;
        int r;

        for (;;) {
                r = notify_receive(f->listener, &u);
                if (r == -EINTR || (r == -ENOENT && !notify_is_over(f->listener)))
                        continue;
                if (r < 0)
                        return NULL;
                if ((uint32_t)u.notification.data.args[0] == BPF_PROG_LOAD)
                        queue_load(f, &u.notification);
                else
                        serve_notification(f, &u.notification);
        }
}

void *load_serve(void *deputy) {
        struct deputy *d = deputy;

        for (;;) {
                struct job *job = queue_pop(&d->loads);

                job->run(job);
        }
}
