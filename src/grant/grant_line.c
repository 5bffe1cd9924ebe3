/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The bytes are judged before anything else: a line that holds a control
 * character or is not UTF-8 is not looked at further, so that whatever a later
 * message quotes is text. NUL is a control character, so what passes is a C
 * string.
 */

#include "grant/grant_line.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c) {
        return c == ' ' || c == '\t';
}

static bool is_continuation(char c) {
        return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length of the UTF-8 sequence at s, or 0 if it is none: overlong, a surrogate, beyond Unicode, cut off. */
static size_t utf8_length(const char *s, size_t available) {
        unsigned char first = (unsigned char)s[0];
        unsigned char second = available > 1 ? (unsigned char)s[1] : 0;
        size_t length;

        if (first < 0x80)
                return 1;
        if (first >= 0xc2 && first <= 0xdf)
                length = 2;
        else if ((first & 0xf0) == 0xe0)
                length = 3;
        else if (first >= 0xf0 && first <= 0xf4)
                length = 4;
        else
                return 0;
        if (length > available)
                return 0;
        for (size_t i = 1; i < length; i++)
                if (!is_continuation(s[i]))
                        return 0;
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
                return 0;
        return length;
}

/* C0 but for the tab, DEL, and C1, which is 0xc2 0x80 to 0xc2 0x9f: a terminal may act on them. */
static bool is_control(const char *s, size_t length) {
        unsigned char first = (unsigned char)s[0];

        if (length == 2)
                return first == 0xc2 && (unsigned char)s[1] < 0xa0;
        return length == 1 && ((first < 0x20 && first != '\t') || first == 0x7f);
}

/* LINE_BLANK if all bytes are text, else what is wrong, and where. */
static enum grant_line_kind check_bytes(const char *line, size_t length, size_t *ret_offset) {
        for (size_t i = 0; i < length;) {
                size_t n = utf8_length(line + i, length - i);

                if (n == 0 || is_control(line + i, n)) {
                        *ret_offset = i;
                        return n == 0 ? LINE_E_ENCODING : LINE_E_CONTROL;
                }
                i += n;
        }
        return LINE_BLANK;
}

static char *skip_blanks(char *s) {
        while (is_blank(*s))
                s++;
        return s;
}

/* Ends the string behind its last byte that is not a blank. */
static void cut_blanks(char *start, char *end) {
        while (end > start && is_blank(end[-1]))
                end--;
        *end = '\0';
}

static struct grant_line parse_section(char *line, char *open) {
        struct grant_line l = {.kind = LINE_SECTION, .name = open + 1};
        char *close = strchr(open, ']'), *rest;

        l.column = (unsigned)(open - line) + 1;
        if (!close) {
                l.kind = LINE_E_SECTION_OPEN;
                return l;
        }
        rest = skip_blanks(close + 1);
        *close = '\0';
        if (*rest) {
                l.kind = LINE_E_SECTION_JUNK;
                l.column = (unsigned)(rest - line) + 1;
        } else if (close == l.name) {
                l.kind = LINE_E_SECTION_EMPTY;
        }
        return l;
}

static struct grant_line parse_key(char *line, char *start) {
        struct grant_line l = {.kind = LINE_KEY, .name = start};
        char *equals = strchr(start, '=');

        l.column = (unsigned)(start - line) + 1;
        if (!equals) {
                l.kind = LINE_E_NO_EQUALS;
                return l;
        }
        cut_blanks(start, equals);
        l.value = skip_blanks(equals + 1);
        l.value_column = (unsigned)(l.value - line) + 1;
        if (!*l.name)
                l.kind = LINE_E_NO_KEY;
        else if (!*l.value)
                l.kind = LINE_E_NO_VALUE;
        return l;
}

struct grant_line grant_line_parse(char *line, size_t length) {
        enum grant_line_kind bytes;
        size_t offset;
        char *start;

        if (length > 0 && line[length - 1] == '\r')
                length--;
        bytes = check_bytes(line, length, &offset);
        if (bytes != LINE_BLANK)
                return (struct grant_line) {.kind = bytes, .column = (unsigned)offset + 1};
        cut_blanks(line, line + length);
        start = skip_blanks(line);
        if (*start == '\0' || *start == '#' || *start == ';')
                return (struct grant_line) {.kind = LINE_BLANK};
        return *start == '[' ? parse_section(line, start) : parse_key(line, start);
}

char *grant_line_next_word(char **cursor) {
        char *word = skip_blanks(*cursor), *end = word;

        if (!*word)
                return NULL;
        while (*end && !is_blank(*end))
                end++;
        *cursor = *end ? end + 1 : end;
        *end = '\0';
        return word;
}
