/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Policies for tests: from text, and at random. A random policy obeys the rules
 * of a grant file (grant_rules.c), so that what is printed of it can be read
 * back. The generator is seeded, so that every run has the same policies.
 * Include it after <cmocka.h>.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "grant/grant_file.h"
#include "grant/policy.h"
#include "grant/traits.h"

_unused_ static struct policy *policy_of(struct vocabulary *v, const char *text) {
        _cleanup_text_ struct text errors = TEXT_INIT;
        struct policy *p = NULL;
        int r;

        r = grant_file_parse("dir/test.grant", text, strlen(text), v, &errors, &p);
        if (r != 0)
                print_message("%s", text_get(&errors));
        assert_int_equal(r, 0);
        return p;
}

/* xorshift64: small, and the same everywhere. */
struct dice {
        uint64_t state;
};

_unused_ static uint64_t dice_below(struct dice *d, uint64_t n) {
        d->state ^= d->state << 13;
        d->state ^= d->state >> 7;
        d->state ^= d->state << 17;
        return d->state % n;
}

_unused_ static bool dice_one_in(struct dice *d, uint64_t n) {
        return dice_below(d, n) == 0;
}

_unused_ static void random_names(struct dice *d, struct vocabulary *v, enum name_kind kind,
                                  struct name_set *s) {
        uint32_t end = vocabulary_end(v, kind);

        if (dice_one_in(d, 6)) {
                s->any = true;
                return;
        }
        for (uint64_t n = dice_below(d, 6); n > 0; n--) {
                uint32_t value = (uint32_t)dice_below(d, end);

                if (vocabulary_name(v, kind, value))
                        name_set_add(s, value);
        }
}

_unused_ static void random_words(struct dice *d, struct word_list *l, const char *const *words,
                                  size_t n_words) {
        if (dice_one_in(d, 2))
                return;
        for (size_t i = 0; i < n_words && l->n_words < WORDS_MAX; i++)
                if (dice_one_in(d, 3))
                        l->words[l->n_words++] = strdup(words[i]);
}

static const char *const some_cgroups[] = {"/", "/a", "/a/b", "/a/b/c", "/ab", "/b", "/b/c"};
static const char *const some_interfaces[] = {"eth0", "lo", "veth1"};
static const char *const some_tracepoints[] = {"syscalls:sys_enter_openat", "sched:sched_switch"};

/* Lists and the commands that use them come together; see grant_rules.c. */
_unused_ static void random_agreement(struct policy *p) {
        if (p->commands.any)
                return;
        if (name_set_is_empty(&p->maps))
                p->commands.bits[0] &= ~(UINT64_C(1) << BPF_MAP_CREATE);
        else
                name_set_add(&p->commands, BPF_MAP_CREATE);
        if (name_set_is_empty(&p->programs))
                p->commands.bits[0] &= ~(UINT64_C(1) << BPF_PROG_LOAD);
        else
                name_set_add(&p->commands, BPF_PROG_LOAD);
        if (name_set_is_empty(&p->attach))
                p->commands.bits[0] &= ~(UINT64_C(1) << BPF_LINK_CREATE | UINT64_C(1) << BPF_PROG_ATTACH |
                                         UINT64_C(1) << BPF_RAW_TRACEPOINT_OPEN);
        else
                name_set_add(&p->commands, BPF_LINK_CREATE);
        if (name_set_is_empty(&p->commands))
                name_set_add(&p->commands, BPF_BTF_LOAD);
}

_unused_ static void random_verifier(struct dice *d, struct policy *p) {
        bool needs_trust = p->programs.any;

        for (uint32_t type = 0; type < NAME_VALUES_MAX; type++)
                needs_trust |= name_set_names(&p->programs, type) && prog_type_is_tracing(type);
        if (needs_trust || dice_one_in(d, 3))
                p->verifier = VERIFIER_TRUSTED;
}

_unused_ static void random_budget(struct dice *d, struct policy *p) {
        static const uint64_t units[] = {1, 1000, 1024, 1000000, 1 << 20, UINT64_C(3600000000000)};

        for (size_t item = 0; item < N_BUDGET_ITEMS; item++) {
                if (dice_one_in(d, 2))
                        continue;
                p->budget[item] = dice_below(d, 9) * units[dice_below(d, ARRAY_SIZE(units))];
                if (dice_one_in(d, 20))
                        p->budget[item] = UINT64_MAX - 1;
        }
        if (p->budget[BUDGET_TIME] == 0)
                p->budget[BUDGET_TIME] = 1;
        for (uint32_t type = 0; type < NAME_VALUES_MAX; type++) {
                const struct map_shape shape = {
                        .type = type, .key_size = 4, .value_size = 4, .max_entries = 1};

                if (name_set_names(&p->maps, type) && map_bytes_max(&shape, 1) == UINT64_MAX)
                        p->budget[BUDGET_MAP_BYTES] = BUDGET_NONE;
        }
}

_unused_ static void random_access(struct dice *d, struct access_rules *a) {
        static const char *const pins[] = {"/sys/fs/bpf", "/sys/fs/bpf/a", "/sys/fs/bpf/ab"};

        if (dice_one_in(d, 3))
                a->user = strdup("nobody");
        if (dice_one_in(d, 3))
                a->group = strdup("1000");
        if (dice_one_in(d, 3))
                a->mode = (uint32_t)dice_below(d, 0777) + 1;
        if (dice_one_in(d, 3))
                a->holders = (uint32_t)dice_below(d, UINT32_MAX) + 1;
        a->derive = dice_one_in(d, 2);
        if (dice_one_in(d, 3))
                a->pins = strdup(pins[dice_below(d, ARRAY_SIZE(pins))]);
}

_unused_ static struct policy *policy_random(struct dice *d, struct vocabulary *v) {
        struct policy *p;

        assert_int_equal(policy_new(&p), 0);
        random_names(d, v, NAME_COMMAND, &p->commands);
        random_names(d, v, NAME_MAP_TYPE, &p->maps);
        random_names(d, v, NAME_PROG_TYPE, &p->programs);
        random_names(d, v, NAME_ATTACH_TYPE, &p->attach);
        random_agreement(p);
        random_verifier(d, p);
        random_words(d, &p->reach.cgroups, some_cgroups, ARRAY_SIZE(some_cgroups));
        random_words(d, &p->reach.interfaces, some_interfaces, ARRAY_SIZE(some_interfaces));
        random_words(d, &p->reach.tracepoints, some_tracepoints, ARRAY_SIZE(some_tracepoints));
        random_budget(d, p);
        random_access(d, &p->access);
        return p;
}
