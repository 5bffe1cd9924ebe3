/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The policy as a value: made, freed, compared, and what follows from it alone.
 * The table of keys is the grammar's one list: parser, printer and messages
 * read it.
 */

#include "grant/policy.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/capability.h>

#include "grant/traits.h"

static const struct {
        enum policy_section section;
        const char *name;
} keys[] = {
        [KEY_DESCRIPTION] = {SECTION_GRANT, "description"},
        [KEY_COMMANDS] = {SECTION_GRANT, "commands"},
        [KEY_MAPS] = {SECTION_GRANT, "maps"},
        [KEY_PROGRAMS] = {SECTION_GRANT, "programs"},
        [KEY_VERIFIER] = {SECTION_GRANT, "verifier"},
        [KEY_ATTACH] = {SECTION_GRANT, "attach"},
        [KEY_REACH_CGROUP] = {SECTION_REACH, "cgroup"},
        [KEY_REACH_INTERFACE] = {SECTION_REACH, "interface"},
        [KEY_REACH_TRACEPOINT] = {SECTION_REACH, "tracepoint"},
        [KEY_BUDGET_MAPS] = {SECTION_BUDGET, "maps"},
        [KEY_BUDGET_MAP_BYTES] = {SECTION_BUDGET, "map-bytes"},
        [KEY_BUDGET_PROGRAMS] = {SECTION_BUDGET, "programs"},
        [KEY_BUDGET_INSTRUCTIONS] = {SECTION_BUDGET, "instructions"},
        [KEY_BUDGET_LINKS] = {SECTION_BUDGET, "links"},
        [KEY_BUDGET_TIME] = {SECTION_BUDGET, "time"},
        [KEY_ACCESS_USER] = {SECTION_ACCESS, "user"},
        [KEY_ACCESS_GROUP] = {SECTION_ACCESS, "group"},
        [KEY_ACCESS_MODE] = {SECTION_ACCESS, "mode"},
        [KEY_ACCESS_HOLDERS] = {SECTION_ACCESS, "holders"},
        [KEY_ACCESS_DERIVE] = {SECTION_ACCESS, "derive"},
        [KEY_ACCESS_PINS] = {SECTION_ACCESS, "pins"},
};
static_assert(ARRAY_SIZE(keys) == N_POLICY_KEYS, "every key has its section and name");

static const char *const section_names[] = {
        [SECTION_GRANT] = "grant",
        [SECTION_REACH] = "reach",
        [SECTION_BUDGET] = "budget",
        [SECTION_ACCESS] = "access",
};
static_assert(ARRAY_SIZE(section_names) == N_POLICY_SECTIONS, "every section has its name");

const char *policy_key_name(enum policy_key key) {
        return keys[key].name;
}

enum policy_section policy_key_section(enum policy_key key) {
        return keys[key].section;
}

const char *policy_section_name(enum policy_section section) {
        return section_names[section];
}

enum policy_key budget_item_key(enum budget_item item) {
        static const enum policy_key item_keys[] = {
                [BUDGET_MAPS] = KEY_BUDGET_MAPS,         [BUDGET_MAP_BYTES] = KEY_BUDGET_MAP_BYTES,
                [BUDGET_PROGRAMS] = KEY_BUDGET_PROGRAMS, [BUDGET_INSTRUCTIONS] = KEY_BUDGET_INSTRUCTIONS,
                [BUDGET_LINKS] = KEY_BUDGET_LINKS,       [BUDGET_TIME] = KEY_BUDGET_TIME,
        };
        static_assert(ARRAY_SIZE(item_keys) == N_BUDGET_ITEMS, "every item has its key");

        return item_keys[item];
}

int policy_new(struct policy **ret_policy) {
        struct policy *p;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        for (size_t i = 0; i < N_BUDGET_ITEMS; i++)
                p->budget[i] = BUDGET_NONE;
        *ret_policy = p;
        return 0;
}

static void word_list_deinit(struct word_list *l) {
        for (size_t i = 0; i < l->n_words; i++)
                free(l->words[i]);
        *l = (struct word_list) {};
}

struct policy *policy_free(struct policy *p) {
        if (!p)
                return NULL;
        free(p->name);
        free(p->file);
        free(p->description);
        word_list_deinit(&p->reach.cgroups);
        word_list_deinit(&p->reach.interfaces);
        word_list_deinit(&p->reach.tracepoints);
        free(p->access.user);
        free(p->access.group);
        free(p->access.pins);
        free(p);
        return NULL;
}

bool policy_has_reach(const struct policy *p) {
        return p->reach.cgroups.n_words > 0 || p->reach.interfaces.n_words > 0 ||
               p->reach.tracepoints.n_words > 0;
}

/* The union of what the types of a set need; `any` needs what all of them need. */
static uint64_t set_capabilities(const struct name_set *s, uint64_t (*capabilities)(uint32_t)) {
        uint64_t mask = 0;

        for (uint32_t value = 0; value < NAME_VALUES_MAX; value++)
                if (name_set_has(s, value))
                        mask |= capabilities(value);
        return mask;
}

/* Commands for which the kernel itself asks for CAP_BPF (obj_get_info_by_fd: for translated code). */
static bool commands_need_bpf(const struct name_set *commands) {
        return name_set_has(commands, BPF_MAP_CREATE) || name_set_has(commands, BPF_PROG_LOAD) ||
               name_set_has(commands, BPF_BTF_LOAD) || name_set_has(commands, BPF_OBJ_GET_INFO_BY_FD);
}

/* Only cgroup_skb is checked for CAP_NET_ADMIN at attach (6.18; EPERM by link, EINVAL by prog_attach). */
static bool attaches_cgroup_skb(const struct policy *p) {
        return (name_set_has(&p->commands, BPF_LINK_CREATE) ||
                name_set_has(&p->commands, BPF_PROG_ATTACH)) &&
               (name_set_has(&p->attach, BPF_CGROUP_INET_INGRESS) ||
                name_set_has(&p->attach, BPF_CGROUP_INET_EGRESS));
}

uint64_t policy_capabilities(const struct policy *p) {
        const uint64_t bpf = UINT64_C(1) << CAP_BPF, net_admin = UINT64_C(1) << CAP_NET_ADMIN,
                       perfmon = UINT64_C(1) << CAP_PERFMON;
        uint64_t mask = 0;

        if (commands_need_bpf(&p->commands))
                mask |= bpf;
        if (name_set_has(&p->commands, BPF_MAP_CREATE))
                mask |= set_capabilities(&p->maps, map_type_capabilities);
        if (name_set_has(&p->commands, BPF_PROG_LOAD))
                mask |= set_capabilities(&p->programs, prog_type_capabilities);
        if (attaches_cgroup_skb(p) || name_set_has(&p->commands, BPF_PROG_QUERY))
                mask |= net_admin;

        /* Never implied by a type alone: only by the word that says what it costs. */
        mask &= bpf | net_admin;
        if (p->verifier == VERIFIER_TRUSTED)
                mask |= perfmon;
        return mask;
}

static bool string_equal(const char *a, const char *b) {
        return a && b ? strcmp(a, b) == 0 : a == b;
}

/* A list is a set that remembers its order; a word stands in it once. */
static bool word_list_equal(const struct word_list *a, const struct word_list *b) {
        if (a->n_words != b->n_words)
                return false;
        for (size_t i = 0; i < a->n_words; i++) {
                bool found = false;

                for (size_t j = 0; j < b->n_words && !found; j++)
                        found = strcmp(a->words[i], b->words[j]) == 0;
                if (!found)
                        return false;
        }
        return true;
}

static bool access_equal(const struct access_rules *a, const struct access_rules *b) {
        return string_equal(a->user, b->user) && string_equal(a->group, b->group) && a->mode == b->mode &&
               a->holders == b->holders && a->derive == b->derive && string_equal(a->pins, b->pins);
}

bool policy_equal(const struct policy *a, const struct policy *b) {
        return name_set_equal(&a->commands, &b->commands) && name_set_equal(&a->maps, &b->maps) &&
               name_set_equal(&a->programs, &b->programs) && name_set_equal(&a->attach, &b->attach) &&
               a->verifier == b->verifier && word_list_equal(&a->reach.cgroups, &b->reach.cgroups) &&
               word_list_equal(&a->reach.interfaces, &b->reach.interfaces) &&
               word_list_equal(&a->reach.tracepoints, &b->reach.tracepoints) &&
               memcmp(a->budget, b->budget, sizeof(a->budget)) == 0 && access_equal(&a->access, &b->access);
}
