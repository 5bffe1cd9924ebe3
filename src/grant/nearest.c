/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The nearest known word to a misspelt one. The distance is the number of
 * letters to insert, drop, change or swap with their neighbour (optimal string
 * alignment), without regard to case. It is cut off at a third of the length:
 * a far-fetched guess misleads more than no guess.
 */

#include <ctype.h>
#include <string.h>

#include "base/macro.h"
#include "grant/vocabulary.h"

/* No known word is longer; this bounds what a hostile word can cost. */
#define WORD_LENGTH_MAX 63

static size_t min_size(size_t a, size_t b) {
        return a < b ? a : b;
}

static bool letters_equal(char a, char b) {
        return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Three rows of the table are enough: a swap looks back two. */
static size_t word_distance(const char *a, size_t n_a, const char *b, size_t n_b) {
        size_t rows[3][WORD_LENGTH_MAX + 1];

        for (size_t j = 0; j <= n_b; j++)
                rows[0][j] = j;
        for (size_t i = 1; i <= n_a; i++) {
                const size_t *above = rows[(i - 1) % 3];
                size_t *row = rows[i % 3];

                row[0] = i;
                for (size_t j = 1; j <= n_b; j++) {
                        size_t change = above[j - 1] + !letters_equal(a[i - 1], b[j - 1]);

                        row[j] = min_size(change, min_size(above[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && letters_equal(a[i - 1], b[j - 2]) &&
                            letters_equal(a[i - 2], b[j - 1]))
                                row[j] = min_size(row[j], rows[(i - 2) % 3][j - 2] + 1);
                }
        }
        return rows[n_a % 3][n_b];
}

const char *nearest_word(const char *word, const char *const *words, size_t n_words) {
        size_t length = strnlen(word, WORD_LENGTH_MAX + 1);
        size_t best = SIZE_MAX;
        const char *nearest = NULL;

        if (length == 0 || length > WORD_LENGTH_MAX)
                return NULL;
        for (size_t i = 0; i < n_words; i++) {
                size_t n = strlen(words[i]), longer = length > n ? length : n, distance;

                if (n > WORD_LENGTH_MAX)
                        continue;
                distance = word_distance(word, length, words[i], n);
                if (distance < best && 3 * distance <= longer) {
                        best = distance;
                        nearest = words[i];
                }
        }
        return nearest;
}
