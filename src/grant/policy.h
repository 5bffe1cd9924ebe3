/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A policy: what may be done, as plain data. It is read from a grant file
 * (grant_file.h), compared (narrower.h) and asked (decide.h). Nothing here
 * makes a system call.
 *
 * An absent list grants nothing; an absent budget sets no limit (BUDGET_NONE);
 * an absent reach confines nothing. That is the only asymmetry, and it is the
 * one that a reader of a grant file expects: a type must be named to be had, a
 * limit must be named to hold.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/text.h"
#include "grant/name_set.h"

/* Every key of a grant file, in the order in which it is printed. */
enum policy_key {
        /* [grant] */
        KEY_DESCRIPTION,
        KEY_COMMANDS,
        KEY_MAPS,
        KEY_PROGRAMS,
        KEY_VERIFIER,
        KEY_ATTACH,
        /* [reach] */
        KEY_REACH_CGROUP,
        KEY_REACH_INTERFACE,
        KEY_REACH_TRACEPOINT,
        /* [budget] */
        KEY_BUDGET_MAPS,
        KEY_BUDGET_MAP_BYTES,
        KEY_BUDGET_PROGRAMS,
        KEY_BUDGET_INSTRUCTIONS,
        KEY_BUDGET_LINKS,
        KEY_BUDGET_TIME,
        /* [access] */
        KEY_ACCESS_USER,
        KEY_ACCESS_GROUP,
        KEY_ACCESS_MODE,
        KEY_ACCESS_HOLDERS,
        KEY_ACCESS_DERIVE,
        KEY_ACCESS_PINS,
        N_POLICY_KEYS,
};

enum policy_section {
        SECTION_GRANT,
        SECTION_REACH,
        SECTION_BUDGET,
        SECTION_ACCESS,
        N_POLICY_SECTIONS,
};

/* What a budget counts. TIME is in nanoseconds, MAP_BYTES in bytes. */
enum budget_item {
        BUDGET_MAPS,
        BUDGET_MAP_BYTES,
        BUDGET_PROGRAMS,
        BUDGET_INSTRUCTIONS,
        BUDGET_LINKS,
        BUDGET_TIME,
        N_BUDGET_ITEMS,
};
#define BUDGET_NONE UINT64_MAX /* no limit */

enum verifier_mode {
        VERIFIER_STRICT,  /* without CAP_PERFMON: no pointer leaks, Spectre checks on */
        VERIFIER_TRUSTED, /* with it: what tracing needs */
};

/* A short list of strings; each is owned. */
#define WORDS_MAX 8
struct word_list {
        char *words[WORDS_MAX];
        size_t n_words;
};

/* Where what was loaded may act. An empty list confines nothing in its dimension. */
struct reach {
        struct word_list cgroups;     /* absolute cgroup2 paths, normalised: "/", "/a/b" */
        struct word_list interfaces;  /* network interface names */
        struct word_list tracepoints; /* "category:name" */
};

/* Who may pick the grant up; for the daemon. `bpfgrant run` uses user and pins. */
struct access_rules {
        char *user;       /* or NULL */
        char *group;      /* or NULL */
        uint32_t mode;    /* of the socket; 0 if unset */
        uint32_t holders; /* at most this many at a time; 0: no limit */
        bool derive;      /* may a holder derive from it */
        char *pins;       /* a directory of a bpffs in which the holder may pin; or NULL */
};

struct policy {
        char *name;        /* of the grant: the file's name without folder and ".grant" */
        char *file;        /* as it was given, for messages */
        char *description; /* or NULL */
        struct name_set commands;
        struct name_set maps;
        struct name_set programs;
        struct name_set attach;
        enum verifier_mode verifier;
        struct reach reach;
        uint64_t budget[N_BUDGET_ITEMS]; /* BUDGET_NONE or a limit */
        struct access_rules access;
        unsigned lines[N_POLICY_KEYS];             /* line of each key in `file`; 0 if absent */
        unsigned section_lines[N_POLICY_SECTIONS]; /* line of each section's head; 0 if absent */
};

/* An empty policy: grants nothing, no limits, strict. 0 or -ENOMEM. */
int policy_new(struct policy **ret_policy);
struct policy *policy_free(struct policy *p);

static inline void policy_freep(struct policy **p) {
        *p = policy_free(*p);
}
#define _cleanup_policy_ _cleanup_(policy_freep)

const char *policy_key_name(enum policy_key key); /* "map-bytes" */
enum policy_section policy_key_section(enum policy_key key);
const char *policy_section_name(enum policy_section section); /* "budget" */
enum policy_key budget_item_key(enum budget_item item);

/* Whether the policy confines where programs act: any list of [reach] is not empty. */
bool policy_has_reach(const struct policy *p);

/*
 * The capabilities that the policy implies for its deputy, as a mask of
 * 1 << CAP_*: only CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON can be among them.
 */
uint64_t policy_capabilities(const struct policy *p);

/*
 * Writes the policy as a grant file. Parsing the result gives an equal policy
 * (but for file and lines). A value that the vocabulary has no name for cannot
 * be written: it becomes a comment that says so.
 */
void policy_print(const struct policy *p, struct vocabulary *v, struct text *out);

/* A limit as a grant file writes it: "32", "64M", "8h". */
void budget_limit_print(enum budget_item item, uint64_t limit, struct text *out);

/* Equal in all that it grants, limits and confines, and in access; not in name, file and lines. */
bool policy_equal(const struct policy *a, const struct policy *b);
