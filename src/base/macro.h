/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The few macros that every layer uses: sizes of arrays, and the cleanup
 * attributes that tie a resource to the scope that owns it.
 */

#include <stddef.h>
#include <stdlib.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define _cleanup_(f) __attribute__((__cleanup__(f)))
#define _printf_(fmt, args) __attribute__((__format__(__printf__, fmt, args)))
#define _unused_ __attribute__((__unused__))
#define _noreturn_ __attribute__((__noreturn__))

/* Hands the pointer on and leaves NULL behind, so that a cleanup does nothing. */
#define steal_ptr(p)                                                                                        \
        ({                                                                                                  \
                __typeof__(p) _p = (p);                                                                     \
                (p) = NULL;                                                                                 \
                _p;                                                                                         \
        })

static inline void freep(void *p) {
        free(*(void **)p);
}
#define _cleanup_free_ _cleanup_(freep)
