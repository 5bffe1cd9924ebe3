/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A grant file is read line by line, once, from a private copy that is cut up
 * in place. Errors are collected and reading goes on: a section that is not
 * known hides its keys, a key that is wrong hides nothing else. When all lines
 * are read the whole is judged (grant_rules.c), and only a file without any
 * error becomes a policy.
 */

#include "grant/grant_file.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "grant/grant_line.h"
#include "grant/grant_parser.h"

/* Where the lines that are being read belong. */
enum {
        SECTION_NONE = -1,    /* before the first section */
        SECTION_UNKNOWN = -2, /* below a head that was wrong: its keys cannot be judged */
};

struct reader {
        struct grant_parser parser;
        int section;          /* enum policy_section, or one of the above */
        bool is_section_lost; /* a head was wrong: it may have been the one that seems to be missing */
        bool is_key_lost;     /* the same of a line below [grant] */
};

/* The line could not be understood: what it should have said cannot be told. */
static void lose_line(struct reader *r) {
        if (r->section == SECTION_GRANT)
                r->is_key_lost = true;
}

static void report_section(struct reader *r, const struct grant_line *l) {
        const char *names[N_POLICY_SECTIONS], *nearest;

        for (size_t i = 0; i < N_POLICY_SECTIONS; i++)
                names[i] = policy_section_name((enum policy_section)i);
        nearest = nearest_word(l->name, names, N_POLICY_SECTIONS);
        if (nearest)
                diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                                "unknown section %s: did you mean [%s]?", QUOTE(l->name), nearest);
        else
                diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                                "unknown section %s: there are [grant], [reach], [budget] and [access]",
                                QUOTE(l->name));
        r->section = SECTION_UNKNOWN;
        r->is_section_lost = true;
}

static void read_section(struct reader *r, const struct grant_line *l) {
        struct policy *p = r->parser.policy;

        for (int i = 0; i < N_POLICY_SECTIONS; i++) {
                if (strcmp(l->name, policy_section_name((enum policy_section)i)) != 0)
                        continue;
                if (p->section_lines[i] > 0)
                        diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                                        "section [%s] stands twice, first in line %u", l->name,
                                        p->section_lines[i]);
                else
                        p->section_lines[i] = r->parser.line;
                r->section = i;
                return;
        }
        report_section(r, l);
}

/* The key of this name in this section, or N_POLICY_KEYS. */
static enum policy_key find_key(int section, const char *name) {
        for (enum policy_key key = 0; key < N_POLICY_KEYS; key++)
                if ((int)policy_key_section(key) == section && strcmp(policy_key_name(key), name) == 0)
                        return key;
        return N_POLICY_KEYS;
}

static const char *nearest_key(int section, const char *name) {
        const char *names[N_POLICY_KEYS];
        size_t n = 0;

        for (enum policy_key key = 0; key < N_POLICY_KEYS; key++)
                if ((int)policy_key_section(key) == section)
                        names[n++] = policy_key_name(key);
        return nearest_word(name, names, n);
}

static void report_key(struct reader *r, const struct grant_line *l) {
        const char *section = policy_section_name((enum policy_section)r->section);
        const char *nearest = nearest_key(r->section, l->name);

        for (int other = 0; other < N_POLICY_SECTIONS; other++) {
                if (find_key(other, l->name) == N_POLICY_KEYS)
                        continue;
                diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                                "\"%s\" does not belong to [%s] but to [%s]", l->name, section,
                                policy_section_name((enum policy_section)other));
                return;
        }
        if (!nearest) {
                diagnostics_add(&r->parser.errors, r->parser.line, l->column, "unknown key %s in [%s]",
                                QUOTE(l->name), section);
                return;
        }
        diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                        "unknown key %s in [%s]: did you mean \"%s\"?", QUOTE(l->name), section, nearest);
        lose_line(r);
}

static void report_outside(struct reader *r, const struct grant_line *l) {
        diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                        "%s stands outside of a section: a line such as [grant] must come before it",
                        QUOTE(l->name));
        r->section = SECTION_UNKNOWN;
        r->is_section_lost = true;
}

/* The key of the line if it may stand here for the first time; else reports it. */
static enum policy_key identify_key(struct reader *r, const struct grant_line *l) {
        enum policy_key key;

        if (r->section == SECTION_NONE)
                report_outside(r, l);
        if (r->section == SECTION_UNKNOWN)
                return N_POLICY_KEYS;
        key = find_key(r->section, l->name);
        if (key == N_POLICY_KEYS) {
                report_key(r, l);
                return key;
        }
        if (r->parser.policy->lines[key] > 0) {
                diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                                "\"%s\" stands twice, first in line %u", l->name,
                                r->parser.policy->lines[key]);
                return N_POLICY_KEYS;
        }
        r->parser.policy->lines[key] = r->parser.line;
        r->parser.columns[key] = l->value_column;
        return key;
}

static void read_key(struct reader *r, const struct grant_line *l) {
        enum policy_key key = identify_key(r, l);

        if (key == N_POLICY_KEYS)
                return;
        if (l->kind == LINE_KEY) {
                grant_value_parse(&r->parser, key, l->value, l->value_column);
                return;
        }
        r->parser.broken[key] = true;
        diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                        "\"%s\" has no value: give one, or take out the line", l->name);
}

/* `start` is the line's offset in the file, `c` the byte that is wrong. */
static void report_byte(struct reader *r, const struct grant_line *l, size_t start, unsigned char c) {
        size_t offset = start + l->column - 1;

        diagnostics_add(&r->parser.errors, r->parser.line, l->column,
                        l->kind == LINE_E_CONTROL
                                ? "byte 0x%02x at offset %zu is a control character: a grant "
                                  "file is plain text"
                                : "byte 0x%02x at offset %zu is not UTF-8",
                        c, offset);
        lose_line(r);
}

static void report_syntax(struct reader *r, const struct grant_line *l, const char *message) {
        diagnostics_add(&r->parser.errors, r->parser.line, l->column, "%s", message);
        lose_line(r);
}

static void read_line(struct reader *r, char *text, size_t start, size_t length) {
        struct grant_line l = grant_line_parse(text + start, length);

        switch (l.kind) {
        case LINE_BLANK:
                break;
        case LINE_SECTION:
                read_section(r, &l);
                break;
        case LINE_KEY:
        case LINE_E_NO_VALUE:
                read_key(r, &l);
                break;
        case LINE_E_CONTROL:
        case LINE_E_ENCODING:
                report_byte(r, &l, start, (unsigned char)text[start + l.column - 1]);
                break;
        case LINE_E_SECTION_OPEN:
        case LINE_E_SECTION_EMPTY:
                report_syntax(r, &l, "a section's head is a name in brackets, as in [grant]");
                r->section = SECTION_UNKNOWN;
                r->is_section_lost = true;
                break;
        case LINE_E_SECTION_JUNK:
                report_syntax(r, &l, "nothing may follow a section's head on its line");
                read_section(r, &l);
                break;
        case LINE_E_NO_EQUALS:
                report_syntax(r, &l,
                              "\"=\" is missing: a line is \"key = value\", \"[section]\" or a comment");
                break;
        case LINE_E_NO_KEY:
                report_syntax(r, &l, "the key before \"=\" is missing");
                break;
        }
}

/* Editors of other systems put it at the start of a file, where nobody can see it. */
static size_t skip_byte_order_mark(struct reader *r, const char *text, size_t size) {
        static const char mark[] = "\xef\xbb\xbf";

        if (size < 3 || memcmp(text, mark, 3) != 0)
                return 0;
        diagnostics_add(&r->parser.errors, 1, 1, "the file begins with a byte order mark: save it without");
        return 3;
}

static void read_lines(struct reader *r, char *text, size_t size) {
        for (size_t start = skip_byte_order_mark(r, text, size); start < size && !r->parser.failed;) {
                const char *newline = memchr(text + start, '\n', size - start);
                size_t length = newline ? (size_t)(newline - (text + start)) : size - start;

                r->parser.line++;
                read_line(r, text, start, length);
                start += length + 1;
        }
}

/* What every grant file has. Where a line was lost, it may be what seems to be missing. */
static void check_present(struct reader *r) {
        const struct policy *p = r->parser.policy;

        if (p->section_lines[SECTION_GRANT] == 0 && !r->is_section_lost)
                diagnostics_add(&r->parser.errors, 1, 1,
                                "a grant file needs a section [grant] with at least \"commands\" in it");
        else if (p->section_lines[SECTION_GRANT] > 0 && p->lines[KEY_COMMANDS] == 0 && !r->is_key_lost)
                diagnostics_add(&r->parser.errors, p->section_lines[SECTION_GRANT], 1,
                                "[grant] has no \"commands\": without them nothing is granted");
}

/* "web" for "/etc/bpfgrant/grants.d/web.grant". */
static int name_of_file(const char *file, char **ret_name) {
        const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
        static const char suffix[] = ".grant";
        size_t n = strlen(base), n_suffix = sizeof(suffix) - 1;

        if (n > n_suffix && strcmp(base + n - n_suffix, suffix) == 0)
                n -= n_suffix;
        *ret_name = strndup(base, n);
        return *ret_name ? 0 : -ENOMEM;
}

static int read_file(struct reader *r, const char *text, size_t size) {
        _cleanup_free_ char *copy = NULL;

        if (size == 0) {
                diagnostics_add(&r->parser.errors, 1, 1,
                                "the file is empty: a grant file needs a section [grant] with at least "
                                "\"commands\" in it");
                return 0;
        }
        if (size > GRANT_FILE_SIZE_MAX) {
                diagnostics_add(
                        &r->parser.errors, 1, 1,
                        "the file has %zu bytes, and a grant file at most %zu: this is something else", size,
                        GRANT_FILE_SIZE_MAX);
                return 0;
        }
        copy = malloc(size + 1);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, text, size);
        read_lines(r, copy, size);
        check_present(r);
        grant_rules_check(&r->parser);
        return r->parser.failed || r->parser.errors.failed ? -ENOMEM : 0;
}

static int policy_for_file(const char *file, struct policy **ret_policy) {
        _cleanup_policy_ struct policy *p = NULL;
        int r;

        r = policy_new(&p);
        if (r < 0)
                return r;
        p->file = strdup(file);
        if (!p->file)
                return -ENOMEM;
        r = name_of_file(file, &p->name);
        if (r < 0)
                return r;
        *ret_policy = steal_ptr(p);
        return 0;
}

int grant_file_parse(const char *file, const char *text, size_t size, struct vocabulary *v,
                     struct text *errors, struct policy **ret_policy) {
        _cleanup_policy_ struct policy *p = NULL;
        struct reader reader = {.section = SECTION_NONE};
        int r;

        r = policy_for_file(file, &p);
        if (r < 0)
                return r;
        reader.parser.vocabulary = v;
        reader.parser.policy = p;
        r = read_file(&reader, text, size);
        if (r == 0 && reader.parser.errors.n_found > 0) {
                diagnostics_print(&reader.parser.errors, file, errors);
                r = errors->failed ? -ENOMEM : GRANT_FILE_E_INVALID;
        }
        diagnostics_deinit(&reader.parser.errors);
        if (r == 0)
                *ret_policy = steal_ptr(p);
        return r;
}
