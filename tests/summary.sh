#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# summary.sh ROOT: tests/summary counts what was tested, and takes nothing for a pass that is none.
set -eu
. "$(dirname "$0")/tap.sh"

# log RESULT STATUS STDOUT: a log of one program; \n in STDOUT ends a line.
log() {
        mkdir -p "$scratch/build/meson-logs"
        printf '{"name": "p:unit / prog", "result": "%s", "returncode": %d, "stdout": "%s"}\n' \
                "$1" "$2" "$(printf '%s' "$3" | sed 's/\\/\\\\/g; s/\\\\n/\\n/g')" >"$scratch/build/meson-logs/check.json"
}

# gives STATUS CLOSING-LINE [LINE]: what is made of that log; LINE is among what was said before.
gives() {
        status=0
        said=$(CI="${ci:-}" "$summary" "$scratch/build/meson-logs/check.json") || status=$?
        [ "$status" -eq "$1" ] && [ "$(echo "$said" | tail -n 1)" = "$2" ] &&
                { [ $# -lt 3 ] || echo "$said" | grep -qxF -- "$3"; } || {
                echo "status $status: $said"
                return 1
        }
}

summary=$1/tests/summary
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

log OK 0 '1..2\nok 1 - a\nok 2 - b\n# ok - group\n'
tap_case 'each case counts' gives 0 '2 passed, 0 failed, 0 skipped'
log OK 0 'no TAP\n'
tap_case 'a program without TAP is one case' gives 0 '1 passed, 0 failed, 0 skipped'
log FAIL 1 '1..2\nnot ok 1 - a\n# 0x1 != 0x2\nok 2 - b\n# not ok - group\n'
tap_case 'a failed case' gives 1 '1 passed, 1 failed, 0 skipped' 'failed: build: unit/prog: a'
tap_case 'and what was said of it' gives 1 '1 passed, 1 failed, 0 skipped' '    # 0x1 != 0x2'
log FAIL 134 '1..2\nok 1 - a\n'
tap_case 'a crash' gives 1 '1 passed, 1 failed, 0 skipped' '    1 cases reported, 2 planned'
log FAIL 134 'Aborted\n'
tap_case 'a crash without TAP' gives 1 '0 passed, 1 failed, 0 skipped' '    was killed by signal 6'
log OK 0 '1..3\nok 1 - a\nok 2 - b\n'
tap_case 'a case that never reported, with a good status' gives 1 '2 passed, 1 failed, 0 skipped'
log OK 0 '1..1\nok 1 - a\n# ok - g\n1..2\nok 1 - b\n'
tap_case 'the same in a second group' gives 1 '2 passed, 1 failed, 0 skipped'
log OK 0 'ok 1 - a\nok 2 - b\n1..2\n'
tap_case 'a plan at the end' gives 0 '2 passed, 0 failed, 0 skipped'
log OK 0 'ok 1 - a\nok 2 - b\n1..3\n'
tap_case 'a case that such a plan misses' gives 1 '2 passed, 1 failed, 0 skipped'
log OK 0 'ok 1 - a\n'
tap_case 'a script that ended before its plan' gives 1 '1 passed, 1 failed, 0 skipped' \
        '    1 cases reported, none planned'
log OK 0 '1..2\nok 1 - a\nok 1 - a\nok 2 - b\n'
tap_case 'a case that reported twice' gives 1 '2 passed, 1 failed, 0 skipped'
log FAIL 23 '1..1\nok 1 - a\n'
tap_case 'a bad status after good cases' gives 1 '1 passed, 1 failed, 0 skipped' '    ended with status 23'
log TIMEOUT -15 '1..1\nok 1 - a\n'
tap_case 'a time-out after good cases' gives 1 '1 passed, 1 failed, 0 skipped' '    did not end in time'
log FAIL 1 '1..2\nnot ok 0 - g [  FAILED  ] GROUP SETUP\n# ok - g\n'
tap_case 'a group whose set-up failed' gives 1 '0 passed, 2 failed, 0 skipped'
log OK 0 '1..0\n'
tap_case 'a plan of nothing' gives 1 '0 passed, 1 failed, 0 skipped'

log OK 0 '1..2\nok 1 - a\nchatter\n# skip: kernel: no tokens\nmore chatter\nnot ok 2 # SKIP b\n# ok - g\n'
tap_case 'a skip as cmocka has it' gives 0 '1 passed, 0 failed, 1 skipped' \
        'skipped: build: unit/prog: b: kernel: no tokens'
ci=true
tap_case 'a skip for the kernel'\''s sake passes in CI' gives 0 '1 passed, 0 failed, 1 skipped'
ci=
log OK 0 '1..2\nok 1 - a\nnot root\nnot ok 2 # SKIP b\n'
tap_case 'a skip for another reason' gives 0 '1 passed, 0 failed, 1 skipped' \
        'skipped: build: unit/prog: b: not root'
ci=true
tap_case 'is a failure in CI' gives 1 '1 passed, 1 failed, 0 skipped' \
        '    skipped where CI allows no skip: not root'
ci=
log OK 0 '1..2\nok 1 - a # SKIP not here\nok 2 - b\n'
tap_case 'a skip as TAP has it' gives 0 '1 passed, 0 failed, 1 skipped' \
        'skipped: build: unit/prog: a: not here'
log OK 0 '1..0 # SKIP nothing to do\n'
tap_case 'a run of skips alone tested nothing' gives 1 '0 passed, 0 failed, 1 skipped'

: >"$scratch/build/meson-logs/check.json"
tap_case 'an empty log' gives 1 '0 passed, 1 failed, 0 skipped' 'failed: build'
rm "$scratch/build/meson-logs/check.json"
tap_case 'no log' gives 1 '0 passed, 1 failed, 0 skipped'
tap_end
