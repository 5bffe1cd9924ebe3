/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/seqpacket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/fd.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

union control {
        char space[CMSG_SPACE(sizeof(int) * SEQPACKET_FDS_MAX)];
        struct cmsghdr align;
};

void seqpacket_init(struct seqpacket *p) {
        *p = (struct seqpacket) {};
}

void seqpacket_deinit(struct seqpacket *p) {
        for (size_t i = 0; i < p->fds.n; i++)
                fd_close(p->fds.fds[i]);
        if (p->map)
                munmap(p->map, p->payload_size);
        seqpacket_init(p);
}

static int write_all(int fd, const uint8_t *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t)n;
        }
        return 0;
}

/* A memfd with these bytes, which nobody can change any more. Returns it, or -errno. */
static int seal_payload(const void *payload, size_t size) {
        _cleanup_close_ int fd = memfd_create("bpfgrant", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        int r;

        if (fd < 0)
                return -errno;
        r = write_all(fd, payload, size);
        if (r < 0)
                return r;
        if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
                return -errno;
        return take_fd(&fd);
}

static int send_message(int socket, const struct msghdr *message, bool wait) {
        for (;;) {
                struct pollfd writable = {.fd = socket, .events = POLLOUT};

                /* A SEQPACKET message goes as a whole or not at all. */
                if (sendmsg(socket, message, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)) >= 0)
                        return 0;
                if (errno == EAGAIN && wait) {
                        if (poll(&writable, 1, /* timeout= */ -1) < 0 && errno != EINTR)
                                return -errno;
                } else if (errno != EINTR)
                        return -errno;
        }
}

static int send_parts(int socket, const void *head, size_t head_size, const void *payload,
                      size_t payload_size, bool sealed, const int *fds, size_t n_fds, bool wait) {
        struct iovec parts[] = {
                {.iov_base = (void *)head, .iov_len = head_size},
                {.iov_base = (void *)payload, .iov_len = payload_size},
        };
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = sealed ? 1 : 2};
        _cleanup_close_ int memory = -1;
        union control control = {};
        struct cmsghdr *c;

        if (n_fds > SEQPACKET_FDS_MAX - (sealed ? 1 : 0))
                return -EINVAL;
        if (sealed) {
                memory = seal_payload(payload, payload_size);
                if (memory < 0)
                        return memory;
        }
        if (n_fds > 0 || sealed) {
                size_t first = sealed ? sizeof(int) : 0, rest = n_fds * sizeof(int);

                message.msg_control = &control;
                message.msg_controllen = CMSG_SPACE(first + rest);
                c = CMSG_FIRSTHDR(&message);
                c->cmsg_level = SOL_SOCKET;
                c->cmsg_type = SCM_RIGHTS;
                c->cmsg_len = CMSG_LEN(first + rest);
                if (sealed)
                        memcpy(CMSG_DATA(c), &memory, sizeof(memory));
                if (n_fds > 0)
                        memcpy(CMSG_DATA(c) + first, fds, rest);
        }
        return send_message(socket, &message, wait);
}

int seqpacket_send(int socket, const void *head, size_t head_size, const void *payload, size_t payload_size,
                   bool sealed, const int *fds, size_t n_fds) {
        return send_parts(socket, head, head_size, payload, payload_size, sealed, fds, n_fds,
                          /* wait= */ true);
}

int seqpacket_send_now(int socket, const void *head, size_t head_size, const void *payload,
                       size_t payload_size, bool sealed, const int *fds, size_t n_fds) {
        return send_parts(socket, head, head_size, payload, payload_size, sealed, fds, n_fds,
                          /* wait= */ false);
}

static void own_descriptors(struct fd_list *list, struct msghdr *message) {
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                size_t n;

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
                        continue;
                /* The control buffer holds SEQPACKET_FDS_MAX, so the list does. */
                n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                memcpy(list->fds + list->n, CMSG_DATA(c), n * sizeof(int));
                list->n += n;
        }
}

int seqpacket_receive(int socket, void *buffer, size_t size, struct seqpacket *ret_packet) {
        union control control;
        struct iovec part = {.iov_base = buffer, .iov_len = size};
        struct msghdr message = {
                .msg_iov = &part,
                .msg_iovlen = 1,
                .msg_control = &control,
                .msg_controllen = sizeof(control),
        };
        ssize_t n;

        do
                n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        own_descriptors(&ret_packet->fds, &message);
        if (message.msg_flags & MSG_TRUNC)
                return -EMSGSIZE;
        if (message.msg_flags & MSG_CTRUNC)
                return -EMFILE;
        if (n == 0)
                return 0;
        ret_packet->data = buffer;
        ret_packet->size = (size_t)n;
        return 1;
}

/*
 * What makes it safe to read `size` bytes of a stranger's file through a
 * mapping: it cannot change, it cannot get shorter (SIGBUS), and it is not of
 * huge pages, of which there may be none left to fill a hole with (SIGBUS too).
 */
static int check_sealed(int fd, size_t size) {
        struct statfs fs;
        struct stat st;
        int seals = fcntl(fd, F_GET_SEALS);

        if (seals < 0 || (seals & SEALS) != SEALS)
                return -EBADMSG;
        if (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC)
                return -EBADMSG;
        if (fstat(fd, &st) < 0 || st.st_size < 0 || (uint64_t)st.st_size < size)
                return -EBADMSG;
        return 0;
}

static int map_sealed(struct seqpacket *p, size_t size) {
        void *map;
        int r;

        if (p->fds.n == 0)
                return -EBADMSG;
        r = check_sealed(p->fds.fds[0], size);
        if (r < 0)
                return r;
        /* Private: before 6.7 a file sealed against writing cannot be mapped shared, even to read. */
        map = mmap(/* addr= */ NULL, size, PROT_READ, MAP_PRIVATE, p->fds.fds[0], /* offset= */ 0);
        if (map == MAP_FAILED)
                return -errno;
        p->map = map;
        p->payload = map;
        p->payload_size = size;
        fd_close(p->fds.fds[0]);
        p->fds.n--;
        memmove(p->fds.fds, p->fds.fds + 1, p->fds.n * sizeof(int));
        return 0;
}

int seqpacket_unpack(struct seqpacket *p, size_t offset, size_t payload_size, bool sealed, size_t n_fds) {
        if (offset > p->size || (sealed && payload_size == 0))
                return -EBADMSG;
        if (p->size - offset != (sealed ? 0 : payload_size))
                return -EBADMSG;
        if (sealed) {
                int r = map_sealed(p, payload_size);

                if (r < 0)
                        return r;
        } else {
                p->payload = (const uint8_t *)p->data + offset;
                p->payload_size = payload_size;
        }
        return p->fds.n == n_fds ? 0 : -EBADMSG;
}
