/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Values of a grant file: each key has its reader, named in the table at the
 * end. A reader stores what it has understood and reports the rest; a policy
 * with an error is thrown away, so that it need not be consistent.
 */

#include "grant/grant_parser.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "grant/grant_line.h"
#include "grant/path.h"
#include "grant/quantity.h"

void value_report_comment(struct grant_parser *g, const struct grant_value *v, const char *word) {
        diagnostics_add(&g->errors, g->line, value_column(v, word),
                        "a comment must stand on a line of its own");
}

static void store_string(struct grant_parser *g, char **target, const char *s) {
        *target = strdup(s);
        if (!*target)
                g->failed = true;
}

/* Whether the value is one word; reports what follows it. */
static bool is_single_word(struct grant_parser *g, const struct grant_value *v) {
        char *cursor = v->text, *rest;

        (void)grant_line_next_word(&cursor);
        rest = grant_line_next_word(&cursor);
        if (!rest)
                return true;
        if (word_is_comment(rest))
                value_report_comment(g, v, rest);
        else
                diagnostics_add(&g->errors, g->line, value_column(v, rest),
                                "\"%s\" takes one word, and %s follows it", policy_key_name(v->key),
                                QUOTE(rest));
        return false;
}

/* Lists ------------------------------------------------------------------- */

static void read_commands(struct grant_parser *g, const struct grant_value *v) {
        grant_names_read(g, v, NAME_COMMAND, &g->policy->commands);
}

static void read_maps(struct grant_parser *g, const struct grant_value *v) {
        grant_names_read(g, v, NAME_MAP_TYPE, &g->policy->maps);
}

static void read_programs(struct grant_parser *g, const struct grant_value *v) {
        grant_names_read(g, v, NAME_PROG_TYPE, &g->policy->programs);
}

static void read_attach(struct grant_parser *g, const struct grant_value *v) {
        grant_names_read(g, v, NAME_ATTACH_TYPE, &g->policy->attach);
}

/* Single words ------------------------------------------------------------ */

static void read_description(struct grant_parser *g, const struct grant_value *v) {
        store_string(g, &g->policy->description, v->text);
}

/* Index of the choice, or -1 after reporting. */
static int read_choice(struct grant_parser *g, const struct grant_value *v, const char *const choices[2]) {
        if (!is_single_word(g, v))
                return -1;
        for (int i = 0; i < 2; i++)
                if (strcmp(v->text, choices[i]) == 0)
                        return i;
        diagnostics_add(&g->errors, g->line, v->column, "\"%s\" is %s or %s, not %s",
                        policy_key_name(v->key), choices[0], choices[1], QUOTE(v->text));
        return -1;
}

static void read_verifier(struct grant_parser *g, const struct grant_value *v) {
        if (read_choice(g, v, (const char *const[]) {"strict", "trusted"}) == 1)
                g->policy->verifier = VERIFIER_TRUSTED;
}

static void read_derive(struct grant_parser *g, const struct grant_value *v) {
        g->policy->access.derive = read_choice(g, v, (const char *const[]) {"no", "yes"}) == 1;
}

static void read_user(struct grant_parser *g, const struct grant_value *v) {
        if (is_single_word(g, v))
                store_string(g, &g->policy->access.user, v->text);
}

static void read_group(struct grant_parser *g, const struct grant_value *v) {
        if (is_single_word(g, v))
                store_string(g, &g->policy->access.group, v->text);
}

/* Whether a word is an absolute path in normal form; reports what its normal form would be. */
static bool check_path(struct grant_parser *g, const struct grant_value *v, const char *word) {
        _cleanup_text_ struct text normal = TEXT_INIT;

        if (path_is_normal(word))
                return true;
        path_normalise(word, &normal);
        diagnostics_add(&g->errors, g->line, value_column(v, word),
                        "%s is not an absolute path in normal form: write %s", QUOTE(word),
                        QUOTE(text_get(&normal)));
        return false;
}

static void read_pins(struct grant_parser *g, const struct grant_value *v) {
        if (is_single_word(g, v) && check_path(g, v, v->text))
                store_string(g, &g->policy->access.pins, v->text);
}

/* Lists of places ----------------------------------------------------------- */

/* As dev_valid_name() has it; blanks cannot be in a word. */
static bool check_interface(struct grant_parser *g, const struct grant_value *v, const char *word) {
        size_t n = strlen(word);

        if (n <= 15 && !strpbrk(word, "/:") && strcmp(word, ".") != 0 && strcmp(word, "..") != 0)
                return true;
        diagnostics_add(&g->errors, g->line, value_column(v, word),
                        "%s is not an interface's name: at most 15 bytes, no \"/\", no \":\"", QUOTE(word));
        return false;
}

/* The name becomes a path in tracefs, so it is letters, digits, '_' and '-' only. */
static bool check_tracepoint(struct grant_parser *g, const struct grant_value *v, const char *word) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
        size_t category = strspn(word, letters), name;

        if (category > 0 && word[category] == ':') {
                name = strspn(word + category + 1, letters);
                if (name > 0 && word[category + 1 + name] == '\0')
                        return true;
        }
        diagnostics_add(&g->errors, g->line, value_column(v, word),
                        "%s is not a tracepoint: category:name is expected, as in syscalls:sys_enter_openat",
                        QUOTE(word));
        return false;
}

static bool word_list_has(const struct word_list *l, const char *word) {
        for (size_t i = 0; i < l->n_words; i++)
                if (strcmp(l->words[i], word) == 0)
                        return true;
        return false;
}

static void read_words(struct grant_parser *g, const struct grant_value *v, struct word_list *l,
                       bool (*check)(struct grant_parser *, const struct grant_value *, const char *)) {
        char *cursor = v->text, *word;

        while ((word = grant_line_next_word(&cursor))) {
                if (word_is_comment(word)) {
                        value_report_comment(g, v, word);
                        return;
                }
                if (!check(g, v, word))
                        continue;
                if (word_list_has(l, word)) {
                        diagnostics_add(&g->errors, g->line, value_column(v, word), "%s is given twice",
                                        QUOTE(word));
                        continue;
                }
                if (l->n_words == WORDS_MAX) {
                        diagnostics_add(&g->errors, g->line, value_column(v, word),
                                        "\"%s\" takes at most %d words", policy_key_name(v->key), WORDS_MAX);
                        return;
                }
                store_string(g, &l->words[l->n_words], word);
                if (g->failed)
                        return;
                l->n_words++;
        }
}

static void read_cgroups(struct grant_parser *g, const struct grant_value *v) {
        read_words(g, v, &g->policy->reach.cgroups, check_path);
}

static void read_interfaces(struct grant_parser *g, const struct grant_value *v) {
        read_words(g, v, &g->policy->reach.interfaces, check_interface);
}

static void read_tracepoints(struct grant_parser *g, const struct grant_value *v) {
        read_words(g, v, &g->policy->reach.tracepoints, check_tracepoint);
}

/* Numbers ------------------------------------------------------------------- */

static void report_quantity(struct grant_parser *g, const struct grant_value *v, int problem,
                            const char *units) {
        const char *name = policy_key_name(v->key);

        if (v->text[0] == '-' && isdigit((unsigned char)v->text[1]))
                diagnostics_add(&g->errors, g->line, v->column, "\"%s\" cannot be negative", name);
        else if (problem == QUANTITY_E_NO_NUMBER)
                diagnostics_add(&g->errors, g->line, v->column, "\"%s\" is a number, not %s", name,
                                QUOTE(v->text));
        else if (problem == QUANTITY_E_RANGE)
                diagnostics_add(&g->errors, g->line, v->column, "%s is too large a number", QUOTE(v->text));
        else
                diagnostics_add(&g->errors, g->line, v->column, "%s: %s", QUOTE(v->text), units);
}

/* Whether a number was read; reports it if not. */
static bool read_quantity(struct grant_parser *g, const struct grant_value *v,
                          int (*parse)(const char *, uint64_t *), const char *units, uint64_t *ret_number) {
        int problem;

        if (!is_single_word(g, v))
                return false;
        problem = parse(v->text, ret_number);
        if (problem != 0)
                report_quantity(g, v, problem, units);
        return problem == 0;
}

static bool read_count(struct grant_parser *g, const struct grant_value *v, uint64_t *ret_number) {
        return read_quantity(g, v, count_parse, "nothing may follow the number", ret_number);
}

static void read_budget_count(struct grant_parser *g, const struct grant_value *v) {
        for (enum budget_item item = 0; item < N_BUDGET_ITEMS; item++)
                if (budget_item_key(item) == v->key)
                        (void)read_count(g, v, &g->policy->budget[item]);
}

static void read_budget_bytes(struct grant_parser *g, const struct grant_value *v) {
        (void)read_quantity(g, v, size_parse, "only K, M or G may follow the number",
                            &g->policy->budget[BUDGET_MAP_BYTES]);
}

static void read_budget_time(struct grant_parser *g, const struct grant_value *v) {
        uint64_t time;

        if (!read_quantity(g, v, duration_parse, "a time ends with its unit: s, m, h or d, as in 30s",
                           &time))
                return;
        if (time == 0)
                diagnostics_add(&g->errors, g->line, v->column, "a time of 0 would be over at once");
        g->policy->budget[BUDGET_TIME] = time;
}

static void read_holders(struct grant_parser *g, const struct grant_value *v) {
        uint64_t number;

        if (!read_count(g, v, &number))
                return;
        if (number == 0)
                diagnostics_add(&g->errors, g->line, v->column,
                                "0 would let nobody hold the grant: the least number is 1");
        else if (number > UINT32_MAX)
                report_quantity(g, v, QUANTITY_E_RANGE, "");
        else
                g->policy->access.holders = (uint32_t)number;
}

/* 0 stands for "unset" in a policy, and as a mode it would let nobody in. */
static void read_mode(struct grant_parser *g, const struct grant_value *v) {
        uint32_t mode = 0;
        size_t n;

        if (!is_single_word(g, v))
                return;
        n = strspn(v->text, "01234567");
        for (size_t i = 0; i < n && mode <= 0777; i++)
                mode = mode * 8 + (uint32_t)(v->text[i] - '0');
        if (v->text[n] != '\0' || mode == 0 || mode > 0777)
                diagnostics_add(&g->errors, g->line, v->column,
                                "%s is not a mode: an octal number from 0001 to 0777 is expected",
                                QUOTE(v->text));
        else
                g->policy->access.mode = mode;
}

static void (*const readers[])(struct grant_parser *, const struct grant_value *) = {
        [KEY_DESCRIPTION] = read_description,
        [KEY_COMMANDS] = read_commands,
        [KEY_MAPS] = read_maps,
        [KEY_PROGRAMS] = read_programs,
        [KEY_VERIFIER] = read_verifier,
        [KEY_ATTACH] = read_attach,
        [KEY_REACH_CGROUP] = read_cgroups,
        [KEY_REACH_INTERFACE] = read_interfaces,
        [KEY_REACH_TRACEPOINT] = read_tracepoints,
        [KEY_BUDGET_MAPS] = read_budget_count,
        [KEY_BUDGET_MAP_BYTES] = read_budget_bytes,
        [KEY_BUDGET_PROGRAMS] = read_budget_count,
        [KEY_BUDGET_INSTRUCTIONS] = read_budget_count,
        [KEY_BUDGET_LINKS] = read_budget_count,
        [KEY_BUDGET_TIME] = read_budget_time,
        [KEY_ACCESS_USER] = read_user,
        [KEY_ACCESS_GROUP] = read_group,
        [KEY_ACCESS_MODE] = read_mode,
        [KEY_ACCESS_HOLDERS] = read_holders,
        [KEY_ACCESS_DERIVE] = read_derive,
        [KEY_ACCESS_PINS] = read_pins,
};
static_assert(ARRAY_SIZE(readers) == N_POLICY_KEYS, "every key has its reader");

void grant_value_parse(struct grant_parser *g, enum policy_key key, char *value, unsigned column) {
        size_t errors = g->errors.n_found;

        readers[key](g, &(struct grant_value) {key, value, column});
        g->broken[key] = g->errors.n_found > errors;
}
