/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The text of a grant file to a policy. All errors of a file are found in one
 * run and reported as `file:line:column: message`, with the nearest known name
 * where one was misspelt. The text is data from anywhere: any bytes, any length.
 */

#include <stddef.h>

#include "base/text.h"
#include "grant/policy.h"

enum {
        GRANT_FILE_E_INVALID = 1, /* `ret_errors` says what and where; no policy was made */
};

/* A grant file is short; a longer one is a mistake (a core, a disk image). */
#define GRANT_FILE_SIZE_MAX ((size_t)1024 * 1024)

/* So many errors are told; then one line says that there are more. */
#define GRANT_FILE_ERRORS_MAX 50

/*
 * `file` is used in messages and for the policy's name. `text` need not end in
 * NUL. 0, -ENOMEM, or GRANT_FILE_E_INVALID with at least one line appended to
 * `errors`, each ended by a newline.
 */
int grant_file_parse(const char *file, const char *text, size_t size, struct vocabulary *v,
                     struct text *errors, struct policy **ret_policy);
