/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a test skips: with its reason. A reason that begins with "kernel:" names
 * something that the running kernel lacks, which no package and no privilege
 * would mend; every other skip is a failure where CI=true (tests/summary).
 *
 *         skip_because("kernel: has no BPF tokens (6.9)");
 *         skip_because("not root");
 *
 * Include it after <cmocka.h>.
 */

#define skip_because(...)                                                                                   \
        do {                                                                                                \
                print_message("# skip: " __VA_ARGS__);                                                      \
                print_message("\n");                                                                        \
                skip();                                                                                     \
        } while (0)
