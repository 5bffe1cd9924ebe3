/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A policy as a grant file. Keys come in the order of enum policy_key, a
 * section's head before the first key that it has. What has no value is left
 * out. A value of an enum that has no name cannot be written: it becomes a
 * comment, so that the printed policy is narrower, never wider, and says so.
 */

#include "grant/policy.h"

#include <inttypes.h>

#include "grant/quantity.h"

struct printer {
        const struct policy *policy;
        struct vocabulary *vocabulary;
        struct text *out;
        bool begun[N_POLICY_SECTIONS];
        bool any_begun;
};

static void begin_section(struct printer *t, enum policy_section section) {
        if (t->begun[section])
                return;
        text_append(t->out, "%s[%s]\n", t->any_begun ? "\n" : "", policy_section_name(section));
        t->begun[section] = true;
        t->any_begun = true;
}

/* "key =", to be followed by the value. */
static void begin_key(struct printer *t, enum policy_key key) {
        begin_section(t, policy_key_section(key));
        text_append(t->out, "%s =", policy_key_name(key));
}

static void print_string(struct printer *t, enum policy_key key, const char *value) {
        if (!value)
                return;
        begin_key(t, key);
        text_append(t->out, " %s\n", value);
}

static void print_words(struct printer *t, enum policy_key key, const struct word_list *l) {
        if (l->n_words == 0)
                return;
        begin_key(t, key);
        for (size_t i = 0; i < l->n_words; i++)
                text_append(t->out, " %s", l->words[i]);
        text_append(t->out, "\n");
}

static void print_nameless(struct printer *t, enum policy_key key, enum name_kind kind,
                           const struct name_set *s) {
        for (uint32_t value = 0; value < NAME_VALUES_MAX; value++) {
                if (!name_set_names(s, value) || vocabulary_name(t->vocabulary, kind, value))
                        continue;
                begin_section(t, policy_key_section(key));
                text_append(t->out, "# %s: %s %" PRIu32 " has no name here\n", policy_key_name(key),
                            name_kind_noun(kind), value);
        }
}

static void print_names(struct printer *t, enum policy_key key, enum name_kind kind,
                        const struct name_set *s) {
        bool begun = false;

        if (s->any) {
                print_string(t, key, "any");
                return;
        }
        print_nameless(t, key, kind, s);
        for (uint32_t value = 0; value < NAME_VALUES_MAX; value++) {
                const char *name =
                        name_set_names(s, value) ? vocabulary_name(t->vocabulary, kind, value) : NULL;

                if (!name)
                        continue;
                if (!begun)
                        begin_key(t, key);
                begun = true;
                text_append(t->out, " %s", name);
        }
        if (begun)
                text_append(t->out, "\n");
}

void budget_limit_print(enum budget_item item, uint64_t limit, struct text *out) {
        if (item == BUDGET_TIME)
                duration_print(limit, out);
        else if (item == BUDGET_MAP_BYTES)
                size_print(limit, out);
        else
                text_append(out, "%" PRIu64, limit);
}

static void print_budget(struct printer *t, enum budget_item item) {
        uint64_t limit = t->policy->budget[item];

        if (limit == BUDGET_NONE)
                return;
        begin_key(t, budget_item_key(item));
        text_append(t->out, " ");
        budget_limit_print(item, limit, t->out);
        text_append(t->out, "\n");
}

static void print_access(struct printer *t, const struct access_rules *a) {
        print_string(t, KEY_ACCESS_USER, a->user);
        print_string(t, KEY_ACCESS_GROUP, a->group);
        if (a->mode != 0) {
                begin_key(t, KEY_ACCESS_MODE);
                text_append(t->out, " %04" PRIo32 "\n", a->mode);
        }
        if (a->holders != 0) {
                begin_key(t, KEY_ACCESS_HOLDERS);
                text_append(t->out, " %" PRIu32 "\n", a->holders);
        }
        if (a->derive)
                print_string(t, KEY_ACCESS_DERIVE, "yes");
        print_string(t, KEY_ACCESS_PINS, a->pins);
}

void policy_print(const struct policy *p, struct vocabulary *v, struct text *out) {
        struct printer t = {.policy = p, .vocabulary = v, .out = out};

        begin_section(&t, SECTION_GRANT);
        print_string(&t, KEY_DESCRIPTION, p->description);
        print_names(&t, KEY_COMMANDS, NAME_COMMAND, &p->commands);
        print_names(&t, KEY_MAPS, NAME_MAP_TYPE, &p->maps);
        print_names(&t, KEY_PROGRAMS, NAME_PROG_TYPE, &p->programs);
        print_string(&t, KEY_VERIFIER, p->verifier == VERIFIER_TRUSTED ? "trusted" : "strict");
        print_names(&t, KEY_ATTACH, NAME_ATTACH_TYPE, &p->attach);
        print_words(&t, KEY_REACH_CGROUP, &p->reach.cgroups);
        print_words(&t, KEY_REACH_INTERFACE, &p->reach.interfaces);
        print_words(&t, KEY_REACH_TRACEPOINT, &p->reach.tracepoints);
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                print_budget(&t, item);
        print_access(&t, &p->access);
}
