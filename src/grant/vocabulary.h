/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The names that a grant file may use: the kernel's own, without their prefix
 * and in lower case, as bpffs takes them for `delegate_*`.
 *
 * A vocabulary begins as the built-in table (Linux 6.18). Values are kernel ABI
 * and never change, so a name that the table has is never looked up anywhere
 * else. A name or number that it lacks is asked of the `extend` function once
 * (kernel/btf.h reads the running kernel's BTF), so that a new kernel's types
 * need no new release. This file makes no system call itself.
 *
 * Not thread-safe while it can still be extended. After vocabulary_end() or
 * vocabulary_seal() it no longer can: from then on look-ups change nothing, make
 * no system call, and any thread may make them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

enum name_kind {
        NAME_COMMAND,     /* enum bpf_cmd:         map_create … */
        NAME_MAP_TYPE,    /* enum bpf_map_type:    hash … */
        NAME_PROG_TYPE,   /* enum bpf_prog_type:   xdp … */
        NAME_ATTACH_TYPE, /* enum bpf_attach_type: cgroup_inet_ingress … */
        N_NAME_KINDS,
};

enum {
        VOCABULARY_E_UNKNOWN = 1, /* no such name */
        VOCABULARY_E_CONFLICT,    /* vocabulary_add(): the name is known for another value */
};

/* Values of every kind are below this; a larger one is refused by vocabulary_add(). */
#define NAME_VALUES_MAX 256

struct vocabulary;

/*
 * Called at most once, when the built-in table does not suffice: adds to `v`
 * what it knows through vocabulary_add(). Its failure means "nothing to add".
 */
typedef int (*vocabulary_extend_fn)(struct vocabulary *v, void *userdata);

/* `extend` may be NULL. Returns 0 or -ENOMEM. */
int vocabulary_new(struct vocabulary **ret_vocabulary, vocabulary_extend_fn extend, void *userdata);
struct vocabulary *vocabulary_free(struct vocabulary *v);

/* What is not known by now stays unknown: `extend` is not called any more. */
void vocabulary_seal(struct vocabulary *v);

static inline void vocabulary_freep(struct vocabulary **v) {
        *v = vocabulary_free(*v);
}
#define _cleanup_vocabulary_ _cleanup_(vocabulary_freep)

/*
 * Adds a kernel name in either spelling ("BPF_MAP_TYPE_HASH" or "hash"). The
 * first name of a value is the one that is printed, later ones are aliases
 * (prog_run is prog_test_run). The enums' own markers (…_UNSPEC, __MAX_…) are
 * passed over. 0, -ENOMEM, -ERANGE, -EINVAL for what no grant file could spell,
 * or VOCABULARY_E_CONFLICT.
 */
int vocabulary_add(struct vocabulary *v, enum name_kind kind, const char *name, uint32_t value);

/* 0 or VOCABULARY_E_UNKNOWN. Names are compared without regard to case. */
int vocabulary_value(struct vocabulary *v, enum name_kind kind, const char *name, uint32_t *ret_value);

/* The name of a value, or NULL. */
const char *vocabulary_name(struct vocabulary *v, enum name_kind kind, uint32_t value);

/* The known name that is nearest to a misspelt one, or NULL if none is near. */
const char *vocabulary_nearest(struct vocabulary *v, enum name_kind kind, const char *name);

/* One past the highest value known (after extension). */
uint32_t vocabulary_end(struct vocabulary *v, enum name_kind kind);

/* "command", "map type", …: for messages. */
const char *name_kind_noun(enum name_kind kind);
/* "BPF_MAP_TYPE_" …: the prefix in the kernel's enum; for attach types and commands "BPF_". */
const char *name_kind_prefix(enum name_kind kind);
/* "bpf_map_type" …: the kernel's enum. */
const char *name_kind_enum(enum name_kind kind);

/*
 * The nearest of a list of words to a misspelt one by edit distance, or NULL if
 * none is near (distance over a third of the length). For keys and verbs too.
 */
const char *nearest_word(const char *word, const char *const *words, size_t n_words);
