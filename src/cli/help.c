/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

const struct verb verbs[] = {
        {"run", "run a program with the BPF that a grant file gives it, and no more", run_help, verb_run},
        {"check", "is this grant file right, and what does it allow?", check_help, verb_check},
};
const size_t n_verbs = ARRAY_SIZE(verbs);

void complain(const char *format, ...) {
        va_list args;

        fputs("bpfgrant: ", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        fputc('\n', stderr);
}

int usage_error(const char *verb, const char *format, ...) {
        va_list args;

        fputs("bpfgrant: ", stderr);
        va_start(args, format);
        vfprintf(stderr, format, args);
        va_end(args);
        if (verb)
                fprintf(stderr, "\nTry: bpfgrant %s --help\n", verb);
        else
                fputs("\nTry: bpfgrant --help\n", stderr);
        return EXIT_USAGE;
}
