/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The record: one line of JSON for each decision, written before the holder has
 * its answer, and one human sentence on the program's stderr for a refusal,
 * since the program itself sees no more than an errno.
 *
 * A grant that was asked to record and cannot (a full disk) does nothing more:
 * record_write() fails, and the call with it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "abi/call.h"
#include "grant/vocabulary.h"
#include "kernel/process.h"

struct record_entry {
        const char *grant;
        const char *delivery; /* "intercept" or "socket" */
        struct process_identity holder;
        uint32_t command;
        const struct ask *ask;
        const char *verdict; /* "allow", or the name of a refusal */
        const char *reason;  /* a sentence; or "" */
        int64_t result;      /* >= 0, or -errno */
        uint32_t id;         /* of the object that was made or opened; 0 if none */
        uint64_t duration_ns;
};

struct record {
        int fd;        /* the lines; borrowed; -1: none */
        int stderr_fd; /* the sentences; borrowed; -1: none */
        bool json;     /* say refusals as JSON as well */
        struct vocabulary *vocabulary;
        uint64_t said[64]; /* sentences that were said already, by hash: a probe loop repeats itself */
        unsigned n_said;
};

/* Writes the line. 0, or -errno. */
int record_write(struct record *r, const struct record_entry *e);

/* Says a refusal on the program's stderr, once for each sentence. */
void record_say(struct record *r, const struct record_entry *e);
