/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line: one file a verb. A verb gets its own words (argv[0] is the
 * verb) and returns bpfgrant's exit status.
 *
 * Exit statuses: 0; 1 where the answer is "no" (a wrong grant file); 2 for a
 * wrong command line; `run` returns its program's, or 125 to 127 as env(1).
 */

#include <getopt.h>

#include "grant/policy.h"
#include "grant/vocabulary.h"

struct verb {
        const char *name;
        const char *summary;
        const char *help; /* everything that `bpfgrant VERB --help` prints */
        int (*run)(int argc, char **argv);
};

extern const struct verb verbs[];
extern const size_t n_verbs;

#define EXIT_USAGE 2

int verb_run(int argc, char **argv);
int verb_check(int argc, char **argv);

extern const char run_help[];
extern const char check_help[];

/* An error of the command line, with where to find help; returns EXIT_USAGE. */
int usage_error(const char *verb, const char *format, ...) _printf_(2, 3);

/* "bpfgrant: …" on stderr. */
void complain(const char *format, ...) _printf_(1, 2);

/*
 * Reads a grant file; `path` may be "-". Errors are printed, as
 * file:line:column: message. 0, or the exit status.
 */
int grant_load(const char *path, struct vocabulary *v, struct policy **ret_policy);
