/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The grant that a program was started with. */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "bpfgrant.h"
#include "client/channel.h"

int bpfgrant_fd_from_environment(void) {
        const char *text = secure_getenv("BPFGRANT_FD");
        int saved = errno, r;
        long number;
        char *end;

        if (!text)
                return -ENOENT;
        /* strtol() would take blanks and signs. */
        if (!isdigit((unsigned char)text[0]))
                return -EINVAL;
        errno = 0;
        number = strtol(text, &end, 10);
        if (errno != 0 || *end != '\0' || number > INT_MAX) {
                errno = saved;
                return -EINVAL;
        }
        r = channel_check_grant((int)number);
        errno = saved;
        return r < 0 ? r : (int)number;
}
