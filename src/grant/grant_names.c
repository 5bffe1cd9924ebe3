/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Lists of kernel names. A name that is not known is the mistake that people
 * make most, so the message tries in turn: is it a name of another list, is it
 * a number that belongs below [budget], is a known name near.
 */

#include "grant/grant_parser.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "grant/grant_line.h"

static const struct {
        enum policy_key key;
        enum name_kind kind;
} name_keys[] = {
        {KEY_COMMANDS, NAME_COMMAND},
        {KEY_MAPS, NAME_MAP_TYPE},
        {KEY_PROGRAMS, NAME_PROG_TYPE},
        {KEY_ATTACH, NAME_ATTACH_TYPE},
};

/* Whether it was a name of another list, and was reported as that. */
static bool report_misplaced(struct grant_parser *g, const struct grant_value *v, enum name_kind kind,
                             const char *word) {
        for (size_t i = 0; i < ARRAY_SIZE(name_keys); i++) {
                uint32_t value;

                if (name_keys[i].kind == kind ||
                    vocabulary_value(g->vocabulary, name_keys[i].kind, word, &value) != 0)
                        continue;
                diagnostics_add(&g->errors, g->line, value_column(v, word),
                                "%s is not a known %s but %s %s: it belongs to \"%s\"", QUOTE(word),
                                name_kind_noun(kind), name_keys[i].kind == NAME_ATTACH_TYPE ? "an" : "a",
                                name_kind_noun(name_keys[i].kind), policy_key_name(name_keys[i].key));
                return true;
        }
        return false;
}

static void report_unknown_name(struct grant_parser *g, const struct grant_value *v, enum name_kind kind,
                                const char *word) {
        bool is_number = isdigit((unsigned char)word[0]) && (v->key == KEY_MAPS || v->key == KEY_PROGRAMS);
        const char *nearest;

        if (diagnostics_is_full(&g->errors)) {
                diagnostics_add(&g->errors, g->line, value_column(v, word), "%s", word);
                return;
        }
        if (report_misplaced(g, v, kind, word))
                return;
        nearest = vocabulary_nearest(g->vocabulary, kind, word);
        if (nearest)
                diagnostics_add(&g->errors, g->line, value_column(v, word),
                                "%s is not a known %s: did you mean \"%s\"?", QUOTE(word),
                                name_kind_noun(kind), nearest);
        else
                diagnostics_add(&g->errors, g->line, value_column(v, word), "%s is not a known %s%s",
                                QUOTE(word), name_kind_noun(kind),
                                is_number ? ": how many there may be is said below [budget]" : "");
}

/* One word of a list; false if the rest of the list is not worth reading. */
static bool read_name(struct grant_parser *g, const struct grant_value *v, enum name_kind kind,
                      struct name_set *set, const char *word) {
        uint32_t value;

        if (word_is_comment(word)) {
                value_report_comment(g, v, word);
                return false;
        }
        if (strchr(word, ',')) {
                diagnostics_add(&g->errors, g->line, value_column(v, strchr(word, ',')),
                                "names are separated by blanks, not by commas");
                return false;
        }
        if (vocabulary_value(g->vocabulary, kind, word, &value) != 0) {
                report_unknown_name(g, v, kind, word);
                return true;
        }
        if (name_set_names(set, value))
                diagnostics_add(&g->errors, g->line, value_column(v, word), "%s is given twice",
                                QUOTE(word));
        name_set_add(set, value);
        return true;
}

void grant_names_read(struct grant_parser *g, const struct grant_value *v, enum name_kind kind,
                      struct name_set *set) {
        char *cursor = v->text, *word, *any = NULL;
        size_t n_words = 0;

        while ((word = grant_line_next_word(&cursor))) {
                n_words++;
                if (strcasecmp(word, "any") == 0)
                        any = word;
                else if (!read_name(g, v, kind, set, word))
                        return;
        }
        set->any = any;
        if (any && n_words > 1)
                diagnostics_add(&g->errors, g->line, value_column(v, any),
                                "\"any\" means every %s: no other word may stand beside it",
                                name_kind_noun(kind));
}
