/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_deinit(struct text *t) {
        free(t->data);
        *t = (struct text) {};
}

void text_clear(struct text *t) {
        t->length = 0;
        t->failed = false;
        if (t->data)
                t->data[0] = '\0';
}

/* Makes room for `more` bytes and the NUL. */
static bool text_reserve(struct text *t, size_t more) {
        size_t wanted;
        char *data;

        if (t->failed)
                return false;
        if (__builtin_add_overflow(t->length + 1, more, &wanted)) {
                t->failed = true;
                return false;
        }
        if (t->data && wanted <= t->allocated)
                return true;
        if (wanted < 2 * t->allocated)
                wanted = 2 * t->allocated;
        data = realloc(t->data, wanted);
        if (!data) {
                t->failed = true;
                return false;
        }
        t->data = data;
        t->allocated = wanted;
        return true;
}

void text_append_bytes(struct text *t, const char *data, size_t length) {
        if (!text_reserve(t, length))
                return;
        if (length > 0)
                memcpy(t->data + t->length, data, length);
        t->length += length;
        t->data[t->length] = '\0';
}

void text_append(struct text *t, const char *format, ...) {
        va_list args;
        int n;

        va_start(args, format);
        n = vsnprintf(NULL, 0, format, args);
        va_end(args);
        if (n < 0) {
                t->failed = true;
                return;
        }
        if (!text_reserve(t, (size_t)n))
                return;
        va_start(args, format);
        vsnprintf(t->data + t->length, (size_t)n + 1, format, args);
        va_end(args);
        t->length += (size_t)n;
}

const char *text_get(const struct text *t) {
        return t->data ? t->data : "";
}

int text_take(struct text *t, char **ret_string) {
        if (!t->data)
                text_append_bytes(t, "", 0);
        if (t->failed) {
                text_deinit(t);
                return -ENOMEM;
        }
        *ret_string = t->data;
        *t = (struct text) {};
        return 0;
}
