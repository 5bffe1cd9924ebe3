/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A growing string. Building never fails half-way for its caller: the first
 * failed allocation is remembered, later appends do nothing, and text_take()
 * reports it once.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

struct text {
        char *data; /* NUL-terminated once anything was appended; else NULL */
        size_t length;
        size_t allocated;
        bool failed; /* an allocation failed: the text is incomplete */
};

#define TEXT_INIT                                                                                           \
        {}

void text_deinit(struct text *t);
void text_clear(struct text *t); /* keeps the allocation */
void text_append(struct text *t, const char *format, ...) _printf_(2, 3);
void text_append_bytes(struct text *t, const char *data, size_t length);

/* The text so far, never NULL. */
const char *text_get(const struct text *t);

/* Hands the string to the caller, who frees it; 0 or -ENOMEM. */
int text_take(struct text *t, char **ret_string);

#define _cleanup_text_ _cleanup_(text_deinit)
