/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The sentence for a refusal: what was refused and why, then what to change.
 * Where a line of the grant file would mend it, the advice quotes the words and
 * the place; where none would, it says what would help instead. A call that
 * lacks several things is told all of them at once, so that the second attempt
 * is not refused for the next word.
 */

#include "grant/decide.h"

#include <inttypes.h>

struct sentence {
        const struct policy *policy;
        struct vocabulary *vocabulary;
        const struct ask *ask;
        struct text *out;
};

/* "ringbuf", or "number 77" for a value without a name. */
static void say_name(const struct sentence *s, enum name_kind kind, uint32_t value) {
        const char *name = vocabulary_name(s->vocabulary, kind, value);

        if (name)
                text_append(s->out, "%s", name);
        else
                text_append(s->out, "number %" PRIu32, value);
}

/* " (counter.grant:6)"; without a file there is nothing to point at. */
static void say_place(const struct sentence *s, unsigned line) {
        if (s->policy->file && line > 0)
                text_append(s->out, " (%s:%u)", s->policy->file, line);
}

static const struct name_set *key_set(const struct policy *p, enum name_kind kind,
                                      enum policy_key *ret_key) {
        switch (kind) {
        case NAME_COMMAND:
                *ret_key = KEY_COMMANDS;
                return &p->commands;
        case NAME_MAP_TYPE:
                *ret_key = KEY_MAPS;
                return &p->maps;
        case NAME_PROG_TYPE:
                *ret_key = KEY_PROGRAMS;
                return &p->programs;
        case NAME_ATTACH_TYPE:
        case N_NAME_KINDS:
                break;
        }
        *ret_key = KEY_ATTACH;
        return &p->attach;
}

/* Says what adds the name to its list, after `before`; nothing if it is there. */
static void advise_name(const struct sentence *s, const char *before, enum name_kind kind, uint32_t value) {
        const char *name = vocabulary_name(s->vocabulary, kind, value);
        const struct policy *p = s->policy;
        enum policy_key key;
        const struct name_set *set = key_set(p, kind, &key);

        if (name_set_has(set, value))
                return;
        text_append(s->out, "%s", before);
        if (!name) {
                text_append(s->out, "this kernel's names do not have it, only \"%s = any\" would grant it",
                            policy_key_name(key));
                say_place(s, p->lines[key]);
        } else if (p->lines[key] > 0) {
                text_append(s->out, "add \"%s\" to \"%s\"", name, policy_key_name(key));
                say_place(s, p->lines[key]);
        } else {
                text_append(s->out, "add a line \"%s = %s\" below [grant]", policy_key_name(key), name);
                say_place(s, p->section_lines[SECTION_GRANT]);
        }
}

static void advise_verifier(const struct sentence *s) {
        const struct policy *p = s->policy;

        if (!prog_type_is_tracing(s->ask->prog_type) || p->verifier == VERIFIER_TRUSTED)
                return;
        text_append(s->out,
                    ", and a line \"verifier = trusted\", since tracing programs can read kernel memory");
        say_place(s, p->lines[KEY_VERIFIER] > 0 ? p->lines[KEY_VERIFIER] : p->section_lines[SECTION_GRANT]);
}

/* What else the call would be refused for after its command was granted. */
static void advise_types(const struct sentence *s, const char *before) {
        const struct ask *a = s->ask;

        if (a->makes_map)
                advise_name(s, before, NAME_MAP_TYPE, a->map.type);
        if (a->loads_program) {
                advise_name(s, before, NAME_PROG_TYPE, a->prog_type);
                if (!name_set_has(&s->policy->programs, a->prog_type))
                        advise_verifier(s);
                if (a->names_attach_type)
                        advise_name(s, before, NAME_ATTACH_TYPE,
                                    prog_attach_type_at_load(a->prog_type, a->prog_attach_type));
        }
        if (a->attaches)
                advise_name(s, before, NAME_ATTACH_TYPE, a->attach_type);
}

static void explain_expired(const struct sentence *s) {
        const struct policy *p = s->policy;

        text_append(s->out, "the grant's time is over");
        if (p->budget[BUDGET_TIME] == BUDGET_NONE)
                return;
        text_append(s->out, ": start again under it, or raise [budget] time = ");
        budget_limit_print(BUDGET_TIME, p->budget[BUDGET_TIME], s->out);
        say_place(s, p->lines[KEY_BUDGET_TIME]);
}

static void explain_command(const struct sentence *s) {
        text_append(s->out, "command ");
        say_name(s, NAME_COMMAND, s->ask->command);
        text_append(s->out, " is not granted");
        advise_name(s, ": ", NAME_COMMAND, s->ask->command);
        advise_types(s, ", and ");
}

static void explain_map_type(const struct sentence *s) {
        text_append(s->out, "map type ");
        say_name(s, NAME_MAP_TYPE, s->ask->map.type);
        text_append(s->out, " is not granted");
        advise_name(s, ": ", NAME_MAP_TYPE, s->ask->map.type);
}

static void explain_map_unbounded(const struct sentence *s) {
        text_append(s->out, "map type ");
        say_name(s, NAME_MAP_TYPE, s->ask->map.type);
        text_append(s->out, " grows with other objects of the host, so [budget] map-bytes cannot bound it: "
                            "use another type, or take out the line \"map-bytes\"");
        say_place(s, s->policy->lines[KEY_BUDGET_MAP_BYTES]);
}

static void explain_prog_type(const struct sentence *s) {
        text_append(s->out, "program type ");
        say_name(s, NAME_PROG_TYPE, s->ask->prog_type);
        text_append(s->out, " is not granted");
        advise_name(s, ": ", NAME_PROG_TYPE, s->ask->prog_type);
        advise_verifier(s);
        if (s->ask->names_attach_type)
                advise_name(s, ", and ", NAME_ATTACH_TYPE,
                            prog_attach_type_at_load(s->ask->prog_type, s->ask->prog_attach_type));
}

static void explain_prog_attach_type(const struct sentence *s) {
        uint32_t attach_type = prog_attach_type_at_load(s->ask->prog_type, s->ask->prog_attach_type);

        text_append(s->out, "a program of type ");
        say_name(s, NAME_PROG_TYPE, s->ask->prog_type);
        text_append(s->out, " is loaded for attach type ");
        say_name(s, NAME_ATTACH_TYPE, attach_type);
        text_append(s->out, ", which is not granted");
        advise_name(s, ": ", NAME_ATTACH_TYPE, attach_type);
}

static void explain_read_only_map(const struct sentence *s) {
        text_append(s->out, "the program uses a map through a descriptor that is not for both reading and "
                            "writing, and a program could do both: give it a descriptor of the map that "
                            "was opened for reading and writing");
}

/* The first line of [reach] that there is. */
static void say_reach(const struct sentence *s) {
        for (enum policy_key key = 0; key < N_POLICY_KEYS; key++) {
                if (policy_key_section(key) != SECTION_REACH || s->policy->lines[key] == 0)
                        continue;
                say_place(s, s->policy->lines[key]);
                return;
        }
}

static void explain_signed(const struct sentence *s) {
        text_append(s->out, "the program is signed, and [reach] changes its instructions, so that the "
                            "signature would not hold: load it without a signature, or take out [reach]");
        say_reach(s);
}

static void explain_attach_type(const struct sentence *s) {
        text_append(s->out, "attach type ");
        say_name(s, NAME_ATTACH_TYPE, s->ask->attach_type);
        text_append(s->out, " is not granted");
        advise_name(s, ": ", NAME_ATTACH_TYPE, s->ask->attach_type);
}

static void say_words(const struct sentence *s, const struct word_list *l) {
        for (size_t i = 0; i < l->n_words; i++)
                text_append(s->out, " %s", l->words[i]);
}

static void explain_target_reach(const struct sentence *s) {
        bool is_cgroup = s->ask->target == TARGET_CGROUP;
        enum policy_key key = is_cgroup ? KEY_REACH_CGROUP : KEY_REACH_INTERFACE;

        text_append(s->out, "the %s is outside the grant's reach: attach within [reach] %s =",
                    is_cgroup ? "cgroup" : "interface", policy_key_name(key));
        say_words(s, is_cgroup ? &s->policy->reach.cgroups : &s->policy->reach.interfaces);
        text_append(s->out, ", or add to it");
        say_place(s, s->policy->lines[key]);
}

static void explain_target_kind(const struct sentence *s) {
        enum ask_target target = s->ask->target;

        if (target == TARGET_CGROUP || target == TARGET_INTERFACE) {
                const char *noun = target == TARGET_CGROUP ? "cgroup" : "interface";

                text_append(s->out,
                            "[reach] names no %s, so nothing may be attached to one: add a line \"%s = %s\" "
                            "below [reach]",
                            noun, noun, target == TARGET_CGROUP ? "PATH" : "NAME");
                say_place(s, s->policy->section_lines[SECTION_REACH]);
                return;
        }
        if (target == TARGET_NONE)
                text_append(s->out, "the target of the attachment could not be found out, so it cannot be "
                                    "held against [reach]: name one that exists, or take out [reach]");
        else
                text_append(s->out,
                            "the target is neither a cgroup nor a network interface, so [reach] cannot "
                            "confine it: take out [reach], if that much may be granted");
        say_reach(s);
}

static void explain_foreign_program(const struct sentence *s) {
        text_append(s->out, "the program was not loaded under this grant, so it is not confined to the "
                            "grant's reach: load it under the grant, or take out [reach]");
        say_reach(s);
}

static void explain_foreign_object(const struct sentence *s) {
        text_append(s->out,
                    "the id belongs to an object that was not made under this grant: under a grant "
                    "only its own objects can be opened by id; ask the object's owner for a descriptor");
}

static void explain_netns(const struct sentence *s) {
        text_append(s->out,
                    "the interface is named by its index in another network namespace than the one in "
                    "which the grant was taken: enter the namespace first, then run under the grant");
}

static uint64_t asked_amount(const struct ask *a, enum budget_item item) {
        if (item == BUDGET_MAP_BYTES)
                return a->map_bytes;
        return item == BUDGET_INSTRUCTIONS ? a->instructions : 1;
}

static void explain_budget(const struct sentence *s, enum budget_item item, const char *remedy) {
        const struct policy *p = s->policy;
        enum policy_key key = budget_item_key(item);
        uint64_t limit = p->budget[item], asked = asked_amount(s->ask, item);
        bool is_plain = item != BUDGET_MAP_BYTES && item != BUDGET_INSTRUCTIONS;

        text_append(s->out, "[budget] %s = ", policy_key_name(key));
        budget_limit_print(item, limit, s->out);
        if (is_plain && limit > 0)
                text_append(s->out, " is used up");
        else if (is_plain)
                text_append(s->out, " grants none");
        else
                text_append(s->out,
                            asked > limit ? " is too little for %" PRIu64 " %s"
                                          : " has too little left for %" PRIu64 " %s",
                            asked, item == BUDGET_MAP_BYTES ? "bytes" : "instructions");
        say_place(s, p->lines[key]);
        text_append(s->out, ": raise it%s%s", limit >= asked ? ", or " : "", limit >= asked ? remedy : "");
}

void decide_explain(const struct policy *p, struct vocabulary *v, const struct ask *a,
                    enum decide_verdict verdict, struct text *out) {
        const struct sentence s = {.policy = p, .vocabulary = v, .ask = a, .out = out};

        switch (verdict) {
        case DECIDE_ALLOW:
        case N_DECIDE_VERDICTS:
                text_append(out, "the grant allows it");
                break;
        case DECIDE_E_EXPIRED:
                explain_expired(&s);
                break;
        case DECIDE_E_COMMAND:
                explain_command(&s);
                break;
        case DECIDE_E_MAP_TYPE:
                explain_map_type(&s);
                break;
        case DECIDE_E_MAP_UNBOUNDED:
                explain_map_unbounded(&s);
                break;
        case DECIDE_E_PROG_TYPE:
                explain_prog_type(&s);
                break;
        case DECIDE_E_PROG_ATTACH_TYPE:
                explain_prog_attach_type(&s);
                break;
        case DECIDE_E_READ_ONLY_MAP:
                explain_read_only_map(&s);
                break;
        case DECIDE_E_SIGNED:
                explain_signed(&s);
                break;
        case DECIDE_E_ATTACH_TYPE:
                explain_attach_type(&s);
                break;
        case DECIDE_E_TARGET_REACH:
                explain_target_reach(&s);
                break;
        case DECIDE_E_TARGET_KIND:
                explain_target_kind(&s);
                break;
        case DECIDE_E_FOREIGN_PROGRAM:
                explain_foreign_program(&s);
                break;
        case DECIDE_E_FOREIGN_OBJECT:
                explain_foreign_object(&s);
                break;
        case DECIDE_E_NETNS:
                explain_netns(&s);
                break;
        case DECIDE_E_BUDGET_MAPS:
                explain_budget(&s, BUDGET_MAPS, "close maps that are no longer needed");
                break;
        case DECIDE_E_BUDGET_MAP_BYTES:
                explain_budget(&s, BUDGET_MAP_BYTES, "make the map smaller, or close others");
                break;
        case DECIDE_E_BUDGET_PROGRAMS:
                explain_budget(&s, BUDGET_PROGRAMS, "close programs that are no longer needed");
                break;
        case DECIDE_E_BUDGET_INSTRUCTIONS:
                explain_budget(&s, BUDGET_INSTRUCTIONS, "close programs that are no longer needed");
                break;
        case DECIDE_E_BUDGET_LINKS:
                explain_budget(&s, BUDGET_LINKS, "close links that are no longer needed");
                break;
        }
}
