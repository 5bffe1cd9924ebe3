/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A quantity is digits and a unit from a table, without blanks between. It is
 * printed with the largest unit that divides it, so nothing is ever rounded;
 * the units below a second exist for that, since a policy may come from
 * elsewhere than a file. UINT64_MAX is never a quantity: it means "no limit".
 */

#include "grant/quantity.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/macro.h"

struct unit {
        const char *name;
        uint64_t factor;
};

/* Largest first, as printing tries them. The last is the plain number. */
static const struct unit size_units[] = {
        {"G", UINT64_C(1) << 30},
        {"M", UINT64_C(1) << 20},
        {"K", UINT64_C(1) << 10},
        {"", 1},
};

#define SECOND UINT64_C(1000000000)

static const struct unit time_units[] = {
        {"d", 86400 * SECOND}, {"h", 3600 * SECOND}, {"m", 60 * SECOND}, {"s", SECOND},
        {"ms", 1000000},       {"us", 1000},         {"ns", 1},
};

/* 0 with what follows the digits, or QUANTITY_E_*. */
static int digits_parse(const char *s, uint64_t *ret_number, const char **ret_end) {
        uint64_t number = 0;
        bool overflow = false;
        const char *c = s;

        for (; *c >= '0' && *c <= '9'; c++)
                overflow |= __builtin_mul_overflow(number, 10, &number) ||
                            __builtin_add_overflow(number, (uint64_t)(*c - '0'), &number);
        if (c == s)
                return QUANTITY_E_NO_NUMBER;
        if (overflow || number == UINT64_MAX)
                return QUANTITY_E_RANGE;
        *ret_number = number;
        *ret_end = c;
        return 0;
}

static int quantity_parse(const char *s, const struct unit *units, size_t n_units, uint64_t *ret_value) {
        uint64_t number, value;
        const char *unit;
        int r;

        r = digits_parse(s, &number, &unit);
        if (r != 0)
                return r;
        for (size_t i = 0; i < n_units; i++) {
                if (strcmp(unit, units[i].name) != 0)
                        continue;
                if (__builtin_mul_overflow(number, units[i].factor, &value) || value == UINT64_MAX)
                        return QUANTITY_E_RANGE;
                *ret_value = value;
                return 0;
        }
        return *unit ? QUANTITY_E_UNIT : QUANTITY_E_NO_UNIT;
}

int count_parse(const char *s, uint64_t *ret_count) {
        return quantity_parse(s, &(struct unit) {"", 1}, 1, ret_count);
}

int size_parse(const char *s, uint64_t *ret_bytes) {
        return quantity_parse(s, size_units, ARRAY_SIZE(size_units), ret_bytes);
}

int duration_parse(const char *s, uint64_t *ret_nanoseconds) {
        return quantity_parse(s, time_units, ARRAY_SIZE(time_units), ret_nanoseconds);
}

/* `units` ends with a factor of 1, so one always divides; 0 takes that one. */
static void quantity_print(uint64_t value, const struct unit *units, size_t n_units, struct text *out) {
        for (size_t i = 0; i < n_units; i++) {
                bool fits = value % units[i].factor == 0 && (value > 0 || i == n_units - 1);

                if (!fits)
                        continue;
                text_append(out, "%" PRIu64 "%s", value / units[i].factor, units[i].name);
                return;
        }
}

void size_print(uint64_t bytes, struct text *out) {
        quantity_print(bytes, size_units, ARRAY_SIZE(size_units), out);
}

void duration_print(uint64_t nanoseconds, struct text *out) {
        quantity_print(nanoseconds, time_units, ARRAY_SIZE(time_units), out);
}
