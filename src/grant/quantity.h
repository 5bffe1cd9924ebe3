/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Numbers with units, as a grant file writes them: counts (32), sizes (64M,
 * powers of 1024) and times (8h). What is printed reads back as the same value.
 */

#include <stdint.h>

#include "base/text.h"

enum {
        QUANTITY_E_NO_NUMBER = 1, /* it does not begin with a digit */
        QUANTITY_E_UNIT,          /* what follows the digits is no unit of this kind */
        QUANTITY_E_NO_UNIT,       /* a time without unit */
        QUANTITY_E_RANGE,         /* UINT64_MAX or more */
};

/* 0 or QUANTITY_E_*. */
int count_parse(const char *s, uint64_t *ret_count);
int size_parse(const char *s, uint64_t *ret_bytes);
int duration_parse(const char *s, uint64_t *ret_nanoseconds);

void size_print(uint64_t bytes, struct text *out);
void duration_print(uint64_t nanoseconds, struct text *out);
