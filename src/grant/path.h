/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Absolute paths in normal form, as names: no file is looked at. A path in
 * normal form begins with '/', has no empty, "." or ".." part, and no '/' at
 * its end but for "/" itself, so that "at or below" is a matter of comparing
 * the strings.
 */

#include <stdbool.h>

#include "base/text.h"

bool path_is_normal(const char *path);

/* The normal form of any string, for a message: "a//b/../c/" is "/a/c". */
void path_normalise(const char *path, struct text *out);

/* Whether `path` is `ancestor` or below it. Both are in normal form. */
bool path_is_within(const char *path, const char *ancestor);
