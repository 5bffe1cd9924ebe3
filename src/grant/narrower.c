/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One comparison for each part of a policy; each appends its excesses. An
 * excess is counted as well as told, so that the answer does not rest on text.
 *
 * Reach has one subtlety. Under any reach, a kind of target that the reach does
 * not name is refused altogether. So a child must not only stay within each
 * list of its parent, it must not bring a list that its parent lacks either,
 * unless the parent has no reach at all.
 */

#include "grant/narrower.h"

#include <inttypes.h>
#include <string.h>

#include "grant/path.h"

struct comparison {
        const struct policy *parent, *child;
        struct vocabulary *vocabulary;
        struct text *excesses; /* or NULL */
        bool is_wider;
};

/* Counts an excess. The caller adds what it says if this returns a text; then ends the line. */
static struct text *excess(struct comparison *c, enum policy_key key) {
        c->is_wider = true;
        if (!c->excesses)
                return NULL;
        if (policy_key_section(key) != SECTION_GRANT)
                text_append(c->excesses, "%s ", policy_section_name(policy_key_section(key)));
        text_append(c->excesses, "%s: ", policy_key_name(key));
        return c->excesses;
}

static void compare_names(struct comparison *c, enum policy_key key, enum name_kind kind,
                          const struct name_set *parent, const struct name_set *child) {
        struct name_set rest = name_set_minus(child, parent);
        struct text *t;

        if (rest.any) {
                t = excess(c, key);
                if (t)
                        text_append(t, "any is more than the parent's list\n");
        }
        for (uint32_t value = 0; value < NAME_VALUES_MAX; value++) {
                const char *name;

                if (!name_set_names(&rest, value))
                        continue;
                t = excess(c, key);
                if (!t)
                        continue;
                name = vocabulary_name(c->vocabulary, kind, value);
                if (name)
                        text_append(t, "%s is not in the parent\n", name);
                else
                        text_append(t, "%s %" PRIu32 " is not in the parent\n", name_kind_noun(kind), value);
        }
}

static void compare_verifier(struct comparison *c) {
        struct text *t;

        if (c->child->verifier == c->parent->verifier || c->child->verifier == VERIFIER_STRICT)
                return;
        t = excess(c, KEY_VERIFIER);
        if (t)
                text_append(t, "trusted is more than the parent's strict\n");
}

static bool word_is_same(const char *word, const char *of_parent) {
        return strcmp(word, of_parent) == 0;
}

static bool word_is_covered(const struct word_list *parent, const char *word,
                            bool (*covers)(const char *word, const char *of_parent)) {
        for (size_t i = 0; i < parent->n_words; i++)
                if (covers(word, parent->words[i]))
                        return true;
        return false;
}

static void compare_words(struct comparison *c, enum policy_key key, const struct word_list *parent,
                          const struct word_list *child, bool (*covers)(const char *, const char *)) {
        struct text *t;

        if (parent->n_words > 0 && child->n_words == 0) {
                t = excess(c, key);
                if (t)
                        text_append(t, "the child names none, the parent confines it\n");
        }
        for (size_t i = 0; i < child->n_words; i++) {
                if (!policy_has_reach(c->parent) || word_is_covered(parent, child->words[i], covers))
                        continue;
                t = excess(c, key);
                if (!t)
                        continue;
                if (parent->n_words == 0)
                        text_append(t, "%s: the parent's reach has no %s\n", child->words[i],
                                    policy_key_name(key));
                else
                        text_append(t, "%s is not within the parent's\n", child->words[i]);
        }
}

static void compare_budget(struct comparison *c, enum budget_item item) {
        uint64_t parent = c->parent->budget[item], child = c->child->budget[item];
        struct text *t;

        if (child <= parent)
                return;
        t = excess(c, budget_item_key(item));
        if (!t)
                return;
        if (child == BUDGET_NONE)
                text_append(t, "no limit");
        else
                budget_limit_print(item, child, t);
        text_append(t, " is more than the parent's ");
        budget_limit_print(item, parent, t);
        text_append(t, "\n");
}

static void compare_pins(struct comparison *c) {
        const char *parent = c->parent->access.pins, *child = c->child->access.pins;
        struct text *t;

        if (!child || (parent && path_is_within(child, parent)))
                return;
        t = excess(c, KEY_ACCESS_PINS);
        if (!t)
                return;
        if (parent)
                text_append(t, "%s is not at or below the parent's %s\n", child, parent);
        else
                text_append(t, "%s, and the parent may not pin\n", child);
}

int policy_narrower(const struct policy *parent, const struct policy *child, struct vocabulary *v,
                    struct text *excesses) {
        struct comparison c = {.parent = parent, .child = child, .vocabulary = v, .excesses = excesses};

        compare_names(&c, KEY_COMMANDS, NAME_COMMAND, &parent->commands, &child->commands);
        compare_names(&c, KEY_MAPS, NAME_MAP_TYPE, &parent->maps, &child->maps);
        compare_names(&c, KEY_PROGRAMS, NAME_PROG_TYPE, &parent->programs, &child->programs);
        compare_verifier(&c);
        compare_names(&c, KEY_ATTACH, NAME_ATTACH_TYPE, &parent->attach, &child->attach);
        compare_words(&c, KEY_REACH_CGROUP, &parent->reach.cgroups, &child->reach.cgroups, path_is_within);
        compare_words(&c, KEY_REACH_INTERFACE, &parent->reach.interfaces, &child->reach.interfaces,
                      word_is_same);
        compare_words(&c, KEY_REACH_TRACEPOINT, &parent->reach.tracepoints, &child->reach.tracepoints,
                      word_is_same);
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                compare_budget(&c, item);
        compare_pins(&c);
        return c.is_wider ? NARROWER_E_EXCESS : 0;
}
