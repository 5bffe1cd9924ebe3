/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A call that was decided, charged and bound is carried out: by bpf(2), or,
 * where the question is about ids, by the ledger and the steward. What was made
 * is entered in the ledger with its charge.
 */

#include "deputy/request.h"

/* Sets result, fd, kind and id, and takes the charge out of the request if it was spent. */
void request_perform(struct request *r);
