/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/steward.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/bpf.h"
#include "kernel/seqpacket.h"

#define IDS_MAX 64

enum steward_operation { STEWARD_OWN = 1, STEWARD_ALIVE, STEWARD_OPEN };

struct question {
        uint32_t operation;
        uint32_t kind;
        uint32_t open_flags;
        uint32_t n;
        uint32_t ids[IDS_MAX];
};

struct answer {
        int32_t result;
        uint32_t reserved;
        uint64_t alive; /* bit i: ids[i] */
};

/* What the grant has made, as far as the steward was shown it: ids of each kind, sorted. */
struct id_list {
        uint32_t *ids;
        size_t n, allocated;
};

struct steward_book {
        struct id_list lists[N_ABI_OBJECTS];
};

/* The deputy's end */

void steward_init(struct steward *s, int fd_consume) {
        *s = (struct steward) {.fd = fd_consume, .lock = PTHREAD_MUTEX_INITIALIZER};
}

void steward_deinit(struct steward *s) {
        s->fd = fd_close(s->fd);
}

static int receive_answer(int socket, struct answer *ret_answer, int *ret_fd) {
        _cleanup_seqpacket_ struct seqpacket packet;
        struct answer answer;
        int r;

        seqpacket_init(&packet);
        r = seqpacket_receive(socket, &answer, sizeof(answer), &packet);
        if (r < 0)
                return r;
        if (r == 0)
                return -EPIPE;
        if (packet.size != sizeof(answer))
                return -EBADMSG;
        *ret_fd = packet.fds.n == 1 ? take_fd(&packet.fds.fds[0]) : -1;
        *ret_answer = answer;
        return 0;
}

static int ask(struct steward *s, const struct question *q, struct answer *ret_answer, int *ret_fd) {
        int r;

        if (s->fd < 0)
                return -EPERM;
        pthread_mutex_lock(&s->lock);
        r = seqpacket_send(s->fd, q, sizeof(*q), NULL, 0, /* sealed= */ false, NULL, 0);
        if (r == 0)
                r = receive_answer(s->fd, ret_answer, ret_fd);
        pthread_mutex_unlock(&s->lock);
        return r;
}

int steward_own(struct steward *s, int fd) {
        struct question q = {.operation = STEWARD_OWN};
        int r;

        if (s->fd < 0)
                return -EPERM;
        pthread_mutex_lock(&s->lock);
        r = seqpacket_send(s->fd, &q, sizeof(q), NULL, 0, /* sealed= */ false, &fd, 1);
        pthread_mutex_unlock(&s->lock);
        return r;
}

int steward_alive(struct steward *s, enum abi_object kind, const uint32_t *ids, size_t n, bool *ret_alive) {
        struct question q = {.operation = STEWARD_ALIVE, .kind = kind, .n = (uint32_t)n};
        struct answer answer;
        int r, fd;

        if (n > IDS_MAX)
                return -E2BIG;
        memcpy(q.ids, ids, n * sizeof(ids[0]));
        r = ask(s, &q, &answer, &fd);
        if (r < 0)
                return r;
        fd_close(fd);
        if (answer.result < 0)
                return answer.result;
        for (size_t i = 0; i < n; i++)
                ret_alive[i] = answer.alive & (UINT64_C(1) << i);
        return 0;
}

int steward_open(struct steward *s, enum abi_object kind, uint32_t id, uint32_t open_flags) {
        struct question q = {
                .operation = STEWARD_OPEN, .kind = kind, .open_flags = open_flags, .n = 1, .ids = {id}};
        struct answer answer;
        int r, fd;

        r = ask(s, &q, &answer, &fd);
        if (r < 0)
                return r;
        if (answer.result < 0) {
                fd_close(fd);
                return answer.result;
        }
        return fd < 0 ? -EBADMSG : fd;
}

/* The parent's end */

int steward_book_new(struct steward_book **ret_book) {
        struct steward_book *b = calloc(1, sizeof(*b));

        if (!b)
                return -ENOMEM;
        *ret_book = b;
        return 0;
}

struct steward_book *steward_book_free(struct steward_book *b) {
        if (!b)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(b->lists); i++)
                free(b->lists[i].ids);
        free(b);
        return NULL;
}

static int compare_ids(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

static bool id_list_has(const struct id_list *l, uint32_t id) {
        return l->n > 0 && bsearch(&id, l->ids, l->n, sizeof(id), compare_ids);
}

/* Forgets ids that are dead, so that the list is no longer than what lives. */
static void id_list_prune(struct id_list *l, enum abi_object kind) {
        size_t kept = 0;

        for (size_t i = 0; i < l->n; i++) {
                _cleanup_close_ int fd = bpf_object_open(kind, l->ids[i], 0);

                if (fd != -ENOENT)
                        l->ids[kept++] = l->ids[i];
        }
        l->n = kept;
}

static int id_list_add(struct id_list *l, enum abi_object kind, uint32_t id) {
        size_t at;

        if (id_list_has(l, id))
                return 0;
        if (l->n == l->allocated && l->n > 0)
                id_list_prune(l, kind);
        if (2 * l->n >= l->allocated) {
                size_t wanted = l->allocated ? 2 * l->allocated : 64;
                uint32_t *grown = reallocarray(l->ids, wanted, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                l->ids = grown;
                l->allocated = wanted;
        }
        /* Ids mostly come in rising order: nearly always at the end. */
        for (at = l->n; at > 0 && l->ids[at - 1] > id; at--)
                l->ids[at] = l->ids[at - 1];
        l->ids[at] = id;
        l->n++;
        return 0;
}

static int note_own(struct steward_book *b, int fd) {
        enum abi_object kind;
        uint32_t id;
        int r;

        r = bpf_object_kind(fd, &kind);
        if (r < 0)
                return r;
        if (!abi_ids(kind))
                return -EBADMSG;
        r = bpf_object_id(fd, kind, &id);
        if (r < 0)
                return r;
        return id_list_add(&b->lists[kind], kind, id);
}

static void answer_alive(const struct question *q, struct answer *a) {
        for (uint32_t i = 0; i < q->n; i++) {
                _cleanup_close_ int fd = bpf_object_open((enum abi_object)q->kind, q->ids[i], 0);

                /* Only "there is none" says that it is dead; a full table here does not. */
                if (fd != -ENOENT)
                        a->alive |= UINT64_C(1) << i;
        }
}

static int answer_open(const struct steward_book *b, const struct question *q) {
        if (!id_list_has(&b->lists[q->kind], q->ids[0]))
                return -EPERM;
        return bpf_object_open((enum abi_object)q->kind, q->ids[0], q->open_flags);
}

static int reply(int socket, const struct answer *a, int fd) {
        return seqpacket_send(socket, a, sizeof(*a), NULL, 0, /* sealed= */ false, &fd, fd >= 0 ? 1 : 0);
}

static int serve_question(struct steward_book *b, int socket, const struct question *q,
                          struct fd_list *fds) {
        _cleanup_close_ int fd = -1;
        struct answer answer = {};

        if (q->operation == STEWARD_OWN)
                return fds->n == 1 ? note_own(b, fds->fds[0]) : -EBADMSG;
        if (!abi_ids((enum abi_object)q->kind) || q->n > IDS_MAX || fds->n != 0)
                return -EBADMSG;
        switch (q->operation) {
        case STEWARD_ALIVE:
                answer_alive(q, &answer);
                return reply(socket, &answer, /* fd= */ -1);
        case STEWARD_OPEN:
                if (q->n != 1)
                        return -EBADMSG;
                fd = answer_open(b, q);
                answer.result = fd < 0 ? fd : 0;
                return reply(socket, &answer, fd);
        default:
                return -EBADMSG;
        }
}

int steward_serve(struct steward_book *b, int fd) {
        _cleanup_seqpacket_ struct seqpacket packet;
        struct question q;
        int r;

        seqpacket_init(&packet);
        r = seqpacket_receive(fd, &q, sizeof(q), &packet);
        if (r < 0)
                return r;
        if (r == 0)
                return -EPIPE;
        if (packet.size != sizeof(q))
                return -EBADMSG;
        return serve_question(b, fd, &q, &packet.fds);
}
