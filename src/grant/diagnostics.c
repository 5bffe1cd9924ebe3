/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An array that is kept sorted by line and column; what is at the same place
 * stays in the order in which it was found. When it is full, the last falls
 * out, and is only counted.
 */

#include "grant/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void diagnostics_deinit(struct diagnostics *d) {
        for (size_t i = 0; i < d->n_kept; i++)
                free(d->kept[i].message);
        *d = (struct diagnostics) {};
}

static bool is_before(unsigned line, unsigned column, const struct diagnostic *other) {
        return line < other->line || (line == other->line && column < other->column);
}

void diagnostics_add(struct diagnostics *d, unsigned line, unsigned column, const char *format, ...) {
        size_t place = d->n_kept;
        char *message;
        va_list args;
        int n;

        d->n_found++;
        while (place > 0 && is_before(line, column, &d->kept[place - 1]))
                place--;
        if (place == ARRAY_SIZE(d->kept))
                return;
        va_start(args, format);
        n = vasprintf(&message, format, args);
        va_end(args);
        if (n < 0) {
                d->failed = true;
                return;
        }
        if (d->n_kept == ARRAY_SIZE(d->kept))
                free(d->kept[--d->n_kept].message);
        memmove(d->kept + place + 1, d->kept + place, (d->n_kept - place) * sizeof(d->kept[0]));
        d->kept[place] = (struct diagnostic) {line, column, message};
        d->n_kept++;
}

void diagnostics_print(const struct diagnostics *d, const char *file, struct text *out) {
        for (size_t i = 0; i < d->n_kept; i++)
                text_append(out, "%s:%u:%u: %s\n", file, d->kept[i].line, d->kept[i].column,
                            d->kept[i].message);
        if (d->n_found > d->n_kept)
                text_append(out, "%s: and %zu more errors\n", file, d->n_found - d->n_kept);
}

const char *quote(struct quoted *q, const char *word) {
        static const char ellipsis[] = "...";
        size_t room = sizeof(q->text) - sizeof(ellipsis) - 2, n = strlen(word);
        bool is_cut = n > room;

        if (is_cut) {
                n = room;
                /* Not in the middle of a UTF-8 sequence. */
                while (n > 0 && ((unsigned char)word[n] & 0xc0) == 0x80)
                        n--;
        }
        snprintf(q->text, sizeof(q->text), "\"%.*s%s\"", (int)n, word, is_cut ? ellipsis : "");
        return q->text;
}
