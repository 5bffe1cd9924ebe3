/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/text.h"

static void json_putp(struct json_object **o) {
        json_object_put(*o);
}
#define _cleanup_json_ _cleanup_(json_putp)

static void add_string(struct json_object *o, const char *key, const char *value) {
        json_object_object_add(o, key, json_object_new_string(value));
}

static void add_number(struct json_object *o, const char *key, uint64_t value) {
        json_object_object_add(o, key, json_object_new_uint64(value));
}

/* A name that a holder chose: shown as far as it is plain ASCII. */
static void add_foreign_string(struct json_object *o, const char *key, const char *value, size_t size) {
        char shown[64];
        size_t n = 0;

        for (; n < size && n < sizeof(shown) - 1 && value[n]; n++)
                shown[n] = value[n] >= 0x20 && value[n] < 0x7f ? value[n] : '?';
        shown[n] = '\0';
        add_string(o, key, shown);
}

static void add_name(struct json_object *o, const char *key, struct vocabulary *v, enum name_kind kind,
                     uint32_t value) {
        const char *name = vocabulary_name(v, kind, value);

        if (name)
                add_string(o, key, name);
        else
                add_number(o, key, value);
}

/* What was asked for, in names. */
static struct json_object *asked_json(struct vocabulary *v, const struct ask *a) {
        struct json_object *o = json_object_new_object();

        if (a->makes_map) {
                add_name(o, "map", v, NAME_MAP_TYPE, a->map.type);
                add_number(o, "key", a->map.key_size);
                add_number(o, "value", a->map.value_size);
                add_number(o, "entries", a->map.max_entries);
                if (a->map_bytes < UINT64_MAX)
                        add_number(o, "bytes", a->map_bytes);
        }
        if (a->loads_program) {
                add_name(o, "program", v, NAME_PROG_TYPE, a->prog_type);
                add_number(o, "instructions", a->instructions);
                if (a->names_attach_type)
                        add_name(o, "attach", v, NAME_ATTACH_TYPE, a->prog_attach_type);
                if (a->blind_filter)
                        json_object_object_add(o, "probe", json_object_new_boolean(true));
        }
        if (a->attaches)
                add_name(o, "attach", v, NAME_ATTACH_TYPE, a->attach_type);
        return o;
}

static void add_time(struct json_object *o) {
        struct timespec now;
        struct tm tm;
        char text[40];
        size_t n;

        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &tm);
        n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(text + n, sizeof(text) - n, ".%06ldZ", now.tv_nsec / 1000);
        add_string(o, "time", text);
}

static struct json_object *entry_json(struct vocabulary *v, const struct record_entry *e) {
        struct json_object *o = json_object_new_object(), *holder = json_object_new_object();

        add_time(o);
        add_string(o, "grant", e->grant);
        add_string(o, "delivery", e->delivery);
        json_object_object_add(holder, "pid", json_object_new_int(e->holder.pid));
        json_object_object_add(holder, "tid", json_object_new_int(e->holder.tid));
        json_object_object_add(holder, "uid", json_object_new_int64(e->holder.uid));
        add_foreign_string(holder, "comm", e->holder.comm, sizeof(e->holder.comm));
        json_object_object_add(o, "holder", holder);
        add_name(o, "command", v, NAME_COMMAND, e->command);
        if (e->ask)
                json_object_object_add(o, "asked", asked_json(v, e->ask));
        add_string(o, "verdict", e->verdict);
        if (e->reason[0])
                add_string(o, "reason", e->reason);
        if (e->result < 0)
                add_string(o, "errno", strerrorname_np((int)-e->result) ?: "unknown");
        else
                add_number(o, "result", (uint64_t)e->result);
        if (e->id != 0)
                add_number(o, "id", e->id);
        add_number(o, "us", (e->duration_ns + 500) / 1000);
        return o;
}

/* One write() a line, so that lines of several writers do not mix (O_APPEND, or a pipe). */
static int write_line(int fd, const char *line, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, line, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                line += n;
                size -= (size_t)n;
        }
        return 0;
}

static int write_entry(int fd, struct vocabulary *v, const struct record_entry *e) {
        _cleanup_json_ struct json_object *o = entry_json(v, e);
        _cleanup_text_ struct text line = TEXT_INIT;

        text_append(
                &line, "%s\n",
                json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        return line.failed ? -ENOMEM : write_line(fd, text_get(&line), line.length);
}

int record_write(struct record *r, const struct record_entry *e) {
        return r->fd < 0 ? 0 : write_entry(r->fd, r->vocabulary, e);
}

/* FNV-1a: only to know a sentence again. */
static uint64_t sentence_hash(const char *s) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (; *s; s++)
                h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
        return h;
}

/* Serving threads may race here: then a sentence is said twice, or a slot is lost. */
static bool said_before(struct record *r, const char *sentence) {
        uint64_t hash = sentence_hash(sentence);

        for (size_t i = 0; i < ARRAY_SIZE(r->said); i++)
                if (__atomic_load_n(&r->said[i], __ATOMIC_RELAXED) == hash)
                        return true;
        __atomic_store_n(&r->said[__atomic_fetch_add(&r->n_said, 1, __ATOMIC_RELAXED) % ARRAY_SIZE(r->said)],
                         hash, __ATOMIC_RELAXED);
        return false;
}

void record_say(struct record *r, const struct record_entry *e) {
        _cleanup_text_ struct text line = TEXT_INIT;

        if (r->stderr_fd < 0 || !e->reason[0] || said_before(r, e->reason))
                return;
        if (r->json) {
                (void)write_entry(r->stderr_fd, r->vocabulary, e);
                return;
        }
        text_append(&line, "bpfgrant: refused: %s\n", e->reason);
        if (!line.failed)
                (void)write_line(r->stderr_fd, text_get(&line), line.length);
}
