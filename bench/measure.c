/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

double median(double *values, size_t n) {
        qsort(values, n, sizeof(*values), compare);
        return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void rounds_add(struct rounds *r, double *samples, size_t n) {
        if (r->n < ROUNDS_MAX)
                r->medians[r->n++] = median(samples, n);
}

double rounds_median(const struct rounds *r) {
        struct rounds copy = *r;

        return median(copy.medians, copy.n);
}

double rounds_ratio(const struct rounds *ours, const struct rounds *floor) {
        double ratios[ROUNDS_MAX];

        for (size_t i = 0; i < ours->n; i++)
                ratios[i] = ours->medians[i] / floor->medians[i];
        return median(ratios, ours->n);
}

/* Names may hold letters of more than one byte. */
static void print_padded(const char *s, int width) {
        int shown = 0;

        for (const char *c = s; *c; c++)
                shown += (*c & 0xc0) != 0x80;
        printf("%s%*s", s, width > shown ? width - shown : 0, "");
}

void print_header(void) {
        print_padded("row", 31);
        print_padded("floor", 28);
        printf("%10s %10s %7s %7s  %s\n", "floor", "ours", "ratio", "target", "met");
}

void print_section(const char *title) {
        printf("\n%s\n", title);
        fflush(stdout);
}

static void print_names(const char *name, const char *floor_name) {
        printf("  ");
        print_padded(name, 29);
        print_padded(floor_name, 28);
}

static void print_met(double figure, double target) {
        printf("  %s\n", figure <= target ? "yes" : "NO");
}

/* Nanoseconds, in a unit that leaves three or four digits. */
static void print_time(double ns) {
        if (ns < 1e6)
                printf("%7.2f µs ", ns / 1e3);
        else
                printf("%7.2f ms ", ns / 1e6);
}

void print_row(const char *name, const char *floor_name, const struct rounds *floor,
               const struct rounds *ours, double target) {
        double ratio = rounds_ratio(ours, floor);

        print_names(name, floor_name);
        print_time(rounds_median(floor));
        print_time(rounds_median(ours));
        printf("%7.2f ", ratio);
        if (target > 0) {
                printf("%7.2f", target);
                print_met(ratio, target);
        } else {
                printf("%7s\n", "-");
        }
        fflush(stdout);
}

void print_memory_row(const char *name, const char *floor_name, double floor, double ours, double target) {
        print_names(name, floor_name);
        printf("%6.0f KiB %6.0f KiB %7.2f %3.0f KiB", floor, ours, ours / floor, target);
        print_met(ours, target);
}
