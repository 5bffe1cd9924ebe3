/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A deputy without a policy, in a thread: it does for a message what a deputy
 * does, and allows everything. With it the client, the messages and capture are
 * compared with bpf(2) itself. A thread serves each connection. Include it after
 * <cmocka.h>.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "abi/call.h"
#include "base/fd.h"
#include "base/macro.h"
#include "kernel/bpf.h"
#include "kernel/seqpacket.h"
#include "skip.h"
#include "wire/caller.h"
#include "wire/message.h"

#define LITTLE_CHANNELS_MAX 64

struct little_deputy {
        int grant; /* the client's end, owned by the test */
        pthread_t thread;
        _Atomic int serving;    /* connections that are served now */
        _Atomic int n_channels; /* that there have been */
        _Atomic int n_calls;
        _Atomic int n_sealed; /* requests whose payload did not fit a message */
};

struct little_connection {
        struct little_deputy *deputy;
        int fd; /* owned */
};

static int little_call(const struct wire_request *request, struct wire_caller *w, struct call *c) {
        enum abi_object kind = OBJECT_OTHER;
        uint32_t link_type = 0;
        int r;

        r = call_capture(c, request->command, request->attr_address, request->attr_size, &w->caller);
        if (r == 0)
                r = call_identify(c, &w->caller);
        if (r == 0 && request->command == BPF_OBJ_GET_INFO_BY_FD) {
                int fd = call_fd_at(c, offsetof(union bpf_attr, info.bpf_fd));

                r = bpf_object_kind(fd, &kind);
                if (r == 0 && kind == OBJECT_LINK)
                        r = bpf_link_type(fd, &link_type);
                if (r == 0)
                        r = call_capture_info(c, kind, link_type, &w->caller);
        }
        if (r != 0)
                return r < 0 ? r : -EPERM;
        call_execute(c, bpf_syscall);
        r = call_write_back(c, &w->caller);
        if (r < 0 && c->result >= 0 && c->row->result == RESULT_FD)
                fd_close((int)c->result);
        return r < 0 ? r : (int)c->result;
}

static int little_reply(int connection, uint64_t serial, const struct wire_reply *reply, int fd) {
        size_t size = wire_reply_size(reply);
        _cleanup_free_ void *payload = malloc(size);
        struct wire_header h;
        int r;

        if (!payload)
                return -ENOMEM;
        r = wire_reply_encode(reply, payload, size);
        if (r < 0)
                return r;
        wire_header_init(&h, WIRE_RESULT, serial, size, fd >= 0 ? 1 : 0);
        return seqpacket_send(connection, &h, sizeof(h), payload, size, h.flags & WIRE_SEALED, &fd,
                              fd >= 0 ? 1 : 0);
}

static int little_serve_call(struct little_connection *l, struct seqpacket *p, const struct wire_header *h) {
        _cleanup_wire_caller_ struct wire_caller w = {};
        _cleanup_call_ struct call c;
        _cleanup_close_ int fd = -1;
        struct wire_request request;
        struct wire_reply reply = {};
        int r;

        call_init(&c);
        r = wire_request_decode(p->payload, p->payload_size, h->n_fds, &request);
        if (r < 0)
                return r;
        l->deputy->n_calls++;
        if (h->flags & WIRE_SEALED)
                l->deputy->n_sealed++;
        wire_caller_init(&w, &request, p->fds.fds);
        r = little_call(&request, &w, &c);
        if (r >= 0 && c.row->result == RESULT_FD)
                fd = r;
        reply.result = fd >= 0 ? 0 : r;
        reply.flags = fd >= 0 ? WIRE_RESULT_FD : 0;
        reply.memory = w.writes;
        return little_reply(l->fd, h->serial, &reply, fd);
}

static void *little_serve(void *arg);

static pthread_t little_start(struct little_deputy *d, int fd_consume) {
        struct little_connection *l = calloc(1, sizeof(*l));
        pthread_t thread;

        if (!l)
                abort();
        *l = (struct little_connection) {.deputy = d, .fd = fd_consume};
        d->serving++;
        if (pthread_create(&thread, NULL, little_serve, l) != 0)
                abort();
        return thread;
}

/* Until its connection ends; then the channels that came over it end as well. */
static void *little_serve(void *arg) {
        struct little_connection *l = arg;
        _cleanup_free_ char *buffer = malloc(WIRE_MESSAGE_MAX);
        pthread_t channels[LITTLE_CHANNELS_MAX];
        int ends[LITTLE_CHANNELS_MAX], n = 0, r;

        do {
                _cleanup_seqpacket_ struct seqpacket p;
                struct wire_header h;
                size_t offset;

                seqpacket_init(&p);
                r = seqpacket_receive(l->fd, buffer, WIRE_MESSAGE_MAX, &p);
                if (r <= 0)
                        break;
                r = wire_header_decode(p.data, p.size, &h, &offset);
                if (r == 0)
                        r = seqpacket_unpack(&p, offset, h.payload_size, h.flags & WIRE_SEALED, h.n_fds);
                if (r == 0 && h.type == WIRE_CONNECT && h.n_fds == 1 && n < LITTLE_CHANNELS_MAX) {
                        ends[n] = dup(p.fds.fds[0]);
                        l->deputy->n_channels++;
                        channels[n++] = little_start(l->deputy, take_fd(&p.fds.fds[0]));
                } else if (r == 0)
                        r = h.type == WIRE_CALL ? little_serve_call(l, &p, &h) : -EBADMSG;
        } while (r == 0);
        for (int i = 0; i < n; i++) {
                shutdown(ends[i], SHUT_RDWR);
                pthread_join(channels[i], NULL);
                fd_close(ends[i]);
        }
        fd_close(l->fd);
        l->deputy->serving--;
        free(l);
        return NULL;
}

static void little_deputy_start(struct little_deputy *d) {
        int pair[2];

        *d = (struct little_deputy) {};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                abort();
        d->grant = pair[0];
        d->thread = little_start(d, pair[1]);
}

/* Closes the grant and waits for its deputy, which ends for that reason. */
static void little_deputy_stop(struct little_deputy *d) {
        d->grant = fd_close(d->grant);
        pthread_join(d->thread, NULL);
}

/* The deputy of a group of tests, with its setup and teardown. */
static struct little_deputy deputy;

static int group_setup(void **state) {
        (void)state;
        little_deputy_start(&deputy);
        return 0;
}

/* A descriptor that was forgotten anywhere would keep its deputy alive, and the test with it. */
static int group_teardown(void **state) {
        (void)state;
        little_deputy_stop(&deputy);
        return deputy.serving;
}

static int need_bpf(void **state) {
        int r = bpf_probe();

        (void)state;
        if (r < 0)
                skip_because("bpf(2) is refused: %s", strerror(-r));
        return 0;
}
