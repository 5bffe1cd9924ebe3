/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "deputy/request.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/fd.h"
#include "deputy/examine.h"
#include "deputy/perform.h"
#include "deputy/quick.h"
#include "deputy/rebind.h"
#include "kernel/bpf.h"

/* A step either lets the request go on, or has set its verdict and result. */
enum step { STEP_ON, STEP_END };

/* The call ends with what the kernel itself would have said: no policy was asked. */
static enum step end_with_errno(struct request *r, const char *verdict, int64_t error) {
        r->verdict = verdict;
        r->result = error;
        return STEP_END;
}

/* The caller is gone, or was never what it seemed: nothing was done. */
static enum step end_gone(struct request *r) {
        r->gone = true;
        return end_with_errno(r, "gone", -ESRCH);
}

static bool is_confirmed(const struct request *r) {
        return !r->origin->confirm || r->origin->confirm(r->origin);
}

static const char *command_name(const struct request *r) {
        const char *name = vocabulary_name(r->origin->deputy->vocabulary, NAME_COMMAND, r->origin->command);

        return name ?: "unknown";
}

/* A call that cannot be carried, for a reason that lies with us and not with the policy. */
static enum step end_uncarried(struct request *r, int verdict) {
        switch (verdict) {
        case CALL_E_UNKNOWN:
                text_append(&r->reason,
                            "command %u is newer than this bpfgrant, which does not pass on what it "
                            "does not know",
                            r->origin->command);
                return end_with_errno(r, "unknown-command", -EINVAL);
        case CALL_E_NATIVE:
                text_append(&r->reason, "%s needs no grant: call bpf(2) itself", command_name(r));
                return end_with_errno(r, "native", -EOPNOTSUPP);
        case CALL_E_TOO_LARGE:
                text_append(&r->reason, "%s: a buffer is larger than a deputy copies", command_name(r));
                return end_with_errno(r, "too-large", -E2BIG);
        default:
                text_append(&r->reason,
                            "%s in this form is not carried by this version of bpfgrant, whatever "
                            "the grant allows",
                            command_name(r));
                return end_with_errno(r, "not-carried", -EPERM);
        }
}

/*
 * Reading another process's memory or descriptors can be refused to us: the
 * process has made itself unreadable, or changed its user.
 */
static enum step end_unread(struct request *r, int error) {
        if (!is_confirmed(r))
                return end_gone(r);
        if (error == -EPERM || error == -EACCES)
                text_append(&r->reason,
                            "%s: the process cannot be read by its deputy (it has changed its user, or "
                            "is not dumpable)",
                            command_name(r));
        return end_with_errno(r, "unread", error);
}

/* The structures behind obj_get_info_by_fd hold pointers that depend on what the object is. */
static enum step decode_info(struct request *r) {
        int fd = call_fd_at(&r->call, offsetof(union bpf_attr, info.bpf_fd)), error;
        enum abi_object kind;
        uint32_t link_type = 0;

        error = bpf_object_kind(fd, &kind);
        if (error < 0)
                return end_with_errno(r, "error", error);
        if (kind == OBJECT_LINK) {
                error = bpf_link_type(fd, &link_type);
                if (error < 0)
                        return end_with_errno(r, "error", error);
        }
        error = call_capture_info(&r->call, kind, link_type, r->origin->caller);
        if (error < 0)
                return end_unread(r, error);
        if (error > 0)
                return end_uncarried(r, error);
        r->kind = kind;
        return STEP_ON;
}

static enum step decode(struct request *r) {
        const struct request_origin *o = r->origin;
        int error;

        error = call_capture(&r->call, o->command, o->attr_address, o->attr_size, o->caller);
        if (error > 0)
                return end_uncarried(r, error);
        if (error < 0)
                return end_unread(r, error);
        error = call_identify(&r->call, o->caller);
        if (error < 0)
                return end_unread(r, error);
        if (r->call.command == BPF_OBJ_GET_INFO_BY_FD) {
                enum step step = decode_info(r);

                if (step != STEP_ON)
                        return step;
        }
        return is_confirmed(r) ? STEP_ON : end_gone(r);
}

static enum step end_refused(struct request *r, enum decide_verdict verdict) {
        const struct deputy *d = r->origin->deputy;

        decide_explain(d->policy, d->vocabulary, &r->ask, verdict, &r->reason);
        return end_with_errno(r, decide_verdict_name(verdict), -EPERM);
}

static enum step decide_step(struct request *r) {
        enum decide_verdict verdict;
        int error;

        error = request_examine(r);
        if (error < 0) {
                text_append(&r->reason, "%s: what it names could not be examined: %s", command_name(r),
                            strerror(-error));
                return end_with_errno(r, "unexamined", error);
        }
        verdict = decide(r->origin->deputy->policy, &r->ask);
        return verdict == DECIDE_ALLOW ? STEP_ON : end_refused(r, verdict);
}

static enum step charge_step(struct request *r) {
        struct deputy *d = r->origin->deputy;
        enum decide_verdict verdict;

        r->charge = charge_of(&r->ask);
        verdict = ledger_charge(d->ledger, &r->charge);
        if (verdict != DECIDE_ALLOW) {
                deputy_sweep(d);
                verdict = ledger_charge(d->ledger, &r->charge);
        }
        if (verdict == DECIDE_ALLOW)
                return STEP_ON;
        r->charge = (struct charge) {}; /* nothing was taken */
        return end_refused(r, verdict);
}

static enum step bind_step(struct request *r) {
        const struct deputy *d = r->origin->deputy;
        int verdict;

        if (!r->ask.loads_program || !policy_has_reach(d->policy) || r->ask.blind_filter)
                return STEP_ON;
        verdict = call_bind(&r->call, &d->reach);
        if (verdict < 0)
                return end_with_errno(r, "error", verdict);
        if (verdict == BIND_OK)
                return STEP_ON;
        bind_explain(verdict, vocabulary_name(d->vocabulary, NAME_PROG_TYPE, r->ask.prog_type) ?: "unknown",
                     r->ask.prog_type, &r->reason);
        return end_with_errno(r, bind_verdict_name(verdict), -EPERM);
}

static enum step execute(struct request *r) {
        int error;

        request_perform(r);
        error = call_write_back(&r->call, r->origin->caller);
        if (error < 0) {
                /* As in the kernel: the caller's memory is not there, so the call has failed. */
                request_undelivered(r);
                if (!is_confirmed(r))
                        return end_gone(r);
                r->result = error;
        }
        return STEP_ON;
}

static void record_step(struct request *r) {
        struct deputy *d = r->origin->deputy;
        bool refused = r->reason.length > 0;
        struct record_entry e = {
                .grant = d->policy->name,
                .delivery = r->origin->delivery,
                .command = r->origin->command,
                .ask = &r->ask,
                .verdict = r->verdict,
                .reason = text_get(&r->reason),
                .result = r->fd >= 0 ? 0 : r->result,
                .id = r->id,
        };
        int error;

        if (d->record.fd < 0 && !refused)
                return;
        process_identify(d->proc_fd, r->origin->tid, &e.holder);
        e.duration_ns = now_ns() - r->began_ns;
        error = record_write(&d->record, &e);
        if (error < 0) {
                text_clear(&r->reason);
                text_append(&r->reason,
                            "the record cannot be written (%s), and nothing is done off the record",
                            strerror(-error));
                request_undelivered(r);
                r->verdict = "unrecorded";
                r->result = -EIO;
                e.verdict = r->verdict;
                e.reason = text_get(&r->reason);
                e.result = r->result;
                refused = true;
        }
        if (refused)
                record_say(&d->record, &e);
}

/* All that follows decoding. */
static void complete(struct request *r, enum step step) {
        if (step == STEP_ON && decide_step(r) == STEP_ON && charge_step(r) == STEP_ON &&
            bind_step(r) == STEP_ON)
                execute(r);
        /* What was charged and not made into an object is given back. */
        ledger_refund(r->origin->deputy->ledger, &r->charge);
        if (!r->gone)
                record_step(r);
}

void request_serve(struct request *r, const struct request_origin *origin) {
        enum step step;

        /* call_init() knows what of the (large) call must be set; the rest is small. */
        r->origin = origin;
        call_init(&r->call);
        r->ask = (struct ask) {.command = origin->command};
        r->charge = (struct charge) {};
        r->verdict = "allow";
        r->reason = (struct text) {};
        r->result = -EPERM;
        r->fd = -1;
        r->kind = OBJECT_ANY;
        r->id = 0;
        r->gone = false;
        r->aside = false;
        r->began_ns = now_ns();

        step = decode(r);
        if (step == STEP_ON && origin->may_go_on && !call_is_quick(&r->call) && !origin->may_go_on(origin))
                r->aside = true;
        else
                complete(r, step);
}

void request_resume(struct request *r) {
        r->aside = false;
        complete(r, STEP_ON);
}

void request_undelivered(struct request *r) {
        if (r->fd < 0)
                return;
        r->fd = fd_close(r->fd);
        if (r->kind != OBJECT_ANY)
                ledger_reap(r->origin->deputy->ledger, r->kind, r->id);
}

void request_deliver(struct request *r) {
        pthread_rwlock_rdlock(&r->origin->deputy->deliveries);
}

void request_delivered(struct request *r) {
        r->fd = fd_close(r->fd);
        call_deinit(&r->call);
        pthread_rwlock_unlock(&r->origin->deputy->deliveries);
        text_deinit(&r->reason);
}
