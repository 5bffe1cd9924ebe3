/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How figures are made. Those that are compared alternate in small batches, so
 * that whatever disturbs the machine disturbs all of them. A round is one batch
 * of each; what a round says is the median of its batch, and what is printed is
 * the median of the rounds. A ratio is taken within each round, and the median
 * of those ratios is the figure: it is not the quotient of the two columns
 * beside it, but within noise of it.
 */

#include <stdbool.h>
#include <stddef.h>

#define ROUNDS_MAX 200

struct rounds {
        double medians[ROUNDS_MAX];
        size_t n;
};

/* Of n values, which are sorted by it. */
double median(double *values, size_t n);

void rounds_add(struct rounds *r, double *samples, size_t n);
double rounds_median(const struct rounds *r);
/* Of the rounds of the one to those of the other, which are as many. */
double rounds_ratio(const struct rounds *ours, const struct rounds *floor);

/* A row of the table. `target` is the largest ratio that is met; 0: there is none. */
void print_header(void);
void print_section(const char *title);
void print_row(const char *name, const char *floor_name, const struct rounds *floor,
               const struct rounds *ours, double target);
/* The same for single values in KiB, of which ours has to stay below `target`. */
void print_memory_row(const char *name, const char *floor_name, double floor, double ours, double target);
