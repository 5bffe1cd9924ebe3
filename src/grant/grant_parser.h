/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the parts of the grant file's parser share: grant_file.c reads lines and
 * keys, grant_value.c and grant_names.c the values, grant_rules.c judges the
 * whole.
 */

#include <stdbool.h>

#include "grant/diagnostics.h"
#include "grant/policy.h"

struct grant_parser {
        struct vocabulary *vocabulary;
        struct policy *policy;
        struct diagnostics errors;
        unsigned line;                   /* that is being read */
        unsigned columns[N_POLICY_KEYS]; /* of each key's value */
        bool broken[N_POLICY_KEYS];      /* the value had an error: no rule is drawn from it */
        bool failed;                     /* an allocation failed */
};

/* Reads the value of a key into the policy; the line is g->line. Cuts the value up. */
void grant_value_parse(struct grant_parser *g, enum policy_key key, char *value, unsigned column);

/* What no line shows by itself: parts of the file that would not do what they say. */
void grant_rules_check(struct grant_parser *g);

/* A value as it is handed to its reader. */
struct grant_value {
        enum policy_key key;
        char *text;
        unsigned column;
};

/* The column of a word within the value. */
static inline unsigned value_column(const struct grant_value *v, const char *word) {
        return v->column + (unsigned)(word - v->text);
}

/* A list of kernel names or `any`. */
void grant_names_read(struct grant_parser *g, const struct grant_value *v, enum name_kind kind,
                      struct name_set *set);

static inline bool word_is_comment(const char *word) {
        return word[0] == '#' || word[0] == ';';
}

void value_report_comment(struct grant_parser *g, const struct grant_value *v, const char *word);
