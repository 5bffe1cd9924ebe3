/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <linux/capability.h>

#include "bind/bind.h"
#include "grant/narrower.h"
#include "grant/quantity.h"
#include "grant/traits.h"
#include "kernel/btf.h"

const char check_help[] =
        "Usage: bpfgrant check [OPTION]… FILE…\n"
        "\n"
        "Reads grant files as `run` would, without running anything, and without root. All\n"
        "errors of a file are told in one run, as file:line:column: message. Of a right one\n"
        "it says what it allows, and with which capabilities.\n"
        "\n"
        "      --within=PARENT  also check that each file is within this grant file: only\n"
        "                       then could it be derived from it\n"
        "  -q, --quiet          errors only\n"
        "      --json           the policy as JSON, one object a file\n"
        "\n"
        "Exit status: 0 when all files are right; 1 when one is not; 2 for a wrong command line.\n"
        "\n"
        "Examples:\n"
        "  bpfgrant check examples/counter.grant\n"
        "  bpfgrant check --within=tenant.grant tenants/*.grant\n";

/* Words for people */

static void print_names(const char *label, struct vocabulary *v, enum name_kind kind,
                        const struct name_set *set) {
        if (name_set_is_empty(set))
                return;
        printf("  %-14s", label);
        if (set->any)
                fputs(" any that the kernel has", stdout);
        for (uint32_t i = 0; i < NAME_VALUES_MAX; i++)
                if (name_set_names(set, i))
                        printf(" %s", vocabulary_name(v, kind, i) ?: "?");
        putchar('\n');
}

/* What the reach means for each program type of the grant. */
static void print_reach(const struct policy *p, struct vocabulary *v) {
        struct bind_reach places = {
                .n_cgroups = p->reach.cgroups.n_words,
                .n_interfaces = p->reach.interfaces.n_words,
        };

        if (!policy_has_reach(p)) {
                puts("  reach          none: programs act wherever they are attached");
                return;
        }
        for (size_t i = 0; i < p->reach.cgroups.n_words; i++)
                printf("  within cgroup  %s\n", p->reach.cgroups.words[i]);
        for (size_t i = 0; i < p->reach.interfaces.n_words; i++)
                printf("  at interface   %s\n", p->reach.interfaces.words[i]);
        for (size_t i = 0; i < p->reach.tracepoints.n_words; i++)
                printf("  at tracepoint  %s\n", p->reach.tracepoints.words[i]);
        /* Any place will do to tell the types; 0 would be none. */
        for (size_t i = 0; i < BIND_PLACES_MAX; i++) {
                places.cgroups[i].id = 1;
                places.interfaces[i] = 1;
        }
        for (uint32_t type = 0; type < NAME_VALUES_MAX; type++) {
                enum bind_verdict verdict;
                _cleanup_text_ struct text why = TEXT_INIT;
                const char *name = vocabulary_name(v, NAME_PROG_TYPE, type) ?: "?";

                if (!name_set_names(&p->programs, type))
                        continue;
                verdict = bind_check_type(&places, type);
                if (verdict == BIND_OK)
                        continue;
                bind_explain(verdict, name, type, &why);
                printf("  note           %s: %s\n", name, text_get(&why));
        }
}

static void print_budget(const struct policy *p) {
        static const char *const nouns[] = {"maps",         "bytes of maps", "programs",
                                            "instructions", "links",         "time"};
        _cleanup_text_ struct text line = TEXT_INIT;

        static_assert(ARRAY_SIZE(nouns) == N_BUDGET_ITEMS, "a noun for each item");
        for (int i = 0; i < N_BUDGET_ITEMS; i++) {
                if (p->budget[i] == BUDGET_NONE)
                        continue;
                text_append(&line, "%s", line.length > 0 ? ", " : "");
                if (i == BUDGET_TIME)
                        duration_print(p->budget[i], &line);
                else if (i == BUDGET_MAP_BYTES)
                        size_print(p->budget[i], &line);
                else
                        text_append(&line, "%llu", (unsigned long long)p->budget[i]);
                if (i != BUDGET_TIME)
                        text_append(&line, " %s", nouns[i]);
        }
        printf("  at most        %s\n", line.length > 0 ? text_get(&line) : "(no budget)");
}

static void print_capabilities(const struct policy *p) {
        uint64_t caps = policy_capabilities(p);

        printf("  its deputy has%s%s%s%s\n", caps & (UINT64_C(1) << CAP_BPF) ? " CAP_BPF" : "",
               caps & (UINT64_C(1) << CAP_NET_ADMIN) ? " CAP_NET_ADMIN" : "",
               caps & (UINT64_C(1) << CAP_PERFMON) ? " CAP_PERFMON" : "", caps ? "" : " no capability");
        if (p->verifier == VERIFIER_TRUSTED)
                puts("  note           verifier = trusted: its programs can read kernel memory");
}

static void print_policy(const struct policy *p, struct vocabulary *v) {
        printf("%s: right\n", p->file);
        if (p->description)
                printf("  %s\n", p->description);
        print_names("commands", v, NAME_COMMAND, &p->commands);
        print_names("maps", v, NAME_MAP_TYPE, &p->maps);
        print_names("programs", v, NAME_PROG_TYPE, &p->programs);
        print_names("attach", v, NAME_ATTACH_TYPE, &p->attach);
        print_reach(p, v);
        print_budget(p);
        print_capabilities(p);
        if (p->access.pins)
                printf("  may pin in     %s\n", p->access.pins);
}

/* The same for scripts */

static struct json_object *names_json(struct vocabulary *v, enum name_kind kind,
                                      const struct name_set *set) {
        struct json_object *a = json_object_new_array();

        if (set->any)
                json_object_array_add(a, json_object_new_string("any"));
        for (uint32_t i = 0; i < NAME_VALUES_MAX; i++)
                if (name_set_names(set, i)) {
                        const char *name = vocabulary_name(v, kind, i);

                        json_object_array_add(a, name ? json_object_new_string(name)
                                                      : json_object_new_int64(i));
                }
        return a;
}

static struct json_object *words_json(const struct word_list *l) {
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; i < l->n_words; i++)
                json_object_array_add(a, json_object_new_string(l->words[i]));
        return a;
}

static struct json_object *capabilities_json(const struct policy *p) {
        static const struct {
                int capability;
                const char *name;
        } names[] = {{CAP_BPF, "cap_bpf"}, {CAP_NET_ADMIN, "cap_net_admin"}, {CAP_PERFMON, "cap_perfmon"}};
        struct json_object *a = json_object_new_array();

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (policy_capabilities(p) & (UINT64_C(1) << names[i].capability))
                        json_object_array_add(a, json_object_new_string(names[i].name));
        return a;
}

static void print_json(const struct policy *p, struct vocabulary *v) {
        struct json_object *o = json_object_new_object(), *reach = json_object_new_object(),
                           *budget = json_object_new_object();

        json_object_object_add(o, "file", json_object_new_string(p->file));
        json_object_object_add(o, "grant", json_object_new_string(p->name));
        if (p->description)
                json_object_object_add(o, "description", json_object_new_string(p->description));
        json_object_object_add(o, "commands", names_json(v, NAME_COMMAND, &p->commands));
        json_object_object_add(o, "maps", names_json(v, NAME_MAP_TYPE, &p->maps));
        json_object_object_add(o, "programs", names_json(v, NAME_PROG_TYPE, &p->programs));
        json_object_object_add(o, "attach", names_json(v, NAME_ATTACH_TYPE, &p->attach));
        json_object_object_add(
                o, "verifier",
                json_object_new_string(p->verifier == VERIFIER_TRUSTED ? "trusted" : "strict"));
        json_object_object_add(reach, "cgroup", words_json(&p->reach.cgroups));
        json_object_object_add(reach, "interface", words_json(&p->reach.interfaces));
        json_object_object_add(reach, "tracepoint", words_json(&p->reach.tracepoints));
        json_object_object_add(o, "reach", reach);
        /* Bytes and nanoseconds; a limit that is not set is not there. */
        for (int i = 0; i < N_BUDGET_ITEMS; i++)
                if (p->budget[i] != BUDGET_NONE)
                        json_object_object_add(budget, policy_key_name(budget_item_key((enum budget_item)i)),
                                               json_object_new_uint64(p->budget[i]));
        json_object_object_add(o, "budget", budget);
        json_object_object_add(o, "capabilities", capabilities_json(p));
        puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(o);
}

struct arguments {
        const char *within;
        bool quiet;
        bool json;
};

/* 0, or the exit status. */
static int check_within(const struct policy *parent, const struct policy *p, struct vocabulary *v) {
        _cleanup_text_ struct text excesses = TEXT_INIT;
        int r;

        r = policy_narrower(parent, p, v, &excesses);
        if (r == 0)
                return 0;
        if (r < 0) {
                complain("%s: %s", p->file, strerror(-r));
                return EXIT_FAILURE;
        }
        fprintf(stderr, "%s: not within %s:\n%s", p->file, parent->file, text_get(&excesses));
        return EXIT_FAILURE;
}

static int check_file(const char *path, const struct arguments *a, const struct policy *parent,
                      struct vocabulary *v) {
        _cleanup_policy_ struct policy *policy = NULL;
        int r;

        r = grant_load(path, v, &policy);
        if (r == 0 && parent)
                r = check_within(parent, policy, v);
        if (r != 0)
                return r;
        if (a->json)
                print_json(policy, v);
        else if (!a->quiet)
                print_policy(policy, v);
        return 0;
}

int verb_check(int argc, char **argv) {
        enum { OPTION_WITHIN = 256, OPTION_JSON };
        static const struct option options[] = {
                {"within", required_argument, NULL, OPTION_WITHIN},
                {"quiet", no_argument, NULL, 'q'},
                {"json", no_argument, NULL, OPTION_JSON},
                {"help", no_argument, NULL, 'h'},
                {},
        };
        _cleanup_vocabulary_ struct vocabulary *v = NULL;
        _cleanup_policy_ struct policy *parent = NULL;
        struct arguments a = {};
        int c, r, status = EXIT_SUCCESS;

        while ((c = getopt_long(argc, argv, "qh", options, NULL)) >= 0)
                switch (c) {
                case OPTION_WITHIN:
                        a.within = optarg;
                        break;
                case 'q':
                        a.quiet = true;
                        break;
                case OPTION_JSON:
                        a.json = true;
                        break;
                case 'h':
                        fputs(check_help, stdout);
                        return EXIT_SUCCESS;
                default:
                        fputs("Try: bpfgrant check --help\n", stderr);
                        return EXIT_USAGE;
                }
        if (optind >= argc)
                return usage_error("check", "which grant file?");
        r = vocabulary_new(&v, kernel_vocabulary_extend, NULL);
        if (r < 0) {
                complain("%s", strerror(-r));
                return EXIT_FAILURE;
        }
        if (a.within && grant_load(a.within, v, &parent) != 0)
                return EXIT_FAILURE;
        for (int i = optind; i < argc; i++)
                if (check_file(argv[i], &a, parent, v) != 0)
                        status = EXIT_FAILURE;
        return status;
}
