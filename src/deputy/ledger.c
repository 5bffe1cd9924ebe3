/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Entries of a kind stand in an array sorted by id: new ids are nearly always
 * the largest, so entering is an append, finding a binary search, and walking
 * ids in order is what *_GET_NEXT_ID wants.
 */

#include "deputy/ledger.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

#define SWEEP_AT_LEAST 256 /* entries, before doubling makes a sweep worth its while */
#define SWEEP_BATCH 64

struct entry {
        uint32_t id;
        struct charge charge;
};

struct shelf {
        struct entry *entries;
        size_t n, allocated;
        size_t n_swept; /* entries after the last sweep */
};

struct paid_attachment {
        struct attachment where;
        struct charge charge;
};

struct ledger {
        pthread_mutex_t lock;
        struct budget budget;
        struct shelf shelves[N_ABI_OBJECTS];
        struct paid_attachment *attachments;
        size_t n_attachments, allocated_attachments;
        ledger_alive_fn alive;
        void *userdata;
};

int ledger_new(struct ledger **ret_ledger, const struct policy *p, ledger_alive_fn alive, void *userdata) {
        struct ledger *l = calloc(1, sizeof(*l));

        if (!l)
                return -ENOMEM;
        pthread_mutex_init(&l->lock, NULL);
        budget_init(&l->budget, p);
        l->alive = alive;
        l->userdata = userdata;
        *ret_ledger = l;
        return 0;
}

struct ledger *ledger_free(struct ledger *l) {
        if (!l)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(l->shelves); i++)
                free(l->shelves[i].entries);
        free(l->attachments);
        pthread_mutex_destroy(&l->lock);
        free(l);
        return NULL;
}

static void unlockp(struct ledger **l) {
        pthread_mutex_unlock(&(*l)->lock);
}
#define LOCKED(l)                                                                                           \
        _unused_ _cleanup_(unlockp)                                                                         \
        struct ledger *_locked = (pthread_mutex_lock(&(l)->lock), (l))

/* The position of the first entry whose id is at least this one. */
static size_t shelf_position(const struct shelf *s, uint32_t id) {
        size_t low = 0, high = s->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (s->entries[middle].id < id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static struct entry *shelf_find(const struct shelf *s, uint32_t id) {
        size_t at = shelf_position(s, id);

        return at < s->n && s->entries[at].id == id ? &s->entries[at] : NULL;
}

/* The array with room for one more element, or NULL: then it is as it was. */
static void *reserve(void *array, size_t *allocated, size_t n, size_t size) {
        size_t wanted = *allocated ? 2 * *allocated : 8;
        void *grown;

        if (n < *allocated)
                return array;
        grown = reallocarray(array, wanted, size);
        if (grown)
                *allocated = wanted;
        return grown;
}

/* Asks for one batch and marks what is dead by id 0, which no object has. */
static void shelf_mark_dead(struct ledger *l, enum abi_object kind, size_t from, size_t n) {
        struct shelf *s = &l->shelves[kind];
        uint32_t ids[SWEEP_BATCH];
        bool alive[SWEEP_BATCH];

        for (size_t i = 0; i < n; i++)
                ids[i] = s->entries[from + i].id;
        if (l->alive(l->userdata, kind, ids, n, alive) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (!alive[i]) {
                        budget_release(&l->budget, &s->entries[from + i].charge);
                        s->entries[from + i].id = 0;
                }
}

static void shelf_sweep(struct ledger *l, enum abi_object kind) {
        struct shelf *s = &l->shelves[kind];
        size_t kept = 0;

        for (size_t i = 0; i < s->n; i += SWEEP_BATCH)
                shelf_mark_dead(l, kind, i, s->n - i < SWEEP_BATCH ? s->n - i : SWEEP_BATCH);
        for (size_t i = 0; i < s->n; i++)
                if (s->entries[i].id != 0)
                        s->entries[kept++] = s->entries[i];
        s->n = s->n_swept = kept;
}

static void attachments_sweep(struct ledger *l) {
        size_t kept = 0;

        for (size_t i = 0; i < l->n_attachments; i++) {
                struct paid_attachment *a = &l->attachments[i];
                bool alive;

                /* The program need not be one that this grant loaded. */
                if (l->alive(l->userdata, OBJECT_PROG, &a->where.program, 1, &alive) < 0 || alive)
                        l->attachments[kept++] = *a;
                else
                        budget_release(&l->budget, &a->charge);
        }
        l->n_attachments = kept;
}

static void sweep(struct ledger *l) {
        for (int kind = 0; kind < N_ABI_OBJECTS; kind++)
                shelf_sweep(l, (enum abi_object)kind);
        attachments_sweep(l);
}

void ledger_sweep(struct ledger *l) {
        LOCKED(l);

        sweep(l);
}

enum decide_verdict ledger_charge(struct ledger *l, const struct charge *c) {
        LOCKED(l);

        return budget_charge(&l->budget, c);
}

void ledger_refund(struct ledger *l, struct charge *c) {
        LOCKED(l);

        budget_release(&l->budget, c);
}

int ledger_add(struct ledger *l, enum abi_object kind, uint32_t id, struct charge *c) {
        LOCKED(l);
        struct shelf *s = &l->shelves[kind];
        struct entry *known, *entries;
        size_t at;

        if (s->n >= SWEEP_AT_LEAST && s->n >= 2 * s->n_swept)
                sweep(l);
        known = shelf_find(s, id);
        if (known) {
                /* The id of a dead object was handed out again: its charge goes, ours comes. */
                budget_release(&l->budget, &known->charge);
                known->charge = *c;
                *c = (struct charge) {};
                return 0;
        }
        entries = reserve(s->entries, &s->allocated, s->n, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        s->entries = entries;
        at = shelf_position(s, id);
        memmove(&s->entries[at + 1], &s->entries[at], (s->n - at) * sizeof(*s->entries));
        s->entries[at] = (struct entry) {.id = id, .charge = *c};
        s->n++;
        *c = (struct charge) {};
        return 0;
}

void ledger_reap(struct ledger *l, enum abi_object kind, uint32_t id) {
        LOCKED(l);
        struct shelf *s = &l->shelves[kind];
        struct entry *e = shelf_find(s, id);
        bool alive;
        size_t at;

        if (!e || l->alive(l->userdata, kind, &id, 1, &alive) < 0 || alive)
                return;
        budget_release(&l->budget, &e->charge);
        at = (size_t)(e - s->entries);
        memmove(e, e + 1, (s->n - at - 1) * sizeof(*e));
        s->n--;
}

bool ledger_has(struct ledger *l, enum abi_object kind, uint32_t id) {
        LOCKED(l);

        return shelf_find(&l->shelves[kind], id) != NULL;
}

bool ledger_next(struct ledger *l, enum abi_object kind, uint32_t after, uint32_t *ret_id) {
        LOCKED(l);
        struct shelf *s = &l->shelves[kind];
        size_t at;

        if (after == UINT32_MAX)
                return false;
        at = shelf_position(s, after + 1);
        if (at >= s->n)
                return false;
        *ret_id = s->entries[at].id;
        return true;
}

int ledger_add_attachment(struct ledger *l, const struct attachment *a, struct charge *c) {
        LOCKED(l);
        struct paid_attachment *grown =
                reserve(l->attachments, &l->allocated_attachments, l->n_attachments, sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        l->attachments = grown;
        l->attachments[l->n_attachments++] = (struct paid_attachment) {*a, *c};
        *c = (struct charge) {};
        return 0;
}

void ledger_remove_attachment(struct ledger *l, const struct attachment *a) {
        LOCKED(l);

        for (size_t i = 0; i < l->n_attachments; i++) {
                struct paid_attachment *paid = &l->attachments[i];

                /* Program 0: prog_detach that names none detaches the only one there is. */
                if (paid->where.target != a->target || paid->where.attach_type != a->attach_type ||
                    (a->program != 0 && paid->where.program != a->program))
                        continue;
                budget_release(&l->budget, &paid->charge);
                *paid = l->attachments[--l->n_attachments];
                return;
        }
}
