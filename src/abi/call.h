/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One bpf(2) call as a value: the command, a private copy of its bpf_attr,
 * private copies of every buffer that it points to, and the descriptors that it
 * names. Captured once from a caller, it no longer depends on the caller's
 * memory: what is decided on it is what is executed.
 *
 *   call_capture    reads everything that the command's row (table.h) describes
 *   call_identify   takes each named descriptor from the caller, once
 *   call_ask        says what is asked for, in the words of a policy
 *   call_execute    the private attr, with our pointers and descriptors, to bpf(2)
 *   call_write_back what the kernel wrote, to where the caller wanted it
 *
 * This layer makes no system call: bpf(2) itself is handed to call_execute().
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/caller.h"
#include "abi/table.h"
#include "grant/decide.h"

enum {
        CALL_E_UNKNOWN = 1, /* no row: a command of a kernel newer than the table */
        CALL_E_UNCAPTURED,  /* it has a row, but this version cannot carry it: refused by name */
        CALL_E_NATIVE,      /* needs no authority: the caller can make the call itself */
        CALL_E_TOO_LARGE,   /* a buffer beyond what is copied for a caller (CALL_INPUT_MAX) */
};

/* bpf(2) takes at most a page of attr; what lies beyond the fields we know must be zero. */
#define CALL_ATTR_MAX 256
/* Where the kernel would read a descriptor that the caller did not give: no process can have it open. */
#define CALL_FD_NEVER INT_MAX
/* Where it would follow a pointer that was not captured: below any mmap_min_addr, so EFAULT. */
#define CALL_ADDRESS_NEVER UINT64_C(1)
/* The first byte of a log that the kernel has not written to: logs are text. */
#define CALL_LOG_UNTOUCHED 0xff
/*
 * The largest input buffer: the line infos of a million instructions. The
 * largest output buffer (a verifier log, of which libbpf asks for 16 MiB): a
 * larger one is curtailed, and the kernel told so.
 */
#define CALL_INPUT_MAX ((size_t)16 << 20)
#define CALL_OUTPUT_MAX ((size_t)64 << 20)
/* Distinct descriptors in one call. The kernel takes 64 maps a program, and BTFs. */
#define CALL_FDS_MAX 128
#define CALL_BUFFERS_MAX 16
/* Entries of fd_array: kfunc calls reach no further, since their index is an s16. */
#define CALL_FD_ARRAY_MAX 32768

struct call_buffer {
        const struct abi_field *field;
        uint64_t address;  /* the caller's */
        size_t size;       /* 0: a pointer that is not followed */
        void *data;        /* ours: mmap()ed or heap, see call.c; NULL exactly if size is 0 */
        uint32_t unit;     /* bytes that one of its count stands for */
        uint32_t count;    /* as the caller gave it, where the field has a count_offset */
        bool is_resized;   /* size is not the caller's: the kernel is given another count */
        uint16_t parent;   /* index of the buffer that holds the pointer, or CALL_IN_ATTR */
        uint32_t position; /* where the pointer stands in attr or in the parent */
};
#define CALL_IN_ATTR UINT16_MAX

/* One distinct descriptor number of the caller's. */
struct call_fd {
        int number;               /* as the caller names it */
        int fd;                   /* ours, owned; -1 until call_identify() */
        enum abi_object expects;  /* what the first field that names it wants; OBJECT_ANY if unclear */
        enum abi_missing missing; /* the strictest of all fields that name it */
};

/* One place in attr or in a buffer where a descriptor's number stands. */
struct call_fd_site {
        uint16_t buffer; /* index, or CALL_IN_ATTR */
        uint32_t position;
        uint16_t fd; /* index into fds */
};

struct call {
        const struct abi_command *row;
        uint32_t command;
        uint32_t size;         /* of attr, as the caller gave it */
        uint64_t attr_address; /* the caller's */
        uint16_t attach;       /* the class of attach_type, where the row reads one */
        _Alignas(8) uint8_t attr[CALL_ATTR_MAX];
        struct call_buffer buffers[CALL_BUFFERS_MAX];
        size_t n_buffers;
        struct call_fd fds[CALL_FDS_MAX];
        size_t n_fds;
        struct call_fd_site *sites; /* owned; as many as instructions can hold */
        size_t n_sites;
        size_t allocated_sites;
        _Alignas(8) uint8_t attr_out[CALL_ATTR_MAX]; /* after execution */
        int64_t result;                              /* bpf(2)'s return value, or -errno */
};

void call_init(struct call *c);
/* Releases buffers and closes descriptors; `result` is not a descriptor of the call's. */
void call_deinit(struct call *c);
#define _cleanup_call_ _cleanup_(call_deinit)

/*
 * Reads the call from the caller. `command` and `size` are the registers of the
 * system call, as 32 bits.
 *
 * 0; a negative errno that bpf(2) itself would have given for the same call
 * (EFAULT, E2BIG, EINVAL, ENOMEM, EBADF); or CALL_E_*. Bytes of attr that lie
 * beyond the last field we know must be zero (E2BIG), as the kernel has it.
 */
int call_capture(struct call *c, uint32_t command, uint64_t attr_address, uint32_t size,
                 struct caller *caller);

/*
 * Takes each descriptor that the call names from the caller, once for each
 * number. -EBADF when one does not exist; but where the kernel makes something
 * else of that (enum abi_missing), call_fd_at() is -1 and the kernel is asked.
 */
int call_identify(struct call *c, struct caller *caller);

/*
 * For obj_get_info_by_fd, after call_identify() and once it is known what kind
 * of object the descriptor is: captures the info structure and the buffers that
 * it points to. `link_type` is that of an OBJECT_LINK. As call_capture().
 */
int call_capture_info(struct call *c, enum abi_object object, uint32_t link_type, struct caller *caller);

/*
 * Whether the fields of a link_create were read as the kernel will, once the
 * type of the program is known. For freplace alone the kernel goes by the type
 * of the program, whatever attach_type says: what was taken for an interface's
 * index would be a descriptor, one of ours. True for all other calls.
 */
bool call_suits_program(const struct call *c, uint32_t prog_type);

/*
 * Fills in what can be told from the call alone: command, map shape, program
 * type, attach types, counts. What needs the kernel (targets, ownership) is
 * left zero for the deputy.
 */
void call_ask(const struct call *c, uint32_t cpus, struct ask *ret_ask);

/*
 * Runs the call: a copy of attr with our descriptors and pointers goes to
 * `bpf`, which is bpf(2) with its errno as a negative result. Descriptor fields
 * that this call does not use are given a number that no process has open, so
 * that a kernel which reads them all the same finds nothing of ours.
 * Sets and returns c->result.
 */
typedef int (*call_bpf_fn)(uint32_t command, void *attr, uint32_t size);
int64_t call_execute(struct call *c, call_bpf_fn bpf);

/*
 * Copies to the caller what the kernel wrote: output fields of attr within the
 * caller's size, output buffers, logs. 0, or -EFAULT when the caller's memory
 * is not there: then the call has failed, as it does in the kernel.
 */
int call_write_back(struct call *c, struct caller *caller);

/*
 * The place of a field's value in the private attr: call_u32(c, offsetof(...)).
 * Zero beyond what the caller gave.
 */
uint32_t call_u32(const struct call *c, size_t offset);
uint64_t call_u64(const struct call *c, size_t offset);

/*
 * Our descriptor for the attr field at this offset, borrowed; -1 if the field
 * names none in this call, or one that the caller does not have.
 */
int call_fd_at(const struct call *c, size_t offset);

/* The buffer that the attr field at this offset points to, or NULL. */
struct call_buffer *call_buffer_at(struct call *c, size_t offset);

/*
 * Replaces a captured buffer by a longer or shorter one, and its count field in
 * attr (reach is compiled into the instructions before they are executed).
 * Sites of descriptors within it move by `shift` bytes. 0 or -ENOMEM; -EINVAL
 * if the size is not one that the count field can say.
 */
int call_replace_buffer(struct call *c, struct call_buffer *b, const void *data, size_t size,
                        uint32_t shift);
