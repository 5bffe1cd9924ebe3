/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The grant file's parser: what is read, and every error with its place and
 * words. Each mistake stands beside a file that differs in nothing else and is
 * accepted.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "policies.h"

static int setup(void **state) {
        return vocabulary_new((struct vocabulary **)state, NULL, NULL);
}

static int teardown(void **state) {
        vocabulary_free(*state);
        return 0;
}

/* The errors are expected in full; an empty string means that the file is right. */
static void assert_errors_of_bytes(void **state, const char *text, size_t size, const char *wanted) {
        _cleanup_policy_ struct policy *p = NULL;
        _cleanup_text_ struct text errors = TEXT_INIT;
        int r;

        r = grant_file_parse("f", text, size, *state, &errors, &p);
        assert_string_equal(text_get(&errors), wanted);
        assert_int_equal(r, *wanted ? GRANT_FILE_E_INVALID : 0);
        assert_int_equal(p != NULL, r == 0);
}

static void assert_errors(void **state, const char *text, const char *wanted) {
        assert_errors_of_bytes(state, text, strlen(text), wanted);
}

#define GRANT "[grant]\ncommands = any\n"

static const char example[] = "# web-observer.grant\n"
                              "[grant]\n"
                              "description = count packets and connections of the web service\n"
                              "commands = map_create prog_load btf_load link_create\n"
                              "maps = hash array percpu_array ringbuf\n"
                              "programs = cgroup_skb cgroup_sock\n"
                              "verifier = strict\n"
                              "attach = cgroup_inet_ingress cgroup_inet_egress cgroup_inet_sock_create\n"
                              "\n"
                              "[reach]\n"
                              "cgroup = /system.slice/web.service\n"
                              "\n"
                              "[budget]\n"
                              "maps = 32\n"
                              "map-bytes = 64M\n"
                              "programs = 16\n"
                              "instructions = 100000\n"
                              "links = 16\n"
                              "time = 8h\n"
                              "\n"
                              "[access]\n"
                              "user = web\n"
                              "group = observers\n"
                              "holders = 4\n"
                              "derive = yes\n";

static void test_reads_the_example(void **state) {
        _cleanup_policy_ struct policy *p = policy_of(*state, example);

        assert_string_equal(p->name, "test");
        assert_string_equal(p->file, "dir/test.grant");
        assert_string_equal(p->description, "count packets and connections of the web service");
        assert_true(name_set_has(&p->commands, BPF_MAP_CREATE));
        assert_false(name_set_has(&p->commands, BPF_PROG_ATTACH));
        assert_true(name_set_has(&p->maps, BPF_MAP_TYPE_RINGBUF));
        assert_false(name_set_has(&p->maps, BPF_MAP_TYPE_LRU_HASH));
        assert_true(name_set_has(&p->programs, BPF_PROG_TYPE_CGROUP_SOCK));
        assert_true(name_set_has(&p->attach, BPF_CGROUP_INET_EGRESS));
        assert_int_equal(p->verifier, VERIFIER_STRICT);
        assert_int_equal(p->reach.cgroups.n_words, 1);
        assert_string_equal(p->reach.cgroups.words[0], "/system.slice/web.service");
        assert_int_equal(p->budget[BUDGET_MAPS], 32);
        assert_int_equal(p->budget[BUDGET_MAP_BYTES], 64 << 20);
        assert_int_equal(p->budget[BUDGET_TIME], UINT64_C(8) * 3600 * 1000000000);
        assert_string_equal(p->access.user, "web");
        assert_string_equal(p->access.group, "observers");
        assert_int_equal(p->access.holders, 4);
        assert_true(p->access.derive);
        assert_int_equal(p->lines[KEY_MAPS], 5);
        assert_int_equal(p->lines[KEY_BUDGET_MAPS], 14);
        assert_int_equal(p->lines[KEY_REACH_INTERFACE], 0);
        assert_int_equal(p->section_lines[SECTION_BUDGET], 13);
}

/* Written in the other ways that are allowed, it is the same policy. */
static void test_layout_does_not_matter(void **state) {
        _cleanup_policy_ struct policy *p =
                policy_of(*state, "[grant]\ncommands = any\nmaps = hash array\n");
        static const char *const same[] = {
                "[grant]\r\ncommands = any\r\nmaps = hash array\r\n",
                "\n\n  [grant]  \n; a comment\n\t# another\n commands=ANY\n\tmaps\t=\thash\t \tarray  ",
                "[grant]\nmaps = BPF_MAP_TYPE_ARRAY bpf_map_type_hash\ncommands = Any",
                "[budget]\n[access]\nderive = no\n[grant]\ncommands = any\nmaps = array hash\n[reach]\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
                _cleanup_policy_ struct policy *other = policy_of(*state, same[i]);

                assert_true(policy_equal(p, other));
        }
}

static void test_name_of_the_grant(void **state) {
        static const struct {
                const char *file, *name;
        } rows[] = {
                {"web.grant", "web"}, {"/etc/a.grants/web.grant", "web"},
                {"web", "web"},       {"web.grant.old", "web.grant.old"},
                {".grant", ".grant"}, {"-", "-"},
        };

        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                _cleanup_policy_ struct policy *p = NULL;
                _cleanup_text_ struct text errors = TEXT_INIT;

                assert_int_equal(grant_file_parse(rows[i].file, GRANT, strlen(GRANT), *state, &errors, &p),
                                 0);
                assert_string_equal(p->name, rows[i].name);
        }
}

static void test_sections(void **state) {
        assert_errors(state, "",
                      "f:1:1: the file is empty: a grant file needs a section [grant] with at least "
                      "\"commands\" in it\n");
        assert_errors(state, "# nothing\n",
                      "f:1:1: a grant file needs a section [grant] with at least \"commands\" in it\n");
        assert_errors(state, "\n[grant]\n",
                      "f:2:1: [grant] has no \"commands\": without them nothing is granted\n");
        assert_errors(state, "[grnat]\ncommands = any\nwhatever = 5\n",
                      "f:1:1: unknown section \"grnat\": did you mean [grant]?\n");
        assert_errors(
                state, GRANT "[elephant]\n",
                "f:3:1: unknown section \"elephant\": there are [grant], [reach], [budget] and [access]\n");
        assert_errors(state, GRANT "[reach]\n [reach]\n",
                      "f:4:2: section [reach] stands twice, first in line 3\n");
        assert_errors(state, "commands = any\nmaps = hash\n",
                      "f:1:1: \"commands\" stands outside of a section: a line such as [grant] must come "
                      "before it\n");
        assert_errors(state, "[grant\ncommands = any\n",
                      "f:1:1: a section's head is a name in brackets, as in [grant]\n");
        assert_errors(state, GRANT "[]\n", "f:3:1: a section's head is a name in brackets, as in [grant]\n");
        assert_errors(state, "[grant] # mine\ncommands = any\n",
                      "f:1:9: nothing may follow a section's head on its line\n");
}

static void test_keys(void **state) {
        assert_errors(state, GRANT "map = hash\n",
                      "f:3:1: unknown key \"map\" in [grant]: did you mean \"maps\"?\n");
        assert_errors(state, GRANT "elephant = 1\n", "f:3:1: unknown key \"elephant\" in [grant]\n");
        assert_errors(state, GRANT "cgroup = /\n",
                      "f:3:1: \"cgroup\" does not belong to [grant] but to [reach]\n");
        assert_errors(state, GRANT "maps = hash\nmaps = array\n",
                      "f:4:1: \"maps\" stands twice, first in line 3\n");
        assert_errors(state, GRANT "maps\n",
                      "f:3:1: \"=\" is missing: a line is \"key = value\", \"[section]\" or a "
                      "comment\n");
        assert_errors(state, GRANT " = hash\n", "f:3:2: the key before \"=\" is missing\n");
        assert_errors(state, GRANT "maps =  \n",
                      "f:3:1: \"maps\" has no value: give one, or take out the line\n");
}

static void test_names(void **state) {
        assert_errors(state, GRANT "maps = hash aray\n",
                      "f:3:13: \"aray\" is not a known map type: did you mean \"array\"?\n");
        assert_errors(state, GRANT "maps = elephant\n", "f:3:8: \"elephant\" is not a known map type\n");
        assert_errors(
                state, GRANT "maps = xdp\n",
                "f:3:8: \"xdp\" is not a known map type but a program type: it belongs to \"programs\"\n");
        assert_errors(state, GRANT "programs = lsm_mac\n",
                      "f:3:12: \"lsm_mac\" is not a known program type but an attach type: it belongs to "
                      "\"attach\"\n");
        assert_errors(
                state, GRANT "maps = 32\n",
                "f:3:8: \"32\" is not a known map type: how many there may be is said below [budget]\n");
        assert_errors(state, GRANT "maps = hash array hash\n", "f:3:19: \"hash\" is given twice\n");
        assert_errors(state, "[grant]\ncommands = prog_run prog_test_run\n",
                      "f:2:21: \"prog_test_run\" is given twice\n");
        assert_errors(state, GRANT "maps = hash, array\n",
                      "f:3:12: names are separated by blanks, not by commas\n");
        assert_errors(state, GRANT "maps = hash any\n",
                      "f:3:13: \"any\" means every map type: no other word may stand beside it\n");
        assert_errors(state, GRANT "maps = any any\n",
                      "f:3:12: \"any\" means every map type: no other word may stand beside it\n");
        assert_errors(state, GRANT "maps = hash # all\n",
                      "f:3:13: a comment must stand on a line of its own\n");
        assert_errors(state, GRANT "maps = hash\n", "");
        assert_errors(state, GRANT "maps = ANY\n", "");
}

static void test_quantities(void **state) {
        assert_errors(state,
                      GRANT "[budget]\nmaps = 0\nmap-bytes = 18446744073709551614\nlinks = 1\ntime = 30s\n",
                      "");
        assert_errors(state, GRANT "[budget]\nmap-bytes = 18446744073709551615\n",
                      "f:4:13: \"18446744073709551615\" is too large a number\n");
        assert_errors(state, GRANT "[budget]\nmap-bytes = 17179869184G\n",
                      "f:4:13: \"17179869184G\" is too large a number\n");
        assert_errors(state, GRANT "[budget]\nmaps = -1\n", "f:4:8: \"maps\" cannot be negative\n");
        assert_errors(state, GRANT "[budget]\nmaps = +1\n", "f:4:8: \"maps\" is a number, not \"+1\"\n");
        assert_errors(state, GRANT "[budget]\nmaps = many\n", "f:4:8: \"maps\" is a number, not \"many\"\n");
        assert_errors(state, GRANT "[budget]\nmaps = 1K\n",
                      "f:4:8: \"1K\": nothing may follow the number\n");
        assert_errors(state, GRANT "[budget]\nmap-bytes = 1MB\n",
                      "f:4:13: \"1MB\": only K, M or G may follow the number\n");
        assert_errors(state, GRANT "[budget]\nmap-bytes = 1 M\n",
                      "f:4:15: \"map-bytes\" takes one word, and \"M\" follows it\n");
        assert_errors(state, GRANT "[budget]\nmap-bytes = 1M ; one\n",
                      "f:4:16: a comment must stand on a line of its own\n");
        assert_errors(state, GRANT "[budget]\ntime = 30\n",
                      "f:4:8: \"30\": a time ends with its unit: s, m, h or d, as in 30s\n");
        assert_errors(state, GRANT "[budget]\ntime = 0s\n", "f:4:8: a time of 0 would be over at once\n");
        assert_errors(state, GRANT "[budget]\ntime = 999999999999d\n",
                      "f:4:8: \"999999999999d\" is too large a number\n");
}

static void test_places(void **state) {
        assert_errors(state,
                      GRANT "[reach]\ncgroup = / /a/b.slice\ninterface = eth0 a23456789012345\n"
                            "tracepoint = sched:sched_switch\n",
                      "");
        assert_errors(state, GRANT "[reach]\ncgroup = /a/ b /a/../c\n",
                      "f:4:10: \"/a/\" is not an absolute path in normal form: write \"/a\"\n"
                      "f:4:14: \"b\" is not an absolute path in normal form: write \"/b\"\n"
                      "f:4:16: \"/a/../c\" is not an absolute path in normal form: write \"/c\"\n");
        assert_errors(state, GRANT "[reach]\ncgroup = /a /a\n", "f:4:13: \"/a\" is given twice\n");
        assert_errors(state, GRANT "[reach]\ncgroup = /1 /2 /3 /4 /5 /6 /7 /8 /9\n",
                      "f:4:34: \"cgroup\" takes at most 8 words\n");
        assert_errors(
                state, GRANT "[reach]\ninterface = a234567890123456 a/b .. a:1\n",
                "f:4:13: \"a234567890123456\" is not an interface's name: at most 15 bytes, no \"/\", no "
                "\":\"\n"
                "f:4:30: \"a/b\" is not an interface's name: at most 15 bytes, no \"/\", no \":\"\n"
                "f:4:34: \"..\" is not an interface's name: at most 15 bytes, no \"/\", no \":\"\n"
                "f:4:37: \"a:1\" is not an interface's name: at most 15 bytes, no \"/\", no \":\"\n");
        assert_errors(state, GRANT "[reach]\ntracepoint = sched_switch sched:../x\n",
                      "f:4:14: \"sched_switch\" is not a tracepoint: category:name is expected, as in "
                      "syscalls:sys_enter_openat\n"
                      "f:4:27: \"sched:../x\" is not a tracepoint: category:name is expected, as in "
                      "syscalls:sys_enter_openat\n");
}

static void test_access(void **state) {
        assert_errors(state,
                      GRANT "[access]\nuser = 1000\ngroup = web\nmode = 660\nholders = 1\nderive = no\n"
                            "pins = /sys/fs/bpf/web\n",
                      "");
        assert_errors(state, GRANT "[access]\nuser = web server\n",
                      "f:4:12: \"user\" takes one word, and \"server\" follows it\n");
        assert_errors(state, GRANT "[access]\nmode = 888\n",
                      "f:4:8: \"888\" is not a mode: an octal number from 0001 to 0777 is expected\n");
        assert_errors(state, GRANT "[access]\nmode = 1777\n",
                      "f:4:8: \"1777\" is not a mode: an octal number from 0001 to 0777 is expected\n");
        assert_errors(state, GRANT "[access]\nmode = 0\n",
                      "f:4:8: \"0\" is not a mode: an octal number from 0001 to 0777 is expected\n");
        assert_errors(
                state, GRANT "[access]\nmode = 77777777777777777777777777777\n",
                "f:4:8: \"77777777777777777777777777777\" is not a mode: an octal number from 0001 to 0777 "
                "is expected\n");
        assert_errors(state, GRANT "[access]\nholders = 0\n",
                      "f:4:11: 0 would let nobody hold the grant: the least number is 1\n");
        assert_errors(state, GRANT "[access]\nholders = 4294967296\n",
                      "f:4:11: \"4294967296\" is too large a number\n");
        assert_errors(state, GRANT "[access]\nderive = maybe\n",
                      "f:4:10: \"derive\" is no or yes, not \"maybe\"\n");
        assert_errors(state, GRANT "[access]\npins = sys/fs\n",
                      "f:4:8: \"sys/fs\" is not an absolute path in normal form: write \"/sys/fs\"\n");
        assert_errors(state, GRANT "verifier = loose\n",
                      "f:3:12: \"verifier\" is strict or trusted, not \"loose\"\n");
}

static void test_rule_tracing(void **state) {
        assert_errors(state, GRANT "programs = kprobe xdp tracing\nverifier = trusted\n", "");
        assert_errors(state, GRANT "programs = kprobe xdp tracing\n",
                      "f:3:12: tracing programs can read kernel memory, and so need \"verifier = trusted\": "
                      "kprobe tracing\n");
        assert_errors(
                state, GRANT "programs = any\nverifier = strict\n",
                "f:3:12: tracing programs can read kernel memory, and so need \"verifier = trusted\": any "
                "(with it every tracing type)\n");
        assert_errors(state, GRANT "programs = xdp\n", "");
}

static void test_rule_map_bytes(void **state) {
        assert_errors(state, GRANT "maps = hash task_storage\n", "");
        assert_errors(state, GRANT "maps = any\n[budget]\nmap-bytes = 1M\n", "");
        assert_errors(
                state, GRANT "maps = hash sk_storage task_storage\n[budget]\nmap-bytes = 1M\n",
                "f:3:8: \"map-bytes\" (line 5) cannot bound maps that grow with other objects of the host: "
                "sk_storage task_storage\n");
}

static void test_rule_pairs(void **state) {
        assert_errors(state, "[grant]\ncommands = map_create\nmaps = hash\n", "");
        assert_errors(state, "[grant]\ncommands = btf_load\nmaps = hash\n",
                      "f:3:8: map types are named, but \"commands\" (line 2) lacks map_create\n");
        assert_errors(
                state, "[grant]\ncommands = map_create\n",
                "f:2:12: map_create is granted, but no map types: a line \"maps = ...\" is missing below "
                "[grant]\n");
        assert_errors(state, "[grant]\ncommands = btf_load\nprograms = xdp\n",
                      "f:3:12: program types are named, but \"commands\" (line 2) lacks prog_load\n");
        assert_errors(
                state, "[grant]\ncommands = prog_load\n",
                "f:2:12: prog_load is granted, but no program types: a line \"programs = ...\" is missing "
                "below [grant]\n");
        assert_errors(
                state, "[grant]\ncommands = btf_load\nattach = xdp\n",
                "f:3:10: attach types are named, but \"commands\" (line 2) lacks link_create, prog_attach, "
                "raw_tracepoint_open or prog_load\n");
        assert_errors(state, "[grant]\ncommands = link_create prog_attach\n",
                      "f:2:12: link_create is granted, but no attach types: a line \"attach = ...\" is "
                      "missing below "
                      "[grant]\n"
                      "f:2:12: prog_attach is granted, but no attach types: a line \"attach = ...\" is "
                      "missing below "
                      "[grant]\n");
        /* A program may be loaded for an attach type and be attached by somebody else. */
        assert_errors(state,
                      "[grant]\ncommands = prog_load\nprograms = cgroup_skb\nattach = cgroup_inet_egress\n",
                      "");
        assert_errors(state, GRANT "maps = hash\nprograms = xdp\nattach = xdp\n", "");
}

/* No rule is drawn from a list that was misspelt: one mistake, one message. */
static void test_no_error_follows_from_another(void **state) {
        assert_errors(state, "[grant]\ncommands = map_craete\nmaps = hash\n",
                      "f:2:12: \"map_craete\" is not a known command: did you mean \"map_create\"?\n");
        assert_errors(state, "[grant]\ncommands = map_create\nmaps = hsah\n",
                      "f:3:8: \"hsah\" is not a known map type: did you mean \"hash\"?\n");
        assert_errors(state, GRANT "programs = kprobe\nverifier = trustde\n",
                      "f:4:12: \"verifier\" is strict or trusted, not \"trustde\"\n");
}

/* What a lost line should have said is not asked for a second time. */
static void test_what_seems_missing_may_be_lost(void **state) {
        assert_errors(state, "[grant]\ncomands = any\n",
                      "f:2:1: unknown key \"comands\" in [grant]: did you mean \"commands\"?\n");
        assert_errors(state, "[grant]\ncommands any\n",
                      "f:2:1: \"=\" is missing: a line is \"key = value\", \"[section]\" or a comment\n");
        assert_errors(state, "[grant]\ncommands = \x01 any\n",
                      "f:2:12: byte 0x01 at offset 19 is a control character: a grant file is plain text\n");
        assert_errors(state, "[grant]\n[reach]\ncommand = any\n",
                      "f:1:1: [grant] has no \"commands\": without them nothing is granted\n"
                      "f:3:1: unknown key \"command\" in [reach]\n");
}

static void test_all_errors_in_the_order_of_lines(void **state) {
        assert_errors(state,
                      "[grant]\n"
                      "commands = btf_load\n"
                      "maps = hash\n"
                      "verifeir = strict\n"
                      "[budget]\n"
                      "time = 5\n",
                      "f:3:8: map types are named, but \"commands\" (line 2) lacks map_create\n"
                      "f:4:1: unknown key \"verifeir\" in [grant]: did you mean \"verifier\"?\n"
                      "f:6:8: \"5\": a time ends with its unit: s, m, h or d, as in 30s\n");
}

static void test_bytes(void **state) {
        static const char nul[] = GRANT "description = a\0b\0c\n";
        static const char latin[] = GRANT "description = caf\xe9\n";

        assert_errors_of_bytes(
                state, nul, sizeof(nul) - 1,
                "f:3:16: byte 0x00 at offset 38 is a control character: a grant file is plain "
                "text\n");
        assert_errors_of_bytes(state, latin, sizeof(latin) - 1,
                               "f:3:18: byte 0xe9 at offset 40 is not UTF-8\n");
        assert_errors(state, GRANT "description = caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x9d\n", "");
        assert_errors(state, GRANT "description = \x1b[31mred\n",
                      "f:3:15: byte 0x1b at offset 37 is a control character: a grant file is plain text\n");
        assert_errors(state,
                      GRANT "description = \xc2\x9b"
                            "31m\n",
                      "f:3:15: byte 0xc2 at offset 37 is a control character: a grant file is plain text\n");
        assert_errors(state, GRANT "description = a\rb\n",
                      "f:3:16: byte 0x0d at offset 38 is a control character: a grant file is plain text\n");
        assert_errors(state, "\xef\xbb\xbf" GRANT,
                      "f:1:1: the file begins with a byte order mark: save it without\n");
}

/* Overlong forms, surrogates, what is beyond Unicode, and what is cut off. */
static void test_utf8(void **state) {
        static const char *const wrong[] = {"\xc0\xaf",
                                            "\xc1\xbf",
                                            "\xe0\x80\xaf",
                                            "\xed\xa0\x80",
                                            "\xf0\x80\x80\xaf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80\x80\x80",
                                            "\xff",
                                            "\x80",
                                            "\xe2\x82",
                                            "\xc3"};

        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                char text[64], message[64];

                snprintf(text, sizeof(text), GRANT "description = x%s", wrong[i]);
                snprintf(message, sizeof(message), "f:3:16: byte 0x%02x at offset 38 is not UTF-8\n",
                         (unsigned char)wrong[i][0]);
                assert_errors(state, text, message);
        }
}

static void test_too_many_errors(void **state) {
        _cleanup_text_ struct text file = TEXT_INIT, errors = TEXT_INIT;
        _cleanup_policy_ struct policy *p = NULL;
        unsigned n_lines = 0;

        text_append(&file, "[grant]\n");
        for (unsigned i = 0; i < 1000; i++)
                text_append(&file, "key%u = 1\n", i);
        assert_int_equal(grant_file_parse("f", text_get(&file), file.length, *state, &errors, &p),
                         GRANT_FILE_E_INVALID);
        for (const char *c = text_get(&errors); *c; c++)
                n_lines += *c == '\n';
        assert_int_equal(n_lines, GRANT_FILE_ERRORS_MAX + 1);
        /* The error of line 1 was found last, and stands first all the same. */
        assert_memory_equal(text_get(&errors), "f:1:1: [grant] has no \"commands\"", 32);
        assert_non_null(strstr(text_get(&errors), "f:50:1: unknown key \"key48\" in [grant]\n"
                                                  "f: and 951 more errors\n"));
}

static void test_size(void **state) {
        size_t size = GRANT_FILE_SIZE_MAX;
        _cleanup_free_ char *text = malloc(10 * size);

        assert_non_null(text);
        memset(text, '\n', 10 * size);
        memcpy(text, GRANT, strlen(GRANT));
        assert_errors_of_bytes(state, text, size, "");
        assert_errors_of_bytes(
                state, text, size + 1,
                "f:1:1: the file has 1048577 bytes, and a grant file at most 1048576: this is "
                "something else\n");
        assert_errors_of_bytes(
                state, text, 10 * size,
                "f:1:1: the file has 10485760 bytes, and a grant file at most 1048576: this is "
                "something else\n");
}

/* Long words are cut in messages, between characters. */
static void test_long_words(void **state) {
        _cleanup_text_ struct text file = TEXT_INIT, errors = TEXT_INIT;
        _cleanup_policy_ struct policy *p = NULL;

        text_append(&file, GRANT "maps = ");
        for (unsigned i = 0; i < 100000; i++)
                text_append(&file, "\xe2\x82\xac");
        assert_int_equal(grant_file_parse("f", text_get(&file), file.length, *state, &errors, &p),
                         GRANT_FILE_E_INVALID);
        assert_true(errors.length < 150);
        assert_non_null(strstr(text_get(&errors), "\xe2\x82\xac...\" is not a known map type\n"));
}

/* Each prefix of a right file: an answer, never a crash; the errors are lines of the file. */
static void test_every_prefix(void **state) {
        for (size_t size = 0; size < sizeof(example); size++) {
                _cleanup_policy_ struct policy *p = NULL;
                _cleanup_text_ struct text errors = TEXT_INIT;
                _cleanup_free_ char *exact = malloc(size + 1);
                int r;

                assert_non_null(exact);
                memcpy(exact, example, size);
                r = grant_file_parse("f", exact, size, *state, &errors, &p);
                assert_int_equal(r == 0, errors.length == 0);
                assert_int_equal(r == 0, p != NULL);
        }
}

static int extend(struct vocabulary *v, void *userdata _unused_) {
        return vocabulary_add(v, NAME_MAP_TYPE, "BPF_MAP_TYPE_FUTURE", 50);
}

/* A name that only the running kernel knows; its weight is not known, so map-bytes cannot hold. */
static void test_names_of_a_newer_kernel(void **state _unused_) {
        _cleanup_vocabulary_ struct vocabulary *v = NULL;
        void *newer;

        assert_int_equal(vocabulary_new(&v, extend, NULL), 0);
        newer = v;
        assert_errors(&newer, GRANT "maps = future\n", "");
        assert_errors(
                &newer, GRANT "maps = future\n[budget]\nmap-bytes = 1M\n",
                "f:3:8: \"map-bytes\" (line 5) cannot bound maps that grow with other objects of the host: "
                "future\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_reads_the_example, setup, teardown),
                cmocka_unit_test_setup_teardown(test_layout_does_not_matter, setup, teardown),
                cmocka_unit_test_setup_teardown(test_name_of_the_grant, setup, teardown),
                cmocka_unit_test_setup_teardown(test_sections, setup, teardown),
                cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
                cmocka_unit_test_setup_teardown(test_names, setup, teardown),
                cmocka_unit_test_setup_teardown(test_quantities, setup, teardown),
                cmocka_unit_test_setup_teardown(test_places, setup, teardown),
                cmocka_unit_test_setup_teardown(test_access, setup, teardown),
                cmocka_unit_test_setup_teardown(test_rule_tracing, setup, teardown),
                cmocka_unit_test_setup_teardown(test_rule_map_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_rule_pairs, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_error_follows_from_another, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_seems_missing_may_be_lost, setup, teardown),
                cmocka_unit_test_setup_teardown(test_all_errors_in_the_order_of_lines, setup, teardown),
                cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_many_errors, setup, teardown),
                cmocka_unit_test_setup_teardown(test_size, setup, teardown),
                cmocka_unit_test_setup_teardown(test_long_words, setup, teardown),
                cmocka_unit_test_setup_teardown(test_every_prefix, setup, teardown),
                cmocka_unit_test(test_names_of_a_newer_kernel),
        };

        return cmocka_run_group_tests_name("grant-file", tests, NULL, NULL);
}
