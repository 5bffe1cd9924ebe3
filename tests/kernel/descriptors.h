/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How many descriptors this process has, for tests that none is left open: more
 * than there are by the same number each time. Include it after <cmocka.h>.
 */

#include <dirent.h>

static int count_descriptors(void) {
        DIR *dir = opendir("/proc/self/fd");
        int n = 0;

        assert_non_null(dir);
        while (readdir(dir))
                n++;
        closedir(dir);
        return n;
}
