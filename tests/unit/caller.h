/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A caller of bpf(2) made of the test's own memory: segments at addresses of its
 * choice, and a table of descriptors. It is hostile: what was read once is
 * changed at once, so that a second look would see something else; and it
 * counts, so that a second look is a failure.
 *
 * And a bpf(2) that keeps what it was given, for the test to look at.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/attr.h"
#include "abi/bytes.h"
#include "abi/call.h"
#include "abi/uapi.h"
#include "base/macro.h"

#define TEST_SEGMENTS_MAX 24
#define TEST_FDS_MAX 160

struct test_segment {
        uint64_t address;
        size_t size;
        uint8_t *data;  /* what the caller sees */
        uint8_t *reads; /* for each byte, how often it was read */
};

struct test_caller {
        struct caller caller;
        struct test_segment segments[TEST_SEGMENTS_MAX];
        size_t n_segments;
        int numbers[TEST_FDS_MAX]; /* descriptors that the caller has */
        size_t n_numbers;
        size_t taken;   /* how many were taken from it */
        size_t written; /* bytes that were written to it */
        bool is_calm;   /* memory does not change after it was read */
};

static struct test_segment *test_find(struct test_caller *t, uint64_t address, size_t size) {
        for (size_t i = 0; i < t->n_segments; i++) {
                struct test_segment *s = &t->segments[i];

                if (address >= s->address && size <= s->size && address - s->address <= s->size - size)
                        return s;
        }
        return NULL;
}

static int test_read(struct caller *c, uint64_t address, void *buffer, size_t size) {
        struct test_caller *t = (struct test_caller *)c;
        struct test_segment *s = test_find(t, address, size);
        size_t at;

        if (!s)
                return -EFAULT;
        at = (size_t)(address - s->address);
        memcpy(buffer, s->data + at, size);
        for (size_t i = at; i < at + size; i++) {
                assert_int_equal(s->reads[i]++, 0);
                if (!t->is_calm)
                        s->data[i] = (uint8_t)~s->data[i];
        }
        return 0;
}

static int test_write(struct caller *c, uint64_t address, const void *buffer, size_t size) {
        struct test_caller *t = (struct test_caller *)c;
        struct test_segment *s = test_find(t, address, size);

        if (!s)
                return -EFAULT;
        memcpy(s->data + (address - s->address), buffer, size);
        t->written += size;
        return 0;
}

static int test_fd(struct caller *c, int number, int *ret_fd) {
        struct test_caller *t = (struct test_caller *)c;

        for (size_t i = 0; i < t->n_numbers; i++)
                if (t->numbers[i] == number) {
                        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

                        if (fd < 0)
                                return -errno;
                        t->taken++;
                        *ret_fd = fd;
                        return 0;
                }
        return -EBADF;
}

static void test_caller_init(struct test_caller *t) {
        static const struct caller_ops ops = {.read = test_read, .write = test_write, .fd = test_fd};

        memset(t, 0, sizeof(*t));
        t->caller.ops = &ops;
}

static void test_caller_deinit(struct test_caller *t) {
        for (size_t i = 0; i < t->n_segments; i++) {
                free(t->segments[i].data);
                free(t->segments[i].reads);
        }
        t->n_segments = 0;
}
#define _cleanup_caller_ _cleanup_(test_caller_deinit)

/* Memory of the caller's at an address, with these bytes or zeros. Its data, to be looked at later. */
static uint8_t *test_memory(struct test_caller *t, uint64_t address, const void *data, size_t size) {
        struct test_segment *s = &t->segments[t->n_segments++];

        assert_true(t->n_segments <= TEST_SEGMENTS_MAX);
        *s = (struct test_segment) {
                .address = address, .size = size, .data = calloc(1, size + 1), .reads = calloc(1, size + 1)};
        assert_non_null(s->data);
        assert_non_null(s->reads);
        if (data)
                memcpy(s->data, data, size);
        return s->data;
}

static inline void test_has_fd(struct test_caller *t, int number) {
        assert_true(t->n_numbers < TEST_FDS_MAX);
        t->numbers[t->n_numbers++] = number;
}

/* attr stands here. */
#define ATTR_ADDRESS UINT64_C(0x7fff00000000)

static inline int test_capture_size(struct call *c, struct test_caller *t, uint32_t command,
                                    const union abi_attr *attr, uint32_t size) {
        call_init(c);
        test_memory(t, ATTR_ADDRESS, attr, sizeof(*attr));
        return call_capture(c, command, ATTR_ADDRESS, size, &t->caller);
}

static inline int test_capture(struct call *c, struct test_caller *t, uint32_t command,
                               const union abi_attr *attr) {
        return test_capture_size(c, t, command, attr, sizeof(*attr));
}

/* What bpf(2) was last given, and what it does: `test_kernel` may write to it. */
static union abi_attr given;
static uint32_t given_command, given_size;
static unsigned given_times;
static int (*test_kernel)(union abi_attr *attr);

static inline int test_bpf(uint32_t command, void *attr, uint32_t size) {
        given_times++;
        given_command = command;
        given_size = size;
        memcpy(&given, attr, sizeof(given));
        return test_kernel ? test_kernel(attr) : 0;
}

static inline void *test_pointer(uint64_t address) {
        return (void *)(uintptr_t)address;
}
