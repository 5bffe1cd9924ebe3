/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rules about a whole grant file. Each finds a file that would be read without
 * complaint and then not do what it says: a type that no granted command can
 * use, a command that no granted type serves, a limit that cannot hold. A rule
 * is not drawn from a value that has an error of its own.
 */

#include "grant/grant_parser.h"

#include <linux/bpf.h>

#include "grant/traits.h"

/* Whether the key is there and its value was understood. */
static bool is_sound(const struct grant_parser *g, enum policy_key key) {
        return g->policy->lines[key] > 0 && !g->broken[key];
}

/* The names of a set that satisfy a trait: "kprobe tracing". */
static void append_names(struct grant_parser *g, const struct name_set *set, enum name_kind kind,
                         bool (*has_trait)(uint32_t), struct text *out) {
        for (uint32_t value = 0; value < NAME_VALUES_MAX; value++) {
                const char *name = NULL;

                if (name_set_names(set, value) && has_trait(value))
                        name = vocabulary_name(g->vocabulary, kind, value);
                if (name)
                        text_append(out, "%s%s", out->length > 0 ? " " : "", name);
        }
        g->failed |= out->failed;
}

static bool is_tracing(uint32_t prog_type) {
        return prog_type_is_tracing(prog_type);
}

static void check_tracing(struct grant_parser *g) {
        const struct policy *p = g->policy;
        _cleanup_text_ struct text names = TEXT_INIT;

        if (!is_sound(g, KEY_PROGRAMS) || g->broken[KEY_VERIFIER] || p->verifier == VERIFIER_TRUSTED)
                return;
        if (p->programs.any)
                text_append(&names, "any (with it every tracing type)");
        else
                append_names(g, &p->programs, NAME_PROG_TYPE, is_tracing, &names);
        if (names.length > 0)
                diagnostics_add(
                        &g->errors, p->lines[KEY_PROGRAMS], g->columns[KEY_PROGRAMS],
                        "tracing programs can read kernel memory, and so need \"verifier = trusted\": "
                        "%s",
                        text_get(&names));
}

static bool is_unbounded(uint32_t map_type) {
        const struct map_shape shape = {.type = map_type, .key_size = 4, .value_size = 4, .max_entries = 1};

        return map_bytes_max(&shape, /* cpus= */ 1) == UINT64_MAX;
}

static void check_map_bytes(struct grant_parser *g) {
        const struct policy *p = g->policy;
        _cleanup_text_ struct text names = TEXT_INIT;

        if (!is_sound(g, KEY_MAPS) || p->lines[KEY_BUDGET_MAP_BYTES] == 0)
                return;
        append_names(g, &p->maps, NAME_MAP_TYPE, is_unbounded, &names);
        if (names.length > 0)
                diagnostics_add(
                        &g->errors, p->lines[KEY_MAPS], g->columns[KEY_MAPS],
                        "\"map-bytes\" (line %u) cannot bound maps that grow with other objects of the "
                        "host: %s",
                        p->lines[KEY_BUDGET_MAP_BYTES], text_get(&names));
}

static bool has_any_command(const struct policy *p, const uint32_t *commands, size_t n_commands) {
        for (size_t i = 0; i < n_commands; i++)
                if (name_set_has(&p->commands, commands[i]))
                        return true;
        return false;
}

/*
 * Names and the commands that use them need one another. `users` are all
 * commands for which the list matters; without the list each of the first
 * `n_needy` would always be refused.
 */
struct pairing {
        enum policy_key key;
        const char *nouns;
        const char *wanted; /* the commands to name */
        uint32_t users[6];
        size_t n_users, n_needy;
};

static const struct pairing pairings[] = {
        {KEY_MAPS, "map types", "map_create", {BPF_MAP_CREATE}, 1, 1},
        {KEY_PROGRAMS, "program types", "prog_load", {BPF_PROG_LOAD}, 1, 1},
        /* Some programs are loaded for an attach type, so prog_load has a use for the list too. */
        {KEY_ATTACH,
         "attach types",
         "link_create, prog_attach, raw_tracepoint_open or prog_load",
         {BPF_LINK_CREATE, BPF_PROG_ATTACH, BPF_RAW_TRACEPOINT_OPEN, BPF_PROG_DETACH, BPF_PROG_QUERY,
          BPF_PROG_LOAD},
         6,
         3},
};

static void check_pairing(struct grant_parser *g, const struct pairing *pair) {
        const struct policy *p = g->policy;

        if (!is_sound(g, KEY_COMMANDS) || p->commands.any)
                return;
        if (is_sound(g, pair->key) && !has_any_command(p, pair->users, pair->n_users))
                diagnostics_add(&g->errors, p->lines[pair->key], g->columns[pair->key],
                                "%s are named, but \"commands\" (line %u) lacks %s", pair->nouns,
                                p->lines[KEY_COMMANDS], pair->wanted);
        for (size_t i = 0; i < pair->n_needy && p->lines[pair->key] == 0; i++)
                if (name_set_has(&p->commands, pair->users[i]))
                        diagnostics_add(
                                &g->errors, p->lines[KEY_COMMANDS], g->columns[KEY_COMMANDS],
                                "%s is granted, but no %s: a line \"%s = ...\" is missing below [grant]",
                                vocabulary_name(g->vocabulary, NAME_COMMAND, pair->users[i]), pair->nouns,
                                policy_key_name(pair->key));
}

void grant_rules_check(struct grant_parser *g) {
        check_tracing(g);
        check_map_bytes(g);
        for (size_t i = 0; i < ARRAY_SIZE(pairings); i++)
                check_pairing(g, &pairings[i]);
}
