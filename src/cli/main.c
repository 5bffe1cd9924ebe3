/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * bpfgrant: finds the verb and hands over.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static void print_help(void) {
        puts("bpfgrant gives a program exactly the BPF it needs: narrower than root, scoped to\n"
             "where it may act, with a budget and an end, on record.\n"
             "\n"
             "Usage: bpfgrant VERB [OPTION]… …\n");
        for (size_t i = 0; i < n_verbs; i++)
                printf("  %-8s %s\n", verbs[i].name, verbs[i].summary);
        puts("\n"
             "  bpfgrant VERB --help   all about one verb, with examples\n"
             "  bpfgrant --version\n"
             "\n"
             "What a grant file looks like:\n"
             "\n"
             "  [grant]\n"
             "  commands = map_create prog_load prog_attach   # what may be asked of bpf(2)\n"
             "  maps = hash array                             # of which types\n"
             "  programs = cgroup_sock\n"
             "  attach = cgroup_inet_sock_create\n"
             "  [reach]\n"
             "  cgroup = /system.slice/web.service            # where programs act\n"
             "  [budget]\n"
             "  maps = 8                                      # how much, and how long\n"
             "  time = 8h\n"
             "\n"
             "(Comments stand on lines of their own in a real one.)");
}

/* A program started without standard descriptors would have its files become them. */
static void open_standard(void) {
        int fd;

        do
                fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        while (fd >= 0 && fd <= 2);
        if (fd >= 0)
                (void)close(fd);
}

static const struct verb *verb_find(const char *name) {
        for (size_t i = 0; i < n_verbs; i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return &verbs[i];
        return NULL;
}

static int unknown_verb(const char *name) {
        const char *names[8], *nearest;

        for (size_t i = 0; i < n_verbs && i < ARRAY_SIZE(names); i++)
                names[i] = verbs[i].name;
        nearest = nearest_word(name, names, n_verbs);
        if (nearest)
                return usage_error(NULL, "no verb \"%s\"; did you mean \"%s\"?", name, nearest);
        return usage_error(NULL, "no verb \"%s\"", name);
}

int main(int argc, char **argv) {
        const struct verb *verb;

        open_standard();
        if (argc < 2)
                return usage_error(NULL, "a verb is missing");
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
                verb = argc > 2 ? verb_find(argv[2]) : NULL;
                if (verb)
                        fputs(verb->help, stdout);
                else
                        print_help();
                return EXIT_SUCCESS;
        }
        if (strcmp(argv[1], "--version") == 0) {
                puts("bpfgrant " BPFGRANT_VERSION);
                return EXIT_SUCCESS;
        }
        verb = verb_find(argv[1]);
        return verb ? verb->run(argc - 1, argv + 1) : unknown_verb(argv[1]);
}
