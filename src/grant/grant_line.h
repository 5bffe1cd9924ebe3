/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One line of a grant file, taken apart. Columns count bytes and begin at 1.
 */

#include <stddef.h>

enum grant_line_kind {
        LINE_BLANK,           /* nothing, or a comment */
        LINE_SECTION,         /* name */
        LINE_KEY,             /* name = value, neither of them empty */
        LINE_E_CONTROL,       /* a control character, at `column` */
        LINE_E_ENCODING,      /* not UTF-8, at `column` */
        LINE_E_SECTION_OPEN,  /* "[" without "]" */
        LINE_E_SECTION_JUNK,  /* something after the "]", at `column` */
        LINE_E_SECTION_EMPTY, /* "[]" */
        LINE_E_NO_EQUALS,     /* name alone */
        LINE_E_NO_KEY,        /* "= value" */
        LINE_E_NO_VALUE,      /* "name =" */
};

struct grant_line {
        enum grant_line_kind kind;
        char *name;      /* within the line that was given; NULL if there is none */
        char *value;     /* the same */
        unsigned column; /* of the name, or of what is wrong */
        unsigned value_column;
};

/*
 * Takes a line of `length` bytes apart, in place; line[length] must be
 * writable and becomes NUL. A '\r' at its end belongs to the line's end.
 */
struct grant_line grant_line_parse(char *line, size_t length);

/*
 * The next word of a list that is separated by blanks, cut off in place, and
 * the cursor behind it; NULL at the end.
 */
char *grant_line_next_word(char **cursor);
