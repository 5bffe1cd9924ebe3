/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The one path. Whatever a holder wants, and however it says so, becomes a
 * request and goes through request_serve():
 *
 *   decode    the call is copied from the caller, once, and its descriptors taken
 *   decide    the policy is asked
 *   charge    the budget pays, before anything exists
 *   bind      reach is compiled into a program
 *   execute   bpf(2), with the private copy; what was made is entered in the ledger
 *   record    the line is written
 *
 * and the front end then replies. There is no other way to a privileged call.
 */

#include <stdbool.h>
#include <stdint.h>

#include "abi/call.h"
#include "deputy/deputy.h"

/* What a front end gives. */
struct request_origin {
        struct deputy *deputy;
        struct caller *caller;
        const char *delivery; /* for the record */
        pid_t tid;            /* of the holder, in our pid namespace; 0: not known */
        uint32_t command;
        uint64_t attr_address;
        uint32_t attr_size;
        /*
         * Whether what has been read so far was surely the caller's: called
         * after everything was taken from it, before anything is done. NULL
         * where the caller's memory is a message, which cannot become another's.
         */
        bool (*confirm)(const struct request_origin *origin);
        /*
         * Called when the call is decoded and may take long. False: it does not
         * go on now, nothing was done, and `aside` is set. NULL where nobody
         * waits for this thread.
         */
        bool (*may_go_on)(const struct request_origin *origin);
};

struct request {
        const struct request_origin *origin;
        struct call call;
        struct ask ask;
        struct charge charge;
        const char *verdict;  /* "allow", or a refusal's stable name */
        struct text reason;   /* the sentence of a refusal */
        int64_t result;       /* what the holder gets: >= 0, or -errno. Meaningless while fd >= 0 */
        int fd;               /* a descriptor to hand over, owned; -1: none */
        enum abi_object kind; /* of what was made or opened, with its id */
        uint32_t id;
        bool aside; /* see may_go_on() */
        bool gone;  /* the caller is not there any more: nothing was done, nothing to reply */
        uint64_t began_ns;
};

/* Never fails: what went wrong is the result. */
void request_serve(struct request *r, const struct request_origin *origin);

/* Goes on with a request that may_go_on() has held up. */
void request_resume(struct request *r);

/* Around a reply: between them its descriptors are handed over; the second one also releases the request. */
void request_deliver(struct request *r);
void request_delivered(struct request *r);

/*
 * The descriptor could not be handed over: what was made is gone with it, and
 * its charge comes back.
 */
void request_undelivered(struct request *r);
