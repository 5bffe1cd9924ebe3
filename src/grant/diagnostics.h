/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Errors of a grant file, in the order of their places, whatever the order in
 * which they are found. Only the first GRANT_FILE_ERRORS_MAX are kept, so that
 * a file of a million errors costs no more than one of fifty.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "grant/grant_file.h"

struct diagnostic {
        unsigned line, column;
        char *message;
};

struct diagnostics {
        struct diagnostic kept[GRANT_FILE_ERRORS_MAX];
        size_t n_kept;
        size_t n_found;
        bool failed; /* an allocation failed */
};

void diagnostics_deinit(struct diagnostics *d);
#define _cleanup_diagnostics_ _cleanup_(diagnostics_deinit)

void diagnostics_add(struct diagnostics *d, unsigned line, unsigned column, const char *format, ...)
        _printf_(4, 5);

/* Whether another error at the end would only be counted: its message need not be thought out. */
static inline bool diagnostics_is_full(const struct diagnostics *d) {
        return d->n_kept == GRANT_FILE_ERRORS_MAX;
}

/* "file:line:column: message" for each, then a line that counts the rest. */
void diagnostics_print(const struct diagnostics *d, const char *file, struct text *out);

/* A word in quotation marks for a message, cut off where it is long. */
struct quoted {
        char text[64];
};
const char *quote(struct quoted *q, const char *word);
#define QUOTE(word) quote(&(struct quoted) {}, (word))
