/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "kernel/bpf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "base/fd.h"

int bpf_syscall(uint32_t command, void *attr, uint32_t size) {
        long r = syscall(SYS_bpf, command, attr, size);

        return r < 0 ? -errno : (int)r;
}

int bpf_probe(void) {
        union bpf_attr attr = {
                .map_type = BPF_MAP_TYPE_ARRAY,
                .key_size = 4,
                .value_size = 4,
                .max_entries = 1,
        };
        _cleanup_close_ int fd = bpf_syscall(BPF_MAP_CREATE, &attr, sizeof(attr));

        return fd < 0 ? fd : 0;
}

/*
 * The kernel tells an object's kind only by the name of its anonymous inode.
 * /proc/self/fd stays readable to a process that is not dumpable (it is one's
 * own thread group). "bpf_link" was "bpf-link" before 5.8's end of life; both
 * are taken.
 */
int bpf_object_kind(int fd, enum abi_object *ret_kind) {
        static const struct {
                const char *link;
                enum abi_object kind;
        } kinds[] = {
                {"anon_inode:bpf-map", OBJECT_MAP},
                {"anon_inode:bpf-prog", OBJECT_PROG},
                {"anon_inode:btf", OBJECT_BTF},
                {"anon_inode:bpf_link", OBJECT_LINK},
                {"anon_inode:bpf-link", OBJECT_LINK},
                {"anon_inode:bpf-token", OBJECT_TOKEN},
                {"anon_inode:[perf_event]", OBJECT_PERF_EVENT},
        };
        char path[32], target[64];
        ssize_t n;

        /* A deputy's root is /proc itself (deputy/stages.h). */
        snprintf(path, sizeof(path), "/self/fd/%d", fd);
        n = readlink(path, target, sizeof(target) - 1);
        if (n < 0 && errno == ENOENT) {
                snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
                n = readlink(path, target, sizeof(target) - 1);
        }
        if (n < 0)
                return errno == ENOENT ? -EBADF : -errno;
        target[n] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (strcmp(target, kinds[i].link) == 0) {
                        *ret_kind = kinds[i].kind;
                        return 0;
                }
        *ret_kind = OBJECT_OTHER;
        return 0;
}

static int object_info(int fd, void *info, uint32_t size) {
        union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)fd, .info_len = size, .info = (uintptr_t)info}};
        int r = bpf_syscall(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));

        return r < 0 ? r : 0;
}

int bpf_object_id(int fd, enum abi_object kind, uint32_t *ret_id) {
        /* The kernel copies as much of an info as is asked for: its first words. */
        union {
                struct {
                        uint32_t type, id;
                } typed; /* bpf_map_info, bpf_prog_info and bpf_link_info begin so */
                struct bpf_btf_info btf;
        } info = {};
        int r = object_info(fd, &info, kind == OBJECT_BTF ? sizeof(info.btf) : sizeof(info.typed));

        if (r < 0)
                return r;
        *ret_id = kind == OBJECT_BTF ? info.btf.id : info.typed.id;
        return 0;
}

int bpf_program_type(int fd, uint32_t *ret_type, uint32_t *ret_id) {
        struct bpf_prog_info info = {};
        enum abi_object kind;
        int r;

        r = bpf_object_kind(fd, &kind);
        if (r < 0)
                return r;
        if (kind != OBJECT_PROG)
                return -EINVAL;
        r = object_info(fd, &info, offsetof(struct bpf_prog_info, tag));
        if (r < 0)
                return r;
        *ret_type = info.type;
        *ret_id = info.id;
        return 0;
}

int bpf_map_flags(int fd, uint32_t *ret_flags) {
        struct bpf_map_info info = {};
        int r = object_info(fd, &info, offsetof(struct bpf_map_info, name));

        if (r < 0)
                return r;
        *ret_flags = info.map_flags;
        return 0;
}

int bpf_link_type(int fd, uint32_t *ret_type) {
        struct bpf_link_info info = {};
        int r = object_info(fd, &info, 2 * sizeof(uint32_t));

        if (r < 0)
                return r;
        *ret_type = info.type;
        return 0;
}

int bpf_object_open(enum abi_object kind, uint32_t id, uint32_t open_flags) {
        union bpf_attr attr = {.map_id = id, .open_flags = open_flags};
        const struct abi_ids *ids = abi_ids(kind);

        return ids ? bpf_syscall(ids->fd_by_id, &attr, sizeof(attr)) : -EINVAL;
}
