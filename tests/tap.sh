# SPDX-License-Identifier: LGPL-2.1-or-later
#
# TAP for the test scripts, which source this: cases in the order in which they run, and the plan at
# the end, so that a script which ends early has none and fails (tests/summary).

tap_n=0
tap_failed=0

# tap_case NAME COMMAND...: passes if the command does; what it prints is told if it does not.
tap_case() {
        tap_name=$1
        shift
        tap_n=$((tap_n + 1))
        if tap_output=$("$@" 2>&1); then
                echo "ok $tap_n - $tap_name"
        else
                echo "not ok $tap_n - $tap_name"
                printf '%s\n' "$tap_output" | sed 's/^/# /'
                tap_failed=1
        fi
}

# tap_skip NAME REASON
tap_skip() {
        tap_n=$((tap_n + 1))
        echo "ok $tap_n - $1 # SKIP $2"
}

tap_end() {
        echo "1..$tap_n"
        exit "$tap_failed"
}
