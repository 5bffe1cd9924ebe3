/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "grant/grant_file.h"

/* Reads one byte more than is allowed, so that the parser can say that it is too long. */
static int read_all(int fd, struct text *out) {
        char buffer[16384];
        ssize_t n;

        while (out->length <= GRANT_FILE_SIZE_MAX) {
                n = read(fd, buffer, sizeof(buffer));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                text_append_bytes(out, buffer, (size_t)n);
        }
        return out->failed ? -ENOMEM : 0;
}

int grant_load(const char *path, struct vocabulary *v, struct policy **ret_policy) {
        _cleanup_text_ struct text content = TEXT_INIT, errors = TEXT_INIT;
        _cleanup_close_ int fd = -1;
        const char *name = path;
        int r;

        if (strcmp(path, "-") == 0) {
                name = "<stdin>";
                fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
        } else {
                fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        }
        if (fd < 0) {
                complain("%s: %s", name, strerror(errno));
                return EXIT_FAILURE;
        }
        r = read_all(fd, &content);
        if (r < 0) {
                complain("%s: %s", name, strerror(-r));
                return EXIT_FAILURE;
        }
        r = grant_file_parse(name, text_get(&content), content.length, v, &errors, ret_policy);
        if (r < 0) {
                complain("%s: %s", name, strerror(-r));
                return EXIT_FAILURE;
        }
        if (r > 0) {
                fputs(text_get(&errors), stderr);
                return EXIT_FAILURE;
        }
        return 0;
}
