#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# examples.sh ROOT: every grant file of examples/ is one that a person can start from: bpfgrant
# ($BPFGRANT) has nothing against it, it says what it is for, it has a budget, and every type in it
# can be confined to its reach. Each check is first tried on a file that it must refuse.
set -eu
. "$(dirname "$0")/tap.sh"
: "${BPFGRANT:?names the program to test}"

# is_right FILE: no error, and nothing to say of it.
is_right() {
        said=$("$BPFGRANT" check --quiet "$1" 2>&1) && [ -z "$said" ] || {
                echo "$said"
                return 1
        }
}

# is_careful FILE: described, limited, and without a type that its reach does not hold.
is_careful() {
        bad=0
        said=$("$BPFGRANT" check "$1") || return 1
        grep -q '^description = ' "$1" || {
                echo "$1: no description"
                bad=1
        }
        echo "$said" | grep -q '^  at most  .*[0-9]' || {
                echo "$1: no budget"
                bad=1
        }
        notes=$(echo "$said" | grep '^  note .*program' | grep -v 'can read kernel memory') && {
                echo "$notes"
                bad=1
        }
        return $bad
}

not() {
        ! "$@"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/wrong.grant" <<END
[grant]
commands = map_create
maps = hush
END
cat >"$scratch/careless.grant" <<END
[grant]
commands = map_create prog_load
maps = hash
programs = socket_filter
[reach]
cgroup = /a
END

tap_case 'a wrong grant file is found' not is_right "$scratch/wrong.grant"
tap_case 'one that is right but careless is right' is_right "$scratch/careless.grant"
tap_case 'and is found to be careless, for three reasons' \
        [ "$(is_careful "$scratch/careless.grant" | wc -l)" -eq 3 ]
tap_case 'there are grant files' [ "$(ls "$1"/examples/*.grant | wc -l)" -ge 4 ]
for file in "$1"/examples/*.grant; do
        name=examples/${file##*/}
        tap_case "$name is right" is_right "$file"
        tap_case "$name is careful" is_careful "$file"
done
tap_end
