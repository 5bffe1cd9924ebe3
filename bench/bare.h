/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The message of the bare socket: the call and what it points to, in the order
 * of this structure, and nothing that a protocol would add. The answer is an
 * int, and the new descriptor with it.
 */

#include <stdint.h>

#include <linux/bpf.h>

#include "straight.h"

struct bare_message {
        uint32_t command;
        uint32_t attr_size;
        union bpf_attr attr;
        char license[8];
        struct bpf_insn instructions[STRAIGHT_MAX]; /* as many as attr says */
};

/* The worker's side: makes a call over the socket. Its result, or -errno. */
int bare_call(int socket, uint32_t command, const void *attr, uint32_t size);
