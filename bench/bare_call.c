/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bare.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/macro.h"

static int receive(int socket) {
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
        int result;
        struct iovec answer = {&result, sizeof(result)};
        struct msghdr header = {
                .msg_iov = &answer,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof(control),
        };
        struct cmsghdr *c;

        if (recvmsg(socket, &header, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(result))
                return -EIO;
        c = CMSG_FIRSTHDR(&header);
        if (result >= 0 && c)
                memcpy(&result, CMSG_DATA(c), sizeof(result));
        return result;
}

int bare_call(int socket, uint32_t command, const void *attr, uint32_t size) {
        struct bare_message head = {.command = command, .attr_size = size};
        struct iovec parts[] = {{&head, offsetof(struct bare_message, license)}, {}};
        struct msghdr header = {.msg_iov = parts, .msg_iovlen = 1};

        memcpy(&head.attr, attr, size);
        if (command == BPF_PROG_LOAD) {
                strncpy(head.license, (const char *)(uintptr_t)head.attr.license, sizeof(head.license) - 1);
                parts[0].iov_len = offsetof(struct bare_message, instructions);
                parts[1].iov_base = (void *)(uintptr_t)head.attr.insns;
                parts[1].iov_len = head.attr.insn_cnt * sizeof(struct bpf_insn);
                header.msg_iovlen = 2;
        }
        return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -errno : receive(socket);
}
