/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Arbitrary bytes as a call: a command, its attr, the memory and the descriptors
 * of the caller, and what the kernel answers. Whatever was captured is executed
 * by a bpf(2) that checks what it is given: each pointer leads into a buffer of
 * the call's, to NULL or nowhere; each descriptor is one that was taken, or none.
 * It then writes all over every buffer that it may write to, as the worst kernel
 * would, and what goes back to the caller must stay in the caller's memory.
 *
 * The input: a head, attr, then as many bytes for each segment of memory as the
 * head says, as far as there are any.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "abi/bytes.h"
#include "abi/call.h"
#include "abi/uapi.h"
#include "base/macro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEGMENTS 4
/* Larger buffers are written at both ends only: the rest says nothing more. */
#define WRITE_FULL_MAX (1 << 20)

struct head {
        uint8_t command;
        uint8_t object, link_type;
        uint8_t fds;   /* bits: which of the numbers 0 to 7 the caller has */
        uint16_t size; /* of attr */
        uint8_t result, scribble;
        uint8_t lengths[SEGMENTS];
        uint8_t touched; /* the kernel writes to attr as well */
        uint8_t prog_type;
        uint8_t unused[2];
};

/* Segments are far apart, and their addresses small enough that inputs can say them. */
#define SEGMENT_ADDRESS(i) (UINT64_C(0x10000) * ((i) + 1))
#define ATTR_ADDRESS UINT64_C(0x1000000)

struct fuzz_caller {
        struct caller caller;
        struct {
                uint64_t address;
                size_t size;
                uint8_t data[4096];
        } segments[SEGMENTS + 1];
        uint8_t fds;
};

static struct call *current;
static const struct head *head;

#define CHECK(condition)                                                                                    \
        do {                                                                                                \
                if (!(condition))                                                                           \
                        abort();                                                                            \
        } while (0)

static uint8_t *find(struct fuzz_caller *f, uint64_t address, size_t size) {
        for (size_t i = 0; i < ARRAY_SIZE(f->segments); i++)
                if (address >= f->segments[i].address && size <= f->segments[i].size &&
                    address - f->segments[i].address <= f->segments[i].size - size)
                        return f->segments[i].data + (address - f->segments[i].address);
        return NULL;
}

static int read_memory(struct caller *c, uint64_t address, void *buffer, size_t size) {
        uint8_t *p = find((struct fuzz_caller *)c, address, size);

        if (!p)
                return -EFAULT;
        memcpy(buffer, p, size);
        return 0;
}

/* Only to where the call has a pointer of the caller's, or to attr itself. */
static int write_memory(struct caller *c, uint64_t address, const void *buffer, size_t size) {
        bool is_declared = address >= ATTR_ADDRESS && address + size <= ATTR_ADDRESS + current->size;
        uint8_t *p;

        for (size_t i = 0; i < current->n_buffers; i++) {
                const struct call_buffer *b = &current->buffers[i];

                is_declared |= b->field->use != BUFFER_IN && address == b->address &&
                               (size <= (uint64_t)b->count * b->unit);
        }
        CHECK(is_declared);
        p = find((struct fuzz_caller *)c, address, size);
        if (!p)
                return -EFAULT;
        memcpy(p, buffer, size);
        return 0;
}

static int take_fd_of(struct caller *c, int number, int *ret_fd) {
        CHECK(number >= 0);
        if (number > 7 || !(((struct fuzz_caller *)c)->fds >> number & 1))
                return -EBADF;
        *ret_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
        return *ret_fd < 0 ? -errno : 0;
}

static bool is_ours(uint64_t pointer, size_t *ret_size) {
        for (size_t i = 0; i < current->n_buffers; i++)
                if (current->buffers[i].size > 0 &&
                    pointer == (uint64_t)(uintptr_t)current->buffers[i].data) {
                        *ret_size = current->buffers[i].size;
                        return true;
                }
        return false;
}

static void check_pointer(const uint8_t *base, const struct abi_field *f) {
        uint64_t pointer = bytes_u64(base, f->offset);
        size_t size;

        CHECK(pointer == 0 || pointer == CALL_ADDRESS_NEVER || is_ours(pointer, &size));
        /* The count that the kernel goes by fits the buffer that it is given. */
        if (pointer > CALL_ADDRESS_NEVER && f->kind != FIELD_STRING) {
                uint64_t unit = f->unit ? f->unit : bytes_u32(base, f->unit_offset);

                CHECK(bytes_u32(base, f->count_offset) * unit <= size);
        }
}

static void check_fd(int fd) {
        bool is_taken = fd == 0 || fd == CALL_FD_NEVER;

        for (size_t i = 0; i < current->n_fds; i++)
                is_taken |= fd == current->fds[i].fd;
        CHECK(is_taken);
}

static void check_insns(const struct call_buffer *b) {
        const struct bpf_insn *insns = b->data;

        for (size_t i = 0; i < b->size / sizeof(*insns); i++)
                if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
                    (insns[i].src_reg == BPF_PSEUDO_MAP_FD || insns[i].src_reg == BPF_PSEUDO_MAP_VALUE))
                        check_fd(insns[i].imm ?: CALL_FD_NEVER);
}

static void scribble(struct call_buffer *b) {
        size_t end = b->size < WRITE_FULL_MAX ? b->size : ABI_PAGE_SIZE;

        memset(b->data, head->scribble, end);
        memset((uint8_t *)b->data + b->size - end, head->scribble, end);
}

static void check_nested(const struct call_buffer *info) {
        const struct abi_info *row =
                abi_info((enum abi_object)(head->object % N_ABI_OBJECTS), head->link_type % 20);

        for (size_t i = 0; row && i < row->n_fields; i++)
                check_pointer(info->data, &row->fields[i]);
}

static int bpf_call(uint32_t command, void *attr, uint32_t size) {
        static const int results[] = {0, 5, -ENOSPC, -EPERM};
        const struct abi_command *row = abi_command(command);

        CHECK(row && row->captured && size == row->size);
        for (size_t i = 0; i < row->n_fields; i++) {
                const struct abi_field *f = &row->fields[i];

                if (f->attach != 0 && !(f->attach & current->attach))
                        continue;
                if (f->kind == FIELD_FD && f->when != WHEN_RELATIVE && f->when != WHEN_RELATIVE_CGROUP)
                        check_fd((int)bytes_u32(attr, f->offset));
                else if (f->kind == FIELD_POINTER)
                        CHECK(bytes_u64(attr, f->offset) <= CALL_ADDRESS_NEVER);
                else if (f->kind != FIELD_FD && f->kind != FIELD_OUT && f->kind != FIELD_UNREAD &&
                         f->kind != FIELD_REFUSED)
                        check_pointer(attr, f);
        }
        for (size_t i = 0; i < current->n_buffers; i++) {
                struct call_buffer *b = &current->buffers[i];

                if (b->field->kind == FIELD_INSNS)
                        check_insns(b);
                if (b->field->kind == FIELD_INFO && b->size > 0)
                        check_nested(b);
        }
        for (size_t i = 0; i < current->n_buffers; i++)
                if (current->buffers[i].size > 0 && current->buffers[i].field->use != BUFFER_IN)
                        scribble(&current->buffers[i]);
        if (head->touched)
                memset(attr, head->scribble, size);
        return results[head->result % ARRAY_SIZE(results)];
}

static void run(struct fuzz_caller *f) {
        _cleanup_call_ struct call c;
        struct ask ask;
        int r;

        call_init(&c);
        current = &c;
        r = call_capture(&c, head->command, ATTR_ADDRESS, head->size, &f->caller);
        if (r == 0)
                r = call_identify(&c, &f->caller);
        if (r == 0 && c.command == BPF_OBJ_GET_INFO_BY_FD)
                r = call_capture_info(&c, (enum abi_object)(head->object % N_ABI_OBJECTS),
                                      head->link_type % 20, &f->caller);
        if (r != 0)
                return;
        call_ask(&c, 4, &ask);
        CHECK(ask.command == c.command);
        (void)call_suits_program(&c, head->prog_type);
        call_execute(&c, bpf_call);
        (void)call_write_back(&c, &f->caller);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const struct caller_ops ops = {.read = read_memory, .write = write_memory, .fd = take_fd_of};
        static struct fuzz_caller f;
        struct head h;

        if (size < sizeof(h))
                return -1;
        memcpy(&h, data, sizeof(h));
        data += sizeof(h);
        size -= sizeof(h);
        head = &h;
        f.caller.ops = &ops;
        f.fds = h.fds;
        for (size_t i = 0; i <= SEGMENTS; i++) {
                /* attr is the first, in a page of its own. */
                size_t n = i == 0 ? sizeof(union abi_attr) : (size_t)h.lengths[i - 1] * 8;

                f.segments[i].address = i == 0 ? ATTR_ADDRESS : SEGMENT_ADDRESS(i - 1);
                f.segments[i].size = i == 0 ? sizeof(f.segments[i].data) : n;
                memset(f.segments[i].data, 0, sizeof(f.segments[i].data));
                if (n > size)
                        n = size;
                memcpy(f.segments[i].data, data, n);
                data += n;
                size -= n;
        }
        run(&f);
        return 0;
}
