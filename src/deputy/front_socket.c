/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls that come over a socket. Every connection is armed for one event at a
 * time, so at most one thread has it in hand, and only that thread may close
 * and free it: a connection that ends because the one that brought it has ended
 * is shut down, and found at its end by whoever is woken next.
 */

#include "deputy/front.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <linux/bpf.h>

#include "base/fd.h"
#include "deputy/request.h"
#include "kernel/seqpacket.h"
#include "wire/caller.h"
#include "wire/message.h"

#define CONNECTIONS_MAX 256 /* of one grant */

struct connection {
        struct socket_front *front;
        int fd;                    /* owned */
        struct connection *parent; /* the one that brought it, or NULL */
        struct connection *next, **link;
};

struct socket_front {
        struct deputy *deputy;
        int epoll_fd;
        pid_t holder;
        pthread_mutex_t lock; /* guards the list */
        struct connection *connections;
        size_t n_connections;
};

/* One request in the hands of a thread: the message and who sent it. */
struct message {
        struct job job;
        struct connection *connection;
        struct seqpacket packet;
        struct wire_header header;
        size_t header_size;
        char buffer[WIRE_MESSAGE_MAX];
};

static int connection_arm(struct connection *c, int operation) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = c};

        return epoll_ctl(c->front->epoll_fd, operation, c->fd, &event) < 0 ? -errno : 0;
}

/* Takes the descriptor, also on failure. */
static int connection_add(struct socket_front *f, struct connection *parent, int fd_consume) {
        _cleanup_close_ int fd = fd_consume;
        struct connection *c;
        int type, r;

        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t) {sizeof(type)}) < 0)
                return -errno;
        if (type != SOCK_SEQPACKET)
                return -ESOCKTNOSUPPORT;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (struct connection) {.front = f, .fd = take_fd(&fd), .parent = parent};

        pthread_mutex_lock(&f->lock);
        r = f->n_connections < CONNECTIONS_MAX ? connection_arm(c, EPOLL_CTL_ADD) : -EUSERS;
        if (r == 0) {
                c->next = f->connections;
                c->link = &f->connections;
                if (c->next)
                        c->next->link = &c->next;
                f->connections = c;
                f->n_connections++;
        }
        pthread_mutex_unlock(&f->lock);
        if (r < 0) {
                fd_close(c->fd);
                free(c);
        }
        return r;
}

static void connection_free(struct connection *c) {
        struct socket_front *f = c->front;

        pthread_mutex_lock(&f->lock);
        /* Its channels end with it; their own threads free them. */
        for (struct connection *other = f->connections; other; other = other->next)
                if (other->parent == c) {
                        other->parent = NULL;
                        (void)shutdown(other->fd, SHUT_RDWR);
                }
        *c->link = c->next;
        if (c->next)
                c->next->link = c->link;
        f->n_connections--;
        pthread_mutex_unlock(&f->lock);
        fd_close(c->fd);
        free(c);
}

static void message_free(struct message *m) {
        seqpacket_deinit(&m->packet);
        free(m);
}

static int reply(const struct message *m, const struct wire_reply *w, int fd) {
        size_t size = wire_reply_size(w);
        _cleanup_free_ char *payload = NULL;
        struct wire_header header;
        int r;

        if (size == 0)
                return -E2BIG;
        payload = malloc(size);
        if (!payload)
                return -ENOMEM;
        r = wire_reply_encode(w, payload, size);
        if (r < 0)
                return r;
        wire_header_init(&header, WIRE_RESULT, m->header.serial, size, fd >= 0 ? 1 : 0);
        /* Never waits: who asks and does not read has its connection closed (-EAGAIN). */
        r = seqpacket_send_now(m->connection->fd, &header, sizeof(header), payload, size,
                               header.flags & WIRE_SEALED, &fd, fd >= 0 ? 1 : 0);
        if (r != -EMSGSIZE || (header.flags & WIRE_SEALED))
                return r;
        /* This host's sockets hold less than is usual. */
        header.flags |= WIRE_SEALED;
        return seqpacket_send_now(m->connection->fd, &header, sizeof(header), payload, size,
                                  /* sealed= */ true, &fd, fd >= 0 ? 1 : 0);
}

static int reply_errno(const struct message *m, int error) {
        struct wire_reply w = {.result = error};

        return reply(m, &w, /* fd= */ -1);
}

static int reply_request(const struct message *m, struct request *r, struct wire_caller *caller) {
        struct wire_reply w = {
                .result = r->fd >= 0 ? 0 : r->result,
                .flags = r->fd >= 0 ? WIRE_RESULT_FD : 0,
                .memory = caller->writes,
                .refusal = text_get(&r->reason),
                .refusal_size = r->reason.length < WIRE_REFUSAL_MAX ? r->reason.length : WIRE_REFUSAL_MAX,
        };
        int error = reply(m, &w, r->fd);

        if (error < 0)
                request_undelivered(r);
        return error;
}

static int serve_call(struct message *m) {
        struct socket_front *f = m->connection->front;
        _cleanup_wire_caller_ struct wire_caller caller = {};
        struct request_origin origin = {
                .deputy = f->deputy,
                .caller = &caller.caller,
                .delivery = "socket",
                .tid = f->holder,
        };
        _cleanup_free_ struct wire_request *request = malloc(sizeof(*request));
        struct request r;
        int error;

        if (!request)
                return reply_errno(m, -ENOMEM);
        error = wire_request_decode(m->packet.payload, m->packet.payload_size, m->header.n_fds, request);
        if (error == -E2BIG)
                return reply_errno(m, error);
        if (error < 0)
                return error;
        wire_caller_init(&caller, request, m->packet.fds.fds);
        origin.command = request->command;
        origin.attr_address = request->attr_address;
        origin.attr_size = request->attr_size;
        request_serve(&r, &origin);
        request_deliver(&r);
        error = reply_request(m, &r, &caller);
        request_delivered(&r);
        return error;
}

/* Ends the thread's part in a message: the connection waits for its next one, or is closed. */
static void finish(struct message *m, int error) {
        struct connection *c = m->connection;

        message_free(m);
        if (error < 0 || connection_arm(c, EPOLL_CTL_MOD) < 0)
                connection_free(c);
}

static void run_load(struct job *job) {
        struct message *m = (struct message *)job;

        finish(m, serve_call(m));
}

static bool is_load(const struct message *m) {
        struct wire_call call;

        if (m->header.type != WIRE_CALL || m->packet.payload_size < sizeof(call))
                return false;
        memcpy(&call, m->packet.payload, sizeof(call));
        return call.command == BPF_PROG_LOAD;
}

/* 1: a message; 0: the end of the connection; or -errno, which ends it as well. */
static int receive(struct message *m) {
        int r;

        r = seqpacket_receive(m->connection->fd, m->buffer, sizeof(m->buffer), &m->packet);
        if (r <= 0)
                return r;
        r = wire_header_decode(m->packet.data, m->packet.size, &m->header, &m->header_size);
        if (r < 0)
                return r;
        r = seqpacket_unpack(&m->packet, m->header_size, m->header.payload_size,
                             m->header.flags & WIRE_SEALED, m->header.n_fds);
        return r < 0 ? r : 1;
}

static void serve_connection(struct connection *c) {
        struct message *m = malloc(sizeof(*m));
        int r = -ENOMEM;

        if (!m) {
                connection_free(c);
                return;
        }
        m->job.run = run_load;
        m->connection = c;
        seqpacket_init(&m->packet);
        r = receive(m);
        if (r == 0)
                r = -EPIPE;
        else if (r > 0 && m->header.type == WIRE_CONNECT)
                /* A channel too many is closed, which its maker sees. */
                r = m->packet.fds.n == 1 ? (void)connection_add(c->front, c, take_fd(&m->packet.fds.fds[0])),
                0                        : -EBADMSG;
        else if (r > 0 && m->header.type != WIRE_CALL)
                r = -EBADMSG;
        else if (r > 0 && is_load(m)) {
                if (queue_push(&c->front->deputy->loads, &m->job))
                        return;
                r = reply_errno(m, -EAGAIN);
        } else if (r > 0)
                r = serve_call(m);
        finish(m, r);
}

int socket_front_new(struct socket_front **ret_front, struct deputy *d, int connection_consume,
                     pid_t holder) {
        _cleanup_close_ int connection = connection_consume;
        struct socket_front *f = calloc(1, sizeof(*f));
        int r;

        if (!f)
                return -ENOMEM;
        f->deputy = d;
        f->holder = holder;
        pthread_mutex_init(&f->lock, NULL);
        f->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (f->epoll_fd < 0) {
                r = -errno;
                free(f);
                return r;
        }
        r = connection_add(f, /* parent= */ NULL, take_fd(&connection));
        if (r < 0) {
                fd_close(f->epoll_fd);
                free(f);
                return r;
        }
        *ret_front = f;
        return 0;
}

size_t socket_front_fds(const struct socket_front *f, int *ret_fds) {
        ret_fds[0] = f->epoll_fd;
        ret_fds[1] = f->connections->fd;
        return 2;
}

void *socket_front_serve(void *front) {
        struct socket_front *f = front;
        struct epoll_event event;
        int n;

        for (;;) {
                n = epoll_wait(f->epoll_fd, &event, 1, -1);
                if (n < 0 && errno != EINTR)
                        return NULL;
                if (n == 1)
                        serve_connection(event.data.ptr);
        }
}
