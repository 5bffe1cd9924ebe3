/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as a grant file. Either there is at least one error, or there is a
 * policy that is within itself, and that printed and read again is the same.
 */

#include <assert.h>
#include <stdint.h>

#include "grant/grant_file.h"
#include "grant/narrower.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_policy(const struct policy *p, struct vocabulary *v) {
        _cleanup_text_ struct text printed = TEXT_INIT, errors = TEXT_INIT;
        _cleanup_policy_ struct policy *again = NULL;
        int r;

        policy_print(p, v, &printed);
        r = grant_file_parse(p->file, text_get(&printed), printed.length, v, &errors, &again);
        assert(r == 0);
        assert(policy_equal(p, again));
        r = policy_narrower(p, again, v, NULL);
        assert(r == 0);
        (void)policy_capabilities(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static struct vocabulary *v;
        _cleanup_text_ struct text errors = TEXT_INIT;
        _cleanup_policy_ struct policy *p = NULL;
        int r;

        if (!v) {
                r = vocabulary_new(&v, NULL, NULL);
                assert(r == 0);
        }
        r = grant_file_parse("fuzz.grant", (const char *)data, size, v, &errors, &p);
        assert(r == 0 || r == GRANT_FILE_E_INVALID);
        assert((r == 0) == (errors.length == 0));
        if (p)
                check_policy(p, v);
        return 0;
}
