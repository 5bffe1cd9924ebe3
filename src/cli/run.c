/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "deputy/pins.h"
#include "deputy/reach.h"
#include "deputy/run.h"
#include "kernel/bpf.h"
#include "kernel/btf.h"

const char run_help[] =
        "Usage: bpfgrant run --grant FILE [OPTION]… [--] PROGRAM [ARGUMENT]…\n"
        "\n"
        "Runs an unmodified program as an ordinary user, with the BPF that the grant file\n"
        "gives it. Needs root, to set it up; the program has none of it. Its bpf(2) calls\n"
        "that need authority are made by a deputy, a process of the same user with exactly\n"
        "the capabilities that the grant implies, if the grant allows them. The grant ends\n"
        "when the program ends.\n"
        "\n"
        "  -g, --grant=FILE    the grant file; - reads it from standard input\n"
        "  -u, --user=USER     the user, by name or number, with its groups; without it the\n"
        "                      grant file's [access] user, or who called sudo\n"
        "      --as-root       give the program uid 0 of a user namespace of its own, for\n"
        "                      tools that check geteuid(); outside it is still the user\n"
        "      --via=DELIVERY  intercept (the default): catch the program's calls;\n"
        "                      socket: pass the grant as the descriptor BPFGRANT_FD, for\n"
        "                      programs that use libbpfgrant\n"
        "  -r, --record=FILE   append a line of JSON for each decision; - is stderr\n"
        "  -q, --quiet         do not say refusals on the program's stderr\n"
        "      --json          say refusals as JSON\n"
        "\n"
        "Signals, the terminal, the environment and the exit status pass through. What goes\n"
        "wrong before the program runs is 125, 126 (it cannot be run) or 127 (not found).\n"
        "\n"
        "Examples:\n"
        "  bpfgrant run -g counter.grant -u nobody -- bpftool map create \\\n"
        "      /sys/fs/bpf/demo/hits type hash key 4 value 8 entries 64 name hits\n"
        "  bpfgrant run -g trace.grant -u alice --as-root --record=/var/log/bpf.json -- \\\n"
        "      bpftool prog list\n";

struct arguments {
        const char *grant;
        const char *user;
        const char *record;
        bool as_root;
        bool quiet;
        bool json;
        enum delivery via;
        char **program;
        bool help;
};

static int parse_via(const char *word, enum delivery *ret_via) {
        static const char *const names[] = {"intercept", "socket"};
        const char *nearest;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (strcmp(word, names[i]) == 0) {
                        *ret_via = (enum delivery)i;
                        return 0;
                }
        nearest = nearest_word(word, names, ARRAY_SIZE(names));
        return usage_error("run", "no delivery \"%s\"%s%s%s; there are intercept and socket", word,
                           nearest ? ", did you mean \"" : "", nearest ?: "", nearest ? "\"?" : "");
}

static int parse(int argc, char **argv, struct arguments *ret) {
        enum { OPTION_AS_ROOT = 256, OPTION_VIA, OPTION_JSON };
        static const struct option options[] = {
                {"grant", required_argument, NULL, 'g'},
                {"user", required_argument, NULL, 'u'},
                {"as-root", no_argument, NULL, OPTION_AS_ROOT},
                {"via", required_argument, NULL, OPTION_VIA},
                {"record", required_argument, NULL, 'r'},
                {"quiet", no_argument, NULL, 'q'},
                {"json", no_argument, NULL, OPTION_JSON},
                {"help", no_argument, NULL, 'h'},
                {},
        };
        struct arguments a = {};
        int c, r;

        /* "+": the first word that is no option is the program, whose options are its own. */
        while ((c = getopt_long(argc, argv, "+g:u:r:qh", options, NULL)) >= 0)
                switch (c) {
                case 'g':
                        a.grant = optarg;
                        break;
                case 'u':
                        a.user = optarg;
                        break;
                case 'r':
                        a.record = optarg;
                        break;
                case 'q':
                        a.quiet = true;
                        break;
                case OPTION_AS_ROOT:
                        a.as_root = true;
                        break;
                case OPTION_JSON:
                        a.json = true;
                        break;
                case OPTION_VIA:
                        r = parse_via(optarg, &a.via);
                        if (r != 0)
                                return r;
                        break;
                case 'h':
                        a.help = true;
                        *ret = a;
                        return 0;
                default: /* getopt has said what is wrong */
                        fputs("Try: bpfgrant run --help\n", stderr);
                        return EXIT_USAGE;
                }
        if (!a.grant)
                return usage_error("run", "which grant? --grant=FILE is missing");
        if (optind >= argc)
                return usage_error("run", "which program? There is none on the command line");
        a.program = argv + optind;
        *ret = a;
        return 0;
}

/* What must be so on this host before anything is begun; says what is not, and what would mend it. */
static int check_host(void) {
        int r;

        if (geteuid() != 0) {
                complain("run needs root, to give a grant to somebody else: sudo bpfgrant run …");
                return EXIT_OURS;
        }
        r = bpf_probe();
        if (r == -ENOSYS)
                complain("this kernel has no bpf(2), or a container's seccomp profile hides it (podman, "
                         "docker: "
                         "--security-opt seccomp=… that allows bpf)");
        else if (r < 0)
                complain("bpf(2) is refused to root here (%s): in a container, it needs CAP_BPF, "
                         "CAP_PERFMON, "
                         "CAP_NET_ADMIN and CAP_SYS_ADMIN of the host and a seccomp profile that allows bpf",
                         strerror(-r));
        return r < 0 ? EXIT_OURS : 0;
}

static int find_user(const struct arguments *a, const struct policy *p, struct identity *ret_identity) {
        const char *user = a->user ?: p->access.user ?: getenv("SUDO_UID");
        int r;

        if (!user) {
                complain("which user shall the program be? --user=USER, or a line \"user = USER\" below "
                         "[access] "
                         "of the grant file");
                return EXIT_OURS;
        }
        r = identity_of_user(user, ret_identity);
        if (r < 0) {
                complain("user %s: %s", user,
                         r == -ENOENT ? "there is none of this name or number" : strerror(-r));
                return EXIT_OURS;
        }
        if (ret_identity->uid == 0) {
                complain("a grant is narrower than root, so the program cannot be root's: name another user "
                         "(--as-root makes it uid 0 in a namespace of its own)");
                return EXIT_OURS;
        }
        return 0;
}

static int open_record(const char *path, int *ret_fd) {
        int fd;

        if (!path) {
                *ret_fd = -1;
                return 0;
        }
        fd = strcmp(path, "-") == 0 ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                                    : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
        if (fd < 0) {
                complain("--record: %s: %s", path, strerror(errno));
                return EXIT_OURS;
        }
        *ret_fd = fd;
        return 0;
}

static int find_reach(const struct policy *p, struct bind_reach *ret_reach) {
        _cleanup_text_ struct text error = TEXT_INIT;
        int r;

        r = reach_resolve(p, ret_reach, &error);
        if (r == 0)
                return 0;
        complain("%s", r > 0 ? text_get(&error) : strerror(-r));
        return EXIT_OURS;
}

static int make_pins(const struct policy *p, const struct identity *holder) {
        int r;

        if (!p->access.pins)
                return 0;
        r = pins_prepare(p->access.pins, holder);
        if (r == 0)
                return 0;
        complain("%s:%u: pins = %s: %s", p->file, p->lines[KEY_ACCESS_PINS], p->access.pins,
                 r == -EINVAL   ? "it must be a directory below /sys/fs/bpf"
                 : r == -EACCES ? "it exists and is another user's; it is not taken over"
                 : r == -ENODEV ? "it is not on a bpffs"
                                : strerror(-r));
        return EXIT_OURS;
}

/*
 * A delivery refuses a policy of which it cannot enforce a part (rule 4 of the
 * design). Both deliveries go through a deputy, which enforces all but this.
 */
static int check_delivery(const struct policy *p) {
        if (p->reach.tracepoints.n_words == 0)
                return 0;
        complain("%s:%u: reach by tracepoint cannot be enforced by this version: perf_event_open is not yet "
                 "delivered",
                 p->file, p->lines[KEY_REACH_TRACEPOINT]);
        return EXIT_OURS;
}

static int run_with(const struct arguments *a, struct vocabulary *v) {
        _cleanup_policy_ struct policy *policy = NULL;
        _cleanup_close_ int record_fd = -1;
        struct run run = {
                .vocabulary = v,
                .program = {.argv = a->program, .as_root = a->as_root, .delivery = a->via},
                .quiet = a->quiet,
                .json = a->json,
        };
        int r;

        r = grant_load(a->grant, v, &policy);
        if (r != 0)
                return EXIT_OURS;
        r = check_host();
        if (r == 0)
                r = check_delivery(policy);
        if (r == 0)
                r = find_user(a, policy, &run.program.holder);
        if (r == 0)
                r = find_reach(policy, &run.reach);
        if (r == 0)
                r = open_record(a->record, &record_fd);
        if (r == 0)
                r = make_pins(policy, &run.program.holder);
        if (r != 0)
                return r;
        run.policy = policy;
        run.program.pins = policy->access.pins;
        run.record_fd = record_fd;
        return supervise(&run);
}

int verb_run(int argc, char **argv) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;
        struct arguments a = {};
        int r;

        r = parse(argc, argv, &a);
        if (r != 0)
                return r;
        if (a.help) {
                fputs(run_help, stdout);
                return EXIT_SUCCESS;
        }
        r = vocabulary_new(&v, kernel_vocabulary_extend, NULL);
        if (r < 0) {
                complain("%s", strerror(-r));
                return EXIT_OURS;
        }
        return run_with(&a, v);
}
