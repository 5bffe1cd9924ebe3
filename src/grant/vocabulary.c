/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For each kind one list of names with their values: first those of the table
 * (kernel_names.h), then what vocabulary_add() brings. The first name of a
 * value is the one that is printed, each later one is an alias.
 */

#include "grant/vocabulary.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "grant/kernel_names.h"

/* Longer than any kernel name, and than what fits in a sensible message. */
#define NAME_LENGTH_MAX 63

/* Two arrays side by side: nearest_word() wants the names alone. */
struct name_list {
        const char **names; /* the first n_builtin are borrowed from the table, the others owned */
        uint32_t *values;
        size_t n, n_builtin, allocated;
};

struct vocabulary {
        struct name_list lists[N_NAME_KINDS];
        vocabulary_extend_fn extend; /* NULL once it was called */
        void *userdata;
};

const char *name_kind_noun(enum name_kind kind) {
        return kernel_enums[kind].noun;
}

const char *name_kind_prefix(enum name_kind kind) {
        return kernel_enums[kind].prefix;
}

const char *name_kind_enum(enum name_kind kind) {
        return kernel_enums[kind].name;
}

static int name_list_reserve(struct name_list *l) {
        size_t wanted = l->allocated > 0 ? 2 * l->allocated : 64;
        const char **names;
        uint32_t *values;

        if (l->n < l->allocated)
                return 0;
        names = realloc(l->names, wanted * sizeof(*names));
        if (!names)
                return -ENOMEM;
        l->names = names;
        values = realloc(l->values, wanted * sizeof(*values));
        if (!values)
                return -ENOMEM;
        l->values = values;
        l->allocated = wanted;
        return 0;
}

/* Keeps the pointer as it is. */
static int name_list_append(struct name_list *l, const char *name, uint32_t value) {
        int r;

        r = name_list_reserve(l);
        if (r < 0)
                return r;
        l->names[l->n] = name;
        l->values[l->n] = value;
        l->n++;
        return 0;
}

/* Index of a name, or -1. */
static ssize_t name_list_find(const struct name_list *l, const char *name) {
        for (size_t i = 0; i < l->n; i++)
                if (strcasecmp(l->names[i], name) == 0)
                        return (ssize_t)i;
        return -1;
}

static int vocabulary_add_builtin(struct vocabulary *v) {
        int r;

        for (size_t kind = 0; kind < N_NAME_KINDS; kind++) {
                const struct kernel_enum *e = &kernel_enums[kind];

                for (size_t i = 0; i < e->n_names; i++) {
                        r = name_list_append(&v->lists[kind], e->names[i], e->first + (uint32_t)i);
                        if (r < 0)
                                return r;
                }
        }
        for (size_t i = 0; i < n_kernel_aliases; i++) {
                r = name_list_append(&v->lists[kernel_aliases[i].kind], kernel_aliases[i].name,
                                     kernel_aliases[i].value);
                if (r < 0)
                        return r;
        }
        for (size_t kind = 0; kind < N_NAME_KINDS; kind++)
                v->lists[kind].n_builtin = v->lists[kind].n;
        return 0;
}

int vocabulary_new(struct vocabulary **ret_vocabulary, vocabulary_extend_fn extend, void *userdata) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;
        int r;

        v = calloc(1, sizeof(*v));
        if (!v)
                return -ENOMEM;
        v->extend = extend;
        v->userdata = userdata;
        r = vocabulary_add_builtin(v);
        if (r < 0)
                return r;
        *ret_vocabulary = steal_ptr(v);
        return 0;
}

struct vocabulary *vocabulary_free(struct vocabulary *v) {
        if (!v)
                return NULL;
        for (size_t kind = 0; kind < N_NAME_KINDS; kind++) {
                struct name_list *l = &v->lists[kind];

                /* A half-built vocabulary owns nothing yet, and n_builtin is still 0. */
                for (size_t i = l->n_builtin; l->n_builtin > 0 && i < l->n; i++)
                        free((char *)l->names[i]);
                free(l->names);
                free(l->values);
        }
        free(v);
        return NULL;
}

/* Forgets the function first: what it adds is looked up through these same functions. */
void vocabulary_seal(struct vocabulary *v) {
        v->extend = NULL;
}

static void vocabulary_extend(struct vocabulary *v) {
        vocabulary_extend_fn extend = v->extend;

        v->extend = NULL;
        if (extend)
                (void)extend(v, v->userdata);
}

static const char *without_prefix(enum name_kind kind, const char *name) {
        size_t n = strlen(kernel_enums[kind].prefix);

        return strncasecmp(name, kernel_enums[kind].prefix, n) == 0 ? name + n : name;
}

/* The enums' own markers, which stand for no value: …_UNSPEC, __MAX_BPF_…. */
static bool name_is_marker(const char *name) {
        return strcasecmp(name, "unspec") == 0 || strncmp(name, "__", 2) == 0;
}

/* Whether a grant file could spell it, and does not mean something else by it. */
static bool name_is_valid(const char *name) {
        size_t n = strnlen(name, NAME_LENGTH_MAX + 1);

        if (n == 0 || n > NAME_LENGTH_MAX || strcasecmp(name, "any") == 0)
                return false;
        for (size_t i = 0; i < n; i++)
                if (!isalnum((unsigned char)name[i]) && name[i] != '_')
                        return false;
        return true;
}

int vocabulary_add(struct vocabulary *v, enum name_kind kind, const char *name, uint32_t value) {
        struct name_list *l = &v->lists[kind];
        _cleanup_free_ char *copy = NULL;
        ssize_t known;
        int r;

        name = without_prefix(kind, name);
        if (name_is_marker(name))
                return 0;
        if (value >= NAME_VALUES_MAX)
                return -ERANGE;
        if (!name_is_valid(name))
                return -EINVAL;
        known = name_list_find(l, name);
        if (known >= 0)
                return l->values[known] == value ? 0 : VOCABULARY_E_CONFLICT;
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;
        for (char *c = copy; *c; c++)
                *c = (char)tolower((unsigned char)*c);
        r = name_list_append(l, copy, value);
        if (r < 0)
                return r;
        steal_ptr(copy);
        return 0;
}

int vocabulary_value(struct vocabulary *v, enum name_kind kind, const char *name, uint32_t *ret_value) {
        struct name_list *l = &v->lists[kind];
        ssize_t i;

        name = without_prefix(kind, name);
        i = name_list_find(l, name);
        if (i < 0 && v->extend) {
                vocabulary_extend(v);
                i = name_list_find(l, name);
        }
        if (i < 0)
                return VOCABULARY_E_UNKNOWN;
        *ret_value = l->values[i];
        return 0;
}

static const char *name_list_first_name(const struct name_list *l, uint32_t value) {
        for (size_t i = 0; i < l->n; i++)
                if (l->values[i] == value)
                        return l->names[i];
        return NULL;
}

const char *vocabulary_name(struct vocabulary *v, enum name_kind kind, uint32_t value) {
        const char *name = name_list_first_name(&v->lists[kind], value);

        if (!name && v->extend) {
                vocabulary_extend(v);
                name = name_list_first_name(&v->lists[kind], value);
        }
        return name;
}

const char *vocabulary_nearest(struct vocabulary *v, enum name_kind kind, const char *name) {
        struct name_list *l = &v->lists[kind];

        vocabulary_extend(v);
        return nearest_word(without_prefix(kind, name), l->names, l->n);
}

uint32_t vocabulary_end(struct vocabulary *v, enum name_kind kind) {
        struct name_list *l = &v->lists[kind];
        uint32_t end = 0;

        vocabulary_extend(v);
        for (size_t i = 0; i < l->n; i++)
                if (l->values[i] >= end)
                        end = l->values[i] + 1;
        return end;
}
