/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Calls that come over a socket. Only the thread that leads (crew.h) receives,
 * and a connection is not armed while another thread has a call of its in hand;
 * so one thread at most has a connection, and only that one may close and free
 * it. A connection that ends because the one that brought it has ended is shut
 * down, and found at its end by whoever is woken next.
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
        bool is_armed; /* the connection is, for its next message */
        bool *leads;   /* whether the thread that has this in hand leads */
        struct request_origin origin;
        struct wire_request wire;
        struct wire_caller caller;
        struct request request;
        struct seqpacket packet;
        struct wire_header header;
        size_t header_size;
        char buffer[WIRE_MESSAGE_MAX];
};

static int connection_arm(struct connection *c) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};

        return epoll_ctl(c->front->epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0 ? -errno : 0;
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
        r = f->n_connections < CONNECTIONS_MAX ? connection_arm(c) : -EUSERS;
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

/*
 * Before a call that may take long: another thread has to receive the next
 * ones, but none from this connection, which has one request at a time.
 */
static bool socket_may_go_on(const struct request_origin *origin) {
        struct message *m = (struct message *)((char *)(uintptr_t)origin - offsetof(struct message, origin));
        struct socket_front *f = m->connection->front;

        if (epoll_ctl(f->epoll_fd, EPOLL_CTL_DEL, m->connection->fd, NULL) < 0)
                return true; /* then the thread keeps the lead */
        m->is_armed = false;
        if (!crew_pass_lead(&f->deputy->crew))
                return false;
        *m->leads = false;
        return true;
}

/* Ends the thread's part in a message: the connection waits for its next one, or is closed. */
static void finish(struct message *m, int error) {
        struct connection *c = m->connection;
        bool is_armed = m->is_armed;

        message_free(m);
        if (error < 0 || (!is_armed && connection_arm(c) < 0))
                connection_free(c);
}

static int answer_call(struct message *m) {
        int error;

        request_deliver(&m->request);
        error = reply_request(m, &m->request, &m->caller);
        request_delivered(&m->request);
        wire_caller_deinit(&m->caller);
        return error;
}

static void resume(struct job *job) {
        struct message *m = (struct message *)job;

        request_resume(&m->request);
        finish(m, answer_call(m));
}

static void serve_call(struct message *m) {
        struct socket_front *f = m->connection->front;
        int error;

        error = wire_request_decode(m->packet.payload, m->packet.payload_size, m->header.n_fds, &m->wire);
        if (error == -E2BIG)
                error = reply_errno(m, error);
        else if (error == 0)
                error = 1;
        if (error <= 0) {
                finish(m, error);
                return;
        }
        wire_caller_init(&m->caller, &m->wire, m->packet.fds.fds);
        m->origin = (struct request_origin) {
                .deputy = f->deputy,
                .caller = &m->caller.caller,
                .delivery = "socket",
                .tid = f->holder,
                .command = m->wire.command,
                .attr_address = m->wire.attr_address,
                .attr_size = m->wire.attr_size,
                .may_go_on = socket_may_go_on,
        };
        request_serve(&m->request, &m->origin);
        if (m->request.aside) {
                m->job.run = resume;
                if (crew_put_aside(&f->deputy->crew, &m->job))
                        return;
                m->request.result = -EAGAIN;
        }
        finish(m, answer_call(m));
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

/* Whether the thread still leads afterwards. */
static bool serve_connection(struct connection *c) {
        struct message *m = malloc(sizeof(*m));
        bool leads = true;
        int r;

        if (!m) {
                connection_free(c);
                return true;
        }
        m->connection = c;
        m->is_armed = true;
        m->leads = &leads;
        seqpacket_init(&m->packet);
        r = receive(m);
        if (r > 0 && m->header.type == WIRE_CALL) {
                serve_call(m);
                return leads;
        }
        if (r == 0)
                r = -EPIPE;
        else if (r > 0 && m->header.type == WIRE_CONNECT && m->packet.fds.n == 1)
                /* A channel too many is closed, which its maker sees. */
                (void)connection_add(c->front, c, take_fd(&m->packet.fds.fds[0]));
        else if (r > 0)
                r = -EBADMSG;
        finish(m, r);
        return true;
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

/* Until the lead is passed on: 0; or -errno. */
static int lead(struct socket_front *f) {
        struct epoll_event event;

        for (;;) {
                int n = epoll_wait(f->epoll_fd, &event, 1, -1);

                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n == 1 && !serve_connection(event.data.ptr))
                        return 0;
        }
}

void *socket_front_serve(void *front) {
        struct socket_front *f = front;

        do
                crew_lead(&f->deputy->crew);
        while (lead(f) == 0);
        return NULL;
}
