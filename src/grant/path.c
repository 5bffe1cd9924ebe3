/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Paths are taken apart at '/' from left to right; a part is what stands
 * between. ".." takes back the last part that was written, if there is one.
 */

#include "grant/path.h"

#include <string.h>

static bool part_is(const char *part, size_t length, const char *name) {
        return strlen(name) == length && memcmp(part, name, length) == 0;
}

bool path_is_normal(const char *path) {
        if (path[0] != '/')
                return false;
        if (path[1] == '\0')
                return true;
        for (const char *slash = path; *slash == '/';) {
                const char *part = slash + 1;
                size_t length = strcspn(part, "/");

                if (length == 0 || part_is(part, length, ".") || part_is(part, length, ".."))
                        return false;
                slash = part + length;
        }
        return true;
}

/* Cuts the last part off what was written since `start`. */
static void drop_last_part(struct text *out, size_t start) {
        while (out->length > start && out->data[out->length - 1] != '/')
                out->length--;
        if (out->length > start)
                out->length--;
        if (out->data)
                out->data[out->length] = '\0';
}

void path_normalise(const char *path, struct text *out) {
        size_t start = out->length;

        while (*path) {
                size_t length = strcspn(path, "/");

                if (part_is(path, length, ".."))
                        drop_last_part(out, start);
                else if (length > 0 && !part_is(path, length, "."))
                        text_append(out, "/%.*s", (int)length, path);
                path += length;
                if (*path == '/')
                        path++;
        }
        if (out->length == start)
                text_append(out, "/");
}

bool path_is_within(const char *path, const char *ancestor) {
        size_t n = strlen(ancestor);

        if (strcmp(ancestor, "/") == 0)
                return true;
        return strncmp(path, ancestor, n) == 0 && (path[n] == '\0' || path[n] == '/');
}
